import Cresset

/// The cross entropy between the softmax of scores and class labels (or probabilities).
///
/// *Shape*: scores (N, C, …) with integer labels (N, …) or probabilities (N, C, …).
public final class CrossEntropyLoss: Module {
    /// A weight for each class.
    public let weight: Buffer?
    /// A label that is ignored.
    public let ignoredIndex: Int
    public let reduction: Reduction
    /// The share of each target that is spread over all classes, from 0 to 1.
    public let labelSmoothing: Double

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - weight: A factor for each class; nil for none.
    ///   - ignoredIndex: Labels with this value are ignored.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    ///   - labelSmoothing: The share of each target that is spread evenly over all classes.
    public init(
        weight: Tensor? = nil, ignoredIndex: Int = -100, reduction: Reduction = .mean, labelSmoothing: Double = 0
    ) {
        self.weight = weight.map(Buffer.init)
        self.ignoredIndex = ignoredIndex
        self.reduction = reduction
        self.labelSmoothing = labelSmoothing
    }

    /// Traps if a label is not a class: check data when it is read.
    ///
    /// - Parameters:
    ///   - scores: The scores of the classes, (N, C, …).
    ///   - target: Class numbers, int64 (N, …), or probabilities of the scores' shape.
    public func callAsFunction(_ scores: Tensor, _ target: Tensor) -> Tensor {
        scores.crossEntropy(
            target, weight: weight?.value, ignoredIndex: ignoredIndex, reduction: reduction,
            labelSmoothing: labelSmoothing)
    }
}
