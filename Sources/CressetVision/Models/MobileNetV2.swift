import CressetNN

/// A small network of inverted residuals: blocks that are wide inside and narrow at both ends.
///
/// *Shape*: (N, 3, H, W) gives (N, classes), for any size.
/// *Source*: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018.
public final class MobileNetV2: FeatureModel {
    public let features: Sequential
    /// Dropout and the head, `classifier[1]`.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// The paper's table 2: expansion, channels, repetitions, stride of the first.
    private static let stages = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - classes: The number of classes.
    ///   - width: The factor of the numbers of channels.
    ///   - dropout: The probability of dropping each feature before the head.
    public init(classes: Int = 1000, width: Double = 1, dropout: Double = 0.2) {
        var channels = (32 * width).channels()
        var layers: [any Layer] = [Sequential.convolution(3, channels, stride: 2, activation: ReLU6())]
        for (expansion, output, count, stride) in MobileNetV2.stages {
            for i in 0..<count {
                let output = (Double(output) * width).channels()
                layers.append(Block(channels, output, stride: i == 0 ? stride : 1, expansion: expansion))
                channels = output
            }
        }
        let last = (1280 * max(1, width)).channels()
        layers.append(Sequential.convolution(channels, last, kernel: 1, activation: ReLU6()))
        features = Sequential(layers)
        classifier = Sequential(Dropout(dropout), Linear(last, classes))
        drawWeights(
            ofConvolutions: { $0.initializeKaimingNormal(fanOut: true) },
            ofLinear: { $0.initializeNormal(standardDeviation: 0.01) })
    }

    public func features(of x: Tensor) -> Tensor {
        features(x).adaptiveAveragePool(output: [1, 1]).flattened(from: 1)
    }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }

    /// A 1×1 convolution to many channels, a 3×3 convolution of each of them, and a 1×1 convolution to few.
    final class Block: Layer {
        let conv: Sequential
        private let hasShortcut: Bool

        init(_ input: Int, _ output: Int, stride: Int, expansion: Int) {
            hasShortcut = stride == 1 && input == output
            let inner = input * expansion
            let wide = expansion == 1 ? nil : Sequential.convolution(input, inner, kernel: 1, activation: ReLU6())
            let depthwise = Sequential.convolution(inner, inner, stride: stride, groups: inner, activation: ReLU6())
            conv = Sequential(
                [wide, depthwise].compactMap { $0 }
                    + [Conv2d(inner, output, kernelSize: 1, bias: false), BatchNorm2d(output)])
        }

        static var className: String { "InvertedResidual" }
        func forward(_ x: Tensor) -> Tensor { hasShortcut ? x + conv(x) : conv(x) }
    }
}
