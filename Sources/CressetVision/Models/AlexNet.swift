import CressetNN

/// AlexNet in its later form: five convolutions without groups, three linear layers.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); sides of 63 pixels or more.
/// *Source*: Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014.
public final class AlexNet: FeatureModel {
    public let features: Sequential
    public let avgpool = AdaptiveAvgPool2d([6, 6])
    /// Dropout and linear layers; the last one, `classifier[6]`, is the head.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - classes: The number of classes.
    ///   - dropout: The probability of dropping each feature before the two hidden linear layers.
    public init(classes: Int = 1000, dropout: Double = 0.5) {
        features = Sequential(
            Conv2d(3, 64, kernelSize: 11, stride: 4, padding: 2), ReLU(),
            MaxPool2d(3, stride: 2),
            Conv2d(64, 192, kernelSize: 5, padding: 2), ReLU(),
            MaxPool2d(3, stride: 2),
            Conv2d(192, 384, kernelSize: 3, padding: 1), ReLU(),
            Conv2d(384, 256, kernelSize: 3, padding: 1), ReLU(),
            Conv2d(256, 256, kernelSize: 3, padding: 1), ReLU(),
            MaxPool2d(3, stride: 2))
        classifier = Sequential(
            Dropout(dropout), Linear(256 * 6 * 6, 4096), ReLU(),
            Dropout(dropout), Linear(4096, 4096), ReLU(),
            Linear(4096, classes))
    }

    public func features(of x: Tensor) -> Tensor { avgpool(features(x)).flattened(from: 1) }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }
}
