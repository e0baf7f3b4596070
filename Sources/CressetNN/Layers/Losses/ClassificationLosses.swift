import Cresset

/// The negated log-probability of each label.
///
/// *Shape*: log-probabilities (N, C, …) with integer labels (N, …), or (C) with one label.
public final class NLLLoss: Loss {
    /// A weight for each class.
    public let weight: Buffer?
    /// A label that is ignored.
    public let ignoredIndex: Int
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - weight: A factor for each class; nil for none.
    ///   - ignoredIndex: Labels with this value are ignored.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(weight: Tensor? = nil, ignoredIndex: Int = -100, reduction: Reduction = .mean) {
        self.weight = weight.map(Buffer.init)
        self.ignoredIndex = ignoredIndex
        self.reduction = reduction
    }

    /// Traps if a label is not a class: check data when it is read.
    ///
    /// - Parameters:
    ///   - x: The input.
    ///   - target: The expected answers.
    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.negativeLogLikelihood(target, weight: weight?.value, ignoredIndex: ignoredIndex, reduction: reduction)
    }
}

/// The cross entropy between probabilities and targets from 0 to 1, element by element.
public final class BCELoss: Loss {
    /// A factor for each element, broadcast.
    public let weight: Buffer?
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - weight: A factor for each loss, broadcast; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(weight: Tensor? = nil, reduction: Reduction = .mean) {
        self.weight = weight.map(Buffer.init)
        self.reduction = reduction
    }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.binaryCrossEntropy(target, weight: weight?.value, reduction: reduction)
    }
}

/// The cross entropy between the sigmoid of scores and targets from 0 to 1, without overflow.
public final class BCEWithLogitsLoss: Loss {
    /// A factor for each element, broadcast.
    public let weight: Buffer?
    /// A factor for the positive class, broadcast: above 1 finds more positives.
    public let posWeight: Buffer?
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - weight: A factor for each loss, broadcast; nil for none.
    ///   - positiveWeight: A factor for positive targets; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(weight: Tensor? = nil, positiveWeight: Tensor? = nil, reduction: Reduction = .mean) {
        self.weight = weight.map(Buffer.init)
        posWeight = positiveWeight.map(Buffer.init)
        self.reduction = reduction
    }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.binaryCrossEntropyWithLogits(
            target, weight: weight?.value, positiveWeight: posWeight?.value, reduction: reduction)
    }
}

/// log(1 + exp(-target x)) with targets of -1 and 1.
public final class SoftMarginLoss: Loss {
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameter reduction: How the elements' losses are combined: mean, sum, or none.
    public init(reduction: Reduction = .mean) { self.reduction = reduction }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.softMarginLoss(target, reduction: reduction)
    }
}

/// The mean over classes of max(0, margin - x[label] + x[class])^p, excluding the label itself.
///
/// *Shape*: scores (N, C) with labels (N), or (C) with one label.
public final class MultiMarginLoss: Loss {
    public let p: Int
    public let margin: Double
    /// A weight for each class.
    public let weight: Buffer?
    public let reduction: Reduction

    ///
    /// - Parameters:
    ///   - p: 1 or 2.
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - weight: A factor for each class; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(p: Int = 1, margin: Double = 1, weight: Tensor? = nil, reduction: Reduction = .mean) {
        guard p == 1 || p == 2 else { fatalError("MultiMarginLoss: p is 1 or 2, not \(p)") }
        self.p = p
        self.margin = margin
        self.weight = weight.map(Buffer.init)
        self.reduction = reduction
    }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.multiMarginLoss(target, p: p, margin: margin, weight: weight?.value, reduction: reduction)
    }
}

/// The sum over labels and other classes of max(0, 1 - x[label] + x[class]), divided by the number of classes.
///
/// *Shape*: scores (N, C) with targets (N, C), or (C) with (C): the labels first, terminated by -1.
public final class MultiLabelMarginLoss: Loss {
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameter reduction: How the elements' losses are combined: mean, sum, or none.
    public init(reduction: Reduction = .mean) { self.reduction = reduction }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.multiLabelMarginLoss(target, reduction: reduction)
    }
}

/// The mean over classes of the binary cross entropy of each.
///
/// *Shape*: scores (…, C) with targets of 0 and 1.
public final class MultiLabelSoftMarginLoss: Loss {
    /// A weight for each class.
    public let weight: Buffer?
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - weight: A factor for each class; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(weight: Tensor? = nil, reduction: Reduction = .mean) {
        self.weight = weight.map(Buffer.init)
        self.reduction = reduction
    }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.multiLabelSoftMarginLoss(target, weight: weight?.value, reduction: reduction)
    }
}
