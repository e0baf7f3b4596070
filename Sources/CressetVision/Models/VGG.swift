import CressetNN

/// Plain stacks of 3×3 convolutions with three linear layers: VGG 11, 13, 16 and 19, with or without batch
/// normalisation.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); sides of 32 pixels or more.
/// *Source*: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014.
public final class VGG: FeatureModel {
    public let features: Sequential
    public let avgpool = AdaptiveAvgPool2d([7, 7])
    /// Linear layers and dropout; the last one, `classifier[6]`, is the head.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// The paper's configurations A, B, D and E, by the number of layers with weights.
    public enum Depth: Int, Sendable {
        case eleven = 11, thirteen = 13, sixteen = 16, nineteen = 19

        /// The number of convolutions of each of the five stages.
        var convolutions: [Int] {
            switch self {
            case .eleven: [1, 1, 2, 2, 2]
            case .thirteen: [2, 2, 2, 2, 2]
            case .sixteen: [2, 2, 3, 3, 3]
            case .nineteen: [2, 2, 4, 4, 4]
            }
        }
    }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - depth: The number of layers with weights.
    ///   - batchNorm: Whether batch normalisation follows each convolution.
    ///   - classes: The number of classes.
    ///   - dropout: The probability of dropping each hidden feature.
    public init(_ depth: Depth, batchNorm: Bool = false, classes: Int = 1000, dropout: Double = 0.5) {
        var (layers, channels): ([any Layer], Int) = ([], 3)
        for (count, width) in zip(depth.convolutions, [64, 128, 256, 512, 512]) {
            for _ in 0..<count {
                layers.append(Conv2d(channels, width, kernelSize: 3, padding: 1))
                if batchNorm { layers.append(BatchNorm2d(width)) }
                layers.append(ReLU())
                channels = width
            }
            layers.append(MaxPool2d(2, stride: 2))
        }
        features = Sequential(layers)
        classifier = Sequential(
            Linear(512 * 7 * 7, 4096), ReLU(), Dropout(dropout),
            Linear(4096, 4096), ReLU(), Dropout(dropout),
            Linear(4096, classes))
        drawWeights(
            ofConvolutions: { $0.initializeKaimingNormal(fanOut: true) },
            ofLinear: { $0.initializeNormal(standardDeviation: 0.01) })
    }

    public func features(of x: Tensor) -> Tensor { avgpool(features(x)).flattened(from: 1) }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }
}
