import CressetNN

/// The first Inception network, with two auxiliary heads.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); sides of 15 pixels or more.
/// *Source*: Szegedy et al., "Going Deeper with Convolutions", 2014, with batch normalisation; the branch of 5×5
/// convolutions has 3×3 ones, as in the published weights.
public final class GoogLeNet: AuxiliaryClassificationModel {
    let conv1: BasicConv2d
    let maxpool1 = MaxPool2d(3, stride: 2, ceilMode: true)
    let conv2, conv3: BasicConv2d
    let maxpool2 = MaxPool2d(3, stride: 2, ceilMode: true)
    let inception3a, inception3b: InceptionModule
    let maxpool3 = MaxPool2d(3, stride: 2, ceilMode: true)
    let inception4a, inception4b, inception4c, inception4d, inception4e: InceptionModule
    let maxpool4 = MaxPool2d(2, stride: 2, ceilMode: true)
    let inception5a, inception5b: InceptionModule
    let aux1, aux2: AuxiliaryClassifier?
    let avgpool = AdaptiveAvgPool2d([1, 1])
    let dropout: Dropout
    /// The head.
    public var fc: Linear
    public var isTraining = true
    /// Whether pictures normalised by ImageNet's mean and deviation are converted to a mean and deviation of 0.5, with
    /// which the published weights were trained.
    public var transformsInput: Bool
    public var auxiliaryWeight: Double { 0.3 }
    public var heads: [Head] {
        [aux1, aux2].compactMap { $0 }.map { Head(\.fc2, of: $0, in: self) } + [Head(\.fc, of: self)]
    }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - classes: The number of classes.
    ///   - auxiliaryHeads: Whether there are auxiliary heads.
    ///   - transformsInput: Whether pictures are converted from ImageNet's mean and deviation to 0.5.
    ///   - dropout: The probability of dropping each feature before the head.
    ///   - auxiliaryDropout: The same for the auxiliary heads.
    public init(
        classes: Int = 1000, auxiliaryHeads: Bool = true, transformsInput: Bool = false, dropout: Double = 0.2,
        auxiliaryDropout: Double = 0.7
    ) {
        self.transformsInput = transformsInput
        conv1 = BasicConv2d(3, 64, kernel: 7, stride: 2, padding: 3)
        conv2 = BasicConv2d(64, 64)
        conv3 = BasicConv2d(64, 192, kernel: 3, padding: 1)
        inception3a = InceptionModule(192, 64, (96, 128), (16, 32), pool: 32)
        inception3b = InceptionModule(256, 128, (128, 192), (32, 96), pool: 64)
        inception4a = InceptionModule(480, 192, (96, 208), (16, 48), pool: 64)
        inception4b = InceptionModule(512, 160, (112, 224), (24, 64), pool: 64)
        inception4c = InceptionModule(512, 128, (128, 256), (24, 64), pool: 64)
        inception4d = InceptionModule(512, 112, (144, 288), (32, 64), pool: 64)
        inception4e = InceptionModule(528, 256, (160, 320), (32, 128), pool: 128)
        inception5a = InceptionModule(832, 256, (160, 320), (32, 128), pool: 128)
        inception5b = InceptionModule(832, 384, (192, 384), (48, 128), pool: 128)
        aux1 = auxiliaryHeads ? AuxiliaryClassifier(512, classes: classes, dropout: auxiliaryDropout) : nil
        aux2 = auxiliaryHeads ? AuxiliaryClassifier(528, classes: classes, dropout: auxiliaryDropout) : nil
        self.dropout = Dropout(dropout)
        fc = Linear(1024, classes)
        apply { module in
            let weight = (module as? Conv2d)?.weight ?? (module as? Linear)?.weight
            weight?.initializeTruncatedNormal(standardDeviation: 0.01)
        }
    }

    public func forward(_ x: Tensor) -> Tensor { scores(x, withAuxiliary: false).main }

    public func scores(_ x: Tensor) -> (main: Tensor, auxiliary: [Tensor]) { scores(x, withAuxiliary: isTraining) }

    private func scores(_ x: Tensor, withAuxiliary: Bool) -> (main: Tensor, auxiliary: [Tensor]) {
        let x = transformsInput ? x.normalizedByHalves() : x
        let stem = maxpool2(conv3(conv2(maxpool1(conv1(x)))))
        let first = inception4a(maxpool3(inception3b(inception3a(stem))))
        let second = inception4d(inception4c(inception4b(first)))
        let last = inception5b(inception5a(maxpool4(inception4e(second))))
        let main = fc(dropout(avgpool(last).flattened(from: 1)))
        return (main, withAuxiliary ? [aux1?(first), aux2?(second)].compactMap { $0 } : [])
    }
}

/// Convolutions of several sizes side by side.
final class InceptionModule: Layer {
    let branch1: BasicConv2d
    let branch2, branch3, branch4: Sequential

    /// - Parameters:
    ///   - channels: The number of input channels.
    ///   - single: The channels of the 1×1 convolution.
    ///   - medium: The channels of a 1×1 and a 3×3 convolution.
    ///   - large: The same, in the place of the paper's 5×5 convolution.
    ///   - pool: The channels of the 1×1 convolution after the pool.
    init(_ channels: Int, _ single: Int, _ medium: (Int, Int), _ large: (Int, Int), pool: Int) {
        branch1 = BasicConv2d(channels, single)
        branch2 = Sequential(
            BasicConv2d(channels, medium.0), BasicConv2d(medium.0, medium.1, kernel: 3, padding: 1))
        branch3 = Sequential(
            BasicConv2d(channels, large.0), BasicConv2d(large.0, large.1, kernel: 3, padding: 1))
        branch4 = Sequential(MaxPool2d(3, stride: 1, padding: 1, ceilMode: true), BasicConv2d(channels, pool))
    }

    func forward(_ x: Tensor) -> Tensor {
        .concatenated([branch1(x), branch2(x), branch3(x), branch4(x)], axis: 1)
    }
}

/// An auxiliary head, beside the middle of the network.
final class AuxiliaryClassifier: Layer {
    let conv: BasicConv2d
    let fc1: Linear
    var fc2: Linear
    let dropout: Dropout

    init(_ channels: Int, classes: Int, dropout: Double) {
        conv = BasicConv2d(channels, 128)
        fc1 = Linear(128 * 4 * 4, 1024)
        fc2 = Linear(1024, classes)
        self.dropout = Dropout(dropout)
    }

    func forward(_ x: Tensor) -> Tensor {
        let y = conv(x.adaptiveAveragePool(output: [4, 4])).flattened(from: 1)
        return fc2(dropout(fc1(y, activation: ReLU())))
    }
}

extension Tensor {
    /// Pictures normalised by ImageNet's mean and deviation, as they would be if both were 0.5.
    func normalizedByHalves() -> Tensor {
        let factors = Normalize.imageNet.deviation.map { Float($0) / 0.5 }
        let offsets = Normalize.imageNet.mean.map { (Float($0) - 0.5) / 0.5 }
        return self * Tensor(factors, shape: [3, 1, 1], device: device)
            + Tensor(offsets, shape: [3, 1, 1], device: device)
    }
}
