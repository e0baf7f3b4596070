import CressetNN

/// A small network of fire modules, whose head is a 1×1 convolution.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); sides of 21 pixels or more for 1.0, 17 for 1.1.
/// *Source*: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", 2016.
public final class SqueezeNet: FeatureModel {
    public let features: Sequential
    /// Dropout, the head (`classifier[1]`), its activation and the mean over the picture.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// The paper's network, and its later form that needs 2.4 times fewer operations.
    public enum Version: Sendable { case v1_0, v1_1 }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - version: Which of the two.
    ///   - classes: The number of classes.
    ///   - dropout: The probability of dropping each feature before the head.
    public init(_ version: Version, classes: Int = 1000, dropout: Double = 0.5) {
        func pool() -> MaxPool2d { MaxPool2d(3, stride: 2, ceilMode: true) }
        features =
            switch version {
            case .v1_0:
                Sequential(
                    Conv2d(3, 96, kernelSize: 7, stride: 2), ReLU(), pool(),
                    Fire(96, squeeze: 16, expand: 64), Fire(128, squeeze: 16, expand: 64),
                    Fire(128, squeeze: 32, expand: 128), pool(),
                    Fire(256, squeeze: 32, expand: 128), Fire(256, squeeze: 48, expand: 192),
                    Fire(384, squeeze: 48, expand: 192), Fire(384, squeeze: 64, expand: 256), pool(),
                    Fire(512, squeeze: 64, expand: 256))
            case .v1_1:
                Sequential(
                    Conv2d(3, 64, kernelSize: 3, stride: 2), ReLU(), pool(),
                    Fire(64, squeeze: 16, expand: 64), Fire(128, squeeze: 16, expand: 64), pool(),
                    Fire(128, squeeze: 32, expand: 128), Fire(256, squeeze: 32, expand: 128), pool(),
                    Fire(256, squeeze: 48, expand: 192), Fire(384, squeeze: 48, expand: 192),
                    Fire(384, squeeze: 64, expand: 256), Fire(512, squeeze: 64, expand: 256))
            }
        let head = Conv2d(512, classes, kernelSize: 1)
        classifier = Sequential(Dropout(dropout), head, ReLU(), AdaptiveAvgPool2d([1, 1]))
        apply { module in
            guard let convolution = module as? Conv2d else { return }
            if convolution === head {
                convolution.weight.initializeNormal(standardDeviation: 0.01)
            } else {
                convolution.weight.initializeKaimingUniform()
            }
            convolution.bias?.initializeConstant(0)
        }
    }

    public func features(of x: Tensor) -> Tensor { features(x) }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x).flattened(from: 1) }
}

/// A 1×1 convolution to few channels, and a 1×1 and a 3×3 convolution side by side to many.
public final class Fire: Layer {
    public let squeeze: Conv2d
    public let squeezeActivation = ReLU()
    public let expand1x1: Conv2d
    public let expand1x1Activation = ReLU()
    public let expand3x3: Conv2d
    public let expand3x3Activation = ReLU()

    init(_ channels: Int, squeeze narrow: Int, expand wide: Int) {
        squeeze = Conv2d(channels, narrow, kernelSize: 1)
        expand1x1 = Conv2d(narrow, wide, kernelSize: 1)
        expand3x3 = Conv2d(narrow, wide, kernelSize: 3, padding: 1)
    }

    public func forward(_ x: Tensor) -> Tensor {
        let y = squeeze(x, norm: nil, activation: squeezeActivation)
        return .concatenated(
            [
                expand1x1(y, norm: nil, activation: expand1x1Activation),
                expand3x3(y, norm: nil, activation: expand3x3Activation),
            ], axis: 1)
    }
}
