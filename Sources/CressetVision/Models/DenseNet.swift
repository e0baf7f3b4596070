import CressetNN

/// Densely connected networks, in which every layer takes in the results of all layers before it in its block:
/// DenseNet 121, 161, 169 and 201.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); sides of 29 pixels or more.
/// *Source*: Huang et al., "Densely Connected Convolutional Networks", 2016 (DenseNet-BC).
public final class DenseNet: FeatureModel {
    public let features: Sequential
    /// The head.
    public var classifier: Linear
    public var heads: [Head] { [Head(\.classifier, of: self)] }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - growth: The number of channels that each layer adds, `k` in the paper.
    ///   - blocks: The number of layers of each block.
    ///   - initialFeatures: The number of channels of the first convolution.
    ///   - classes: The number of classes.
    ///   - dropout: The probability of dropping each number that a layer adds.
    public init(
        growth: Int = 32, blocks: [Int], initialFeatures: Int = 64, classes: Int = 1000, dropout: Double = 0
    ) {
        var layers: [(name: String, layer: any Layer)] = [
            ("conv0", Conv2d(3, initialFeatures, kernelSize: 7, stride: 2, padding: 3, bias: false)),
            ("norm0", BatchNorm2d(initialFeatures)), ("relu0", ReLU()),
            ("pool0", MaxPool2d(3, stride: 2, padding: 1)),
        ]
        var channels = initialFeatures
        for (i, count) in blocks.enumerated() {
            let block = DenseBlock(channels, growth: growth, layers: count, dropout: dropout)
            layers.append(("denseblock\(i + 1)", block))
            channels += count * growth
            if i == blocks.count - 1 { break }
            layers.append(("transition\(i + 1)", DenseNet.transition(channels)))
            channels /= 2
        }
        layers.append(("norm5", BatchNorm2d(channels)))
        features = Sequential(named: layers)
        classifier = Linear(channels, classes)
        drawWeights(ofConvolutions: { $0.initializeKaimingNormal() }, ofLinear: { _ in })
    }

    /// Half as many channels, of half the size.
    private static func transition(_ channels: Int) -> Sequential {
        Sequential(named: [
            ("norm", BatchNorm2d(channels)), ("relu", ReLU()),
            ("conv", Conv2d(channels, channels / 2, kernelSize: 1, bias: false)),
            ("pool", AvgPool2d(2, stride: 2)),
        ])
    }

    public func features(of x: Tensor) -> Tensor {
        features(x).relu().adaptiveAveragePool(output: [1, 1]).flattened(from: 1)
    }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }
}

/// Layers that each add channels to those they take in.
final class DenseBlock: Layer, CustomReflectable {
    let layers: [DenseLayer]

    init(_ channels: Int, growth: Int, layers count: Int, dropout: Double) {
        layers = (0..<count).map { DenseLayer(channels + $0 * growth, growth: growth, dropout: dropout) }
    }

    var customMirror: Mirror {
        Mirror(self, children: layers.enumerated().map { (label: "denselayer\($0 + 1)", value: $1) })
    }

    func forward(_ x: Tensor) -> Tensor { layers.reduce(x) { .concatenated([$0, $1($0)], axis: 1) } }
}

/// A 1×1 convolution to a few channels and a 3×3 convolution to fewer, each after its normalisation and activation.
final class DenseLayer: Layer {
    let norm1: BatchNorm2d
    let relu1 = ReLU()
    let conv1: Conv2d
    let norm2: BatchNorm2d
    let relu2 = ReLU()
    let conv2: Conv2d
    var isTraining = true
    let dropout: Double

    init(_ channels: Int, growth: Int, dropout: Double) {
        norm1 = BatchNorm2d(channels)
        conv1 = Conv2d(channels, 4 * growth, kernelSize: 1, bias: false)
        norm2 = BatchNorm2d(4 * growth)
        conv2 = Conv2d(4 * growth, growth, kernelSize: 3, padding: 1, bias: false)
        self.dropout = dropout
    }

    func forward(_ x: Tensor) -> Tensor {
        let y = conv1(norm1(x, adding: nil, activation: relu1), norm: norm2, activation: relu2)
        return isTraining ? conv2(y).dropout(probability: dropout) : conv2(y)
    }
}
