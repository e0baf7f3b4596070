// Losses that ask scores, or distances, to be apart by a margin.

extension Tensor {
    /// x where the target is 1, max(0, margin - x) where it is -1.
    ///
    /// - Parameters:
    ///   - target: 1 or -1, of the same shape.
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func hingeEmbeddingLoss(_ target: Tensor, margin: Double = 1, reduction: Reduction = .mean) -> Tensor {
        let pair = Tensor.broadcastTogether([autocastRaised, target.detached()])
        let (x, t) = (pair[0], pair[1])
        let far = Tensor.select(t .!= 1, (margin - x).clampedAtZero, 0)
        return (far + Tensor.select(t .!= -1, x, 0)).reduced(by: reduction)
    }

    /// max(0, -target (x - y) + margin): with a target of 1, x should be larger.
    ///
    /// - Parameters:
    ///   - y: The scores of the second items.
    ///   - target: 1 where the first should be larger, -1 where the second should.
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func marginRankingLoss(
        _ y: Tensor, target: Tensor, margin: Double = 0, reduction: Reduction = .mean
    ) -> Tensor {
        (-target * (autocastRaised - y) + margin).clampedAtZero.reduced(by: reduction)
    }

    /// 1 minus the cosine where the target is 1, max(0, cosine - margin) where it is -1.
    ///
    /// *Shape*: two tensors (N, D) with a target of (N), or two of (D) with a single target.
    ///
    /// - Parameters:
    ///   - y: The other vectors, (N, D) or (D).
    ///   - target: 1 where the two should be similar, -1 where not.
    ///   - margin: The cosine up to which dissimilar vectors add no loss.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func cosineEmbeddingLoss(
        _ y: Tensor, target: Tensor, margin: Double = 0, reduction: Reduction = .mean
    ) -> Tensor {
        let axis = rank == 1 ? 0 : 1
        let (x, y) = (autocastRaised, y.autocastRaised)
        // As in PyTorch: both squares are raised slightly above zero.
        let products = (x * y).sum(axes: [axis])
        let squares = (x.squared().sum(axes: [axis]) + 1e-12) * (y.squared().sum(axes: [axis]) + 1e-12)
        let cosine = products / squares.sqrt()
        let t = target.detached()
        let near = Tensor.select(t .== 1, 1 - cosine, 0)
        return (near + Tensor.select(t .== -1, (cosine - margin).clampedAtZero, 0)).reduced(by: reduction)
    }

    /// max(0, d(x, positive) - d(x, negative) + margin) with distances of order p.
    ///
    /// - Parameters:
    ///   - positive: The vectors that should be near.
    ///   - negative: The vectors that should be far.
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - p: The order of the distance.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - swaps: Whether the negative's distance to the positive is used if it is smaller.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    /// - Source: Balntas et al., "Learning Local Feature Descriptors with Triplets", 2016.
    public func tripletMarginLoss(
        positive: Tensor, negative: Tensor, margin: Double = 1, order p: Double = 2, epsilon: Double = 1e-6,
        swaps: Bool = false, reduction: Reduction = .mean
    ) -> Tensor {
        let (x, positive, negative) = (autocastRaised, positive.autocastRaised, negative.autocastRaised)
        let near = x.pairwiseDistance(positive, order: p, epsilon: epsilon)
        var far = x.pairwiseDistance(negative, order: p, epsilon: epsilon)
        if swaps { far = far.minimum(positive.pairwiseDistance(negative, order: p, epsilon: epsilon)) }
        return (near - far + margin).clampedAtZero.reduced(by: reduction)
    }

    /// The mean over classes of max(0, margin - x[label] + x[class])^p, excluding the label itself.
    ///
    /// *Shape*: scores (N, C) with labels (N), or (C) with one label, which may have an axis. `p` is 1 or 2; `weight`
    /// has one number per class.
    ///
    /// - Parameters:
    ///   - target: The correct class of each sample, int64 (N).
    ///   - p: The exponent of the loss, 1 or 2.
    ///   - margin: The sufficient distance: beyond it the loss is zero.
    ///   - weight: A factor for each class; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func multiMarginLoss(
        _ target: Tensor, p: Int = 1, margin: Double = 1, weight: Tensor? = nil, reduction: Reduction = .mean
    ) -> Tensor {
        if rank < 2 {
            let loss = reshaped([1, elementCount]).multiMarginLoss(
                target.reshaped([1]), p: p, margin: margin, weight: weight, reduction: reduction)
            return reduction == .none ? loss.reshaped(target.shape) : loss
        }
        guard rank == 2, target.shape == [shape[0]] else {
            fail("multiMarginLoss", "scores of shape \(shape) do not match labels of shape \(target.shape)")
        }
        let (x, labels) = (autocastRaised, target.unsqueezed(at: 1))
        var losses = (margin - x.gather(axis: 1, indices: labels) + x).clampedAtZero
        if p == 2 { losses = losses.squared() }
        if let weight { losses = losses * weight.indexSelect(axis: 0, indices: target).unsqueezed(at: 1) }
        let isOwn = Tensor.arange(shape[1], device: device) .== labels
        return (Tensor.select(isOwn, 0, losses).sum(axes: [1]) / Double(shape[1])).reduced(by: reduction)
    }

    /// The sum over labels and other classes of max(0, 1 - x[label] + x[class]), divided by the number of classes.
    ///
    /// *Shape*: scores (N, C) with targets (N, C), or (C) with (C): the labels first, terminated by -1.
    ///
    /// - Parameters:
    ///   - target: The correct classes of each sample, followed by -1, int64 (N, C).
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func multiLabelMarginLoss(_ target: Tensor, reduction: Reduction = .mean) -> Tensor {
        if rank < 2 {
            let c = elementCount
            let loss = reshaped([1, c]).multiLabelMarginLoss(target.reshaped([1, c]), reduction: reduction)
            return reduction == .none ? loss.reshaped([]) : loss
        }
        guard rank == 2, target.shape == shape else {
            fail("multiLabelMarginLoss", "scores of shape \(shape) do not match targets of shape \(target.shape)")
        }
        let c = shape[1]
        // A row's labels are those before its first -1.
        let isLabel = (target .< 0).to(.int64).cumulativeSum(axis: 1) .== 0
        let labels = Tensor.select(isLabel, target.to(.int64), 0)
        let isOwn =
            Tensor.zeros(shape, dtype: .int64, device: device)
            .scatterAdd(axis: 1, indices: labels, isLabel.to(.int64)) .> 0
        let x = autocastRaised
        let scores = x.gather(axis: 1, indices: labels)
        let losses = (1 - scores.unsqueezed(at: 2) + x.unsqueezed(at: 1)).clampedAtZero
        let counts = isLabel.unsqueezed(at: 2) .& isOwn.logicalNot().unsqueezed(at: 1)
        return (Tensor.select(counts, losses, 0).sum(axes: [1, 2]) / Double(c)).reduced(by: reduction)
    }

    /// max(x, 0) with PyTorch's derivative of one at zero.
    private var clampedAtZero: Tensor { clamp(min: 0) }
}
