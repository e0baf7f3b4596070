import Cresset

/// A classifier that says what its body makes of an input before anything that is drawn at random for the head, or that
/// training the head alone would change.
///
/// Features tell how alike two pictures are, and a head can be trained on them without the body:
///
/// ```swift
/// let features = withoutGradients { model.eval().features(of: pictures) }   // (N, 512) of a ResNet-18
/// let scores = model.scores(ofFeatures: features)
/// ```
///
/// Calling the network computes the features, and the scores from them.
///
/// *Source*: timm's `forward_features` and `forward_head`.
public protocol FeatureModel: ClassificationModel {
    /// What the body makes of an input.
    ///
    /// *Shape*: that of the network's input gives (N, features), or (N, channels, H, W) where the head is a convolution, as in
    /// SqueezeNet.
    ///
    /// - Parameter x: The input of the network.
    func features(of x: Tensor) -> Tensor
    /// The scores of features, with the dropout before the head in training.
    ///
    /// *Shape*: that of features gives (N, classes).
    ///
    /// - Parameter x: What ``features(of:)`` returned.
    func scores(ofFeatures x: Tensor) -> Tensor
}

extension FeatureModel {
    public func forward(_ x: Tensor) -> Tensor { scores(ofFeatures: features(of: x)) }
}
