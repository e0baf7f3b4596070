import Cresset

/// A classifier with auxiliary heads: in training they give scores of their own, from layers in the middle, whose losses
/// are added to that of the main scores.
///
/// Calling the network gives the main scores, in training too. A training loop asks for ``scores(_:)``:
///
/// ```swift
/// let (main, auxiliary) = model.scores(x)
/// let loss = auxiliary.reduce(main.crossEntropy(labels)) { $0 + model.auxiliaryWeight * $1.crossEntropy(labels) }
/// ```
public protocol AuxiliaryClassificationModel: ClassificationModel {
    /// The factor of the loss of each auxiliary head: 0.4 for Inception v3, 0.3 for GoogLeNet.
    var auxiliaryWeight: Double { get }
    /// The main scores, and in training those of each auxiliary head; none in evaluation.
    ///
    /// - Parameter x: The input.
    func scores(_ x: Tensor) -> (main: Tensor, auxiliary: [Tensor])
}
