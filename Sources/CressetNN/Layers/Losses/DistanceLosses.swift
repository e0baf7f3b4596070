import Cresset

// Losses that rank or separate pairs and triples.

/// x where the target is 1, max(0, margin - x) where it is -1.
public final class HingeEmbeddingLoss: Loss {
    public let margin: Double
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(margin: Double = 1, reduction: Reduction = .mean) {
        self.margin = margin
        self.reduction = reduction
    }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.hingeEmbeddingLoss(target, margin: margin, reduction: reduction)
    }
}

/// max(0, -target (x - y) + margin): with a target of 1 the first should be larger.
public final class MarginRankingLoss: Module {
    public let margin: Double
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(margin: Double = 0, reduction: Reduction = .mean) {
        self.margin = margin
        self.reduction = reduction
    }

    /// The loss of pairs of scores.
    ///
    /// - Parameters:
    ///   - x: The scores of the first items.
    ///   - y: The scores of the second items.
    ///   - target: 1 where the first should be larger, -1 where the second should.
    public func callAsFunction(_ x: Tensor, _ y: Tensor, _ target: Tensor) -> Tensor {
        x.marginRankingLoss(y, target: target, margin: margin, reduction: reduction)
    }
}

/// 1 minus the cosine where the target is 1, max(0, cosine - margin) where it is -1.
///
/// *Shape*: two tensors (N, D) with a target of (N), or two of (D) with a single target.
public final class CosineEmbeddingLoss: Module {
    public let margin: Double
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - margin: The cosine up to which dissimilar vectors add no loss.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(margin: Double = 0, reduction: Reduction = .mean) {
        self.margin = margin
        self.reduction = reduction
    }

    /// The loss of pairs of vectors.
    ///
    /// - Parameters:
    ///   - x: The first vectors, (N, D) or (D).
    ///   - y: The second vectors, (N, D) or (D).
    ///   - target: 1 where the two should be similar, -1 where not.
    public func callAsFunction(_ x: Tensor, _ y: Tensor, _ target: Tensor) -> Tensor {
        x.cosineEmbeddingLoss(y, target: target, margin: margin, reduction: reduction)
    }
}

/// max(0, d(anchor, positive) - d(anchor, negative) + margin).
///
/// *Shape*: three tensors (N, D), or (D).
/// *Source*: Balntas et al., "Learning Local Feature Descriptors with Triplets", 2016.
public final class TripletMarginLoss: Module {
    public let margin, order, epsilon: Double
    public let swaps: Bool
    public let reduction: Reduction

    ///
    /// - Parameters:
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - order: The order of the norm used as distance.
    ///   - epsilon: Added to each difference.
    ///   - swaps: Whether the negative's distance to the positive is used if it is smaller.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(
        margin: Double = 1, order: Double = 2, epsilon: Double = 1e-6, swaps: Bool = false,
        reduction: Reduction = .mean
    ) {
        self.margin = margin
        self.order = order
        self.epsilon = epsilon
        self.swaps = swaps
        self.reduction = reduction
    }

    /// The loss of triples of vectors, (N, D).
    ///
    /// - Parameters:
    ///   - anchor: The vectors from which distances are measured.
    ///   - positive: The vectors that should be near.
    ///   - negative: The vectors that should be far.
    public func callAsFunction(_ anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor {
        anchor.tripletMarginLoss(
            positive: positive, negative: negative, margin: margin, order: order, epsilon: epsilon, swaps: swaps,
            reduction: reduction)
    }
}

/// ``TripletMarginLoss`` with a custom distance.
public final class TripletMarginWithDistanceLoss: Module {
    /// The distance between two tensors of the same shape, one number per row.
    public typealias Distance = @Sendable (Tensor, Tensor) -> Tensor

    public let distance: Distance
    public let margin: Double
    public let swaps: Bool
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - distance: The distance of two batches of vectors, one number for each pair.
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - swaps: Whether the distance between positive and negative is used if it is smaller.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(
        distance: @escaping Distance = { $0.pairwiseDistance($1) }, margin: Double = 1, swaps: Bool = false,
        reduction: Reduction = .mean
    ) {
        self.distance = distance
        self.margin = margin
        self.swaps = swaps
        self.reduction = reduction
    }

    /// The loss of triples of vectors.
    ///
    /// - Parameters:
    ///   - anchor: The vectors from which distances are measured.
    ///   - positive: The vectors that should be near.
    ///   - negative: The vectors that should be far.
    public func callAsFunction(_ anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor {
        let near = distance(anchor, positive)
        var far = distance(anchor, negative)
        if swaps { far = far.minimum(distance(positive, negative)) }
        let losses = (near - far + margin).clamp(min: 0)
        switch reduction {
        case .none: return losses
        case .mean: return losses.mean()
        case .sum: return losses.sum()
        }
    }
}

/// The cosine of the angle between two tensors along an axis.
public final class CosineSimilarity: Module {
    public let axis: Int
    public let epsilon: Double

    ///
    /// - Parameters:
    ///   - axis: The axis of the vectors.
    ///   - epsilon: The lower bound of the product of the lengths.
    public init(axis: Int = 1, epsilon: Double = 1e-8) {
        self.axis = axis
        self.epsilon = epsilon
    }

    /// The cosine of the angle between the vectors.
    ///
    /// - Parameters:
    ///   - x: The first vectors.
    ///   - y: The second vectors; the shapes broadcast.
    public func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
        x.cosineSimilarity(y, axis: axis, epsilon: epsilon)
    }
}

/// The norm of the difference of two tensors along the last axis.
public final class PairwiseDistance: Module {
    public let order, epsilon: Double
    public let keepsAxis: Bool

    ///
    /// - Parameters:
    ///   - order: The order of the norm: 2 for lengths, 1 for sums of absolute values.
    ///   - epsilon: Added to each difference.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    public init(order: Double = 2, epsilon: Double = 1e-6, keepsAxis: Bool = false) {
        self.order = order
        self.epsilon = epsilon
        self.keepsAxis = keepsAxis
    }

    /// The distance between the vectors.
    ///
    /// - Parameters:
    ///   - x: The first vectors.
    ///   - y: The second vectors; the shapes broadcast.
    public func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
        x.pairwiseDistance(y, order: order, epsilon: epsilon, keepsAxis: keepsAxis)
    }
}
