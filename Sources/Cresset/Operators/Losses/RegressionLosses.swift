// Losses between two tensors of numbers. `reduction` says how the losses of the elements are combined.

extension Tensor {
    /// The squared difference.
    ///
    /// - Parameters:
    ///   - target: The targets, in the same shape.
    ///   - weight: A factor for each element; the mean is then divided by the sum of the factors.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func meanSquaredError(_ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean) -> Tensor {
        (autocastRaised - target).squared().reduced(by: reduction, weight: weight)
    }

    /// The absolute difference.
    ///
    /// - Parameters:
    ///   - target: The targets, in the same shape.
    ///   - weight: A factor for each loss, broadcast; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func l1Loss(_ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean) -> Tensor {
        (autocastRaised - target).abs().reduced(by: reduction, weight: weight)
    }

    /// Half the squared difference up to `delta`, beyond that delta (|difference| - delta / 2).
    ///
    /// - Parameters:
    ///   - target: The targets, in the same shape.
    ///   - delta: The difference above which the loss is linear.
    ///   - weight: A factor for each loss, broadcast; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    ///
    /// *Source*: Huber, "Robust Estimation of a Location Parameter", 1964.
    public func huberLoss(
        _ target: Tensor, delta: Double = 1, weight: Tensor? = nil, reduction: Reduction = .mean
    ) -> Tensor {
        huberLosses(target, delta: delta).reduced(by: reduction, weight: weight)
    }

    /// Half the squared difference divided by `beta` while it is below `beta`, beyond that |difference| - beta / 2.
    ///
    /// - Parameters:
    ///   - target: The targets, in the same shape.
    ///   - beta: The difference above which the loss is linear.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    ///
    /// *Source*: Girshick, "Fast R-CNN", 2015.
    public func smoothL1Loss(_ target: Tensor, beta: Double = 1, reduction: Reduction = .mean) -> Tensor {
        guard beta > 0 else { return l1Loss(target, reduction: reduction) }
        return (huberLosses(target, delta: beta) / beta).reduced(by: reduction)
    }

    private func huberLosses(_ target: Tensor, delta: Double) -> Tensor {
        let distance = (autocastRaised - target).abs()
        let near = distance.clamp(max: delta)
        return near * (distance - near * 0.5)
    }

    /// The negative log-likelihood of `target` under normal distributions with these means and `variance`.
    ///
    /// - Parameters:
    ///   - target: The targets, in the same shape.
    ///   - variance: The expected variances; they broadcast.
    ///   - isFull: Whether to add the constant log(2 pi) / 2.
    ///   - epsilon: The lower bound of the variance; no gradient passes through it where it is used.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func gaussianNLLLoss(
        _ target: Tensor, variance: Tensor, isFull: Bool = false, epsilon: Double = 1e-6, reduction: Reduction = .mean
    ) -> Tensor {
        var variance = variance
        if variance.shape != shape, Shape(shape.dropLast()) == variance.shape { variance = variance.unsqueezed(at: -1) }
        // The bound changes the value but not the derivative.
        let bounded = variance + (variance.detached().clamp(min: epsilon) - variance.detached())
        var loss = (bounded.log() + (self - target).squared() / bounded) * 0.5
        if isFull { loss = loss + 0.918_938_533_204_672_7 }
        return loss.reduced(by: reduction)
    }

    /// The negative log-likelihood of counts under Poisson distributions with these rates, or their logarithms.
    ///
    /// - Parameters:
    ///   - target: Counts of the same shape.
    ///   - isLogarithm: Whether these are the rates' logarithms.
    ///   - isFull: Whether to add Stirling's approximation of log(target!) where the target is above 1.
    ///   - epsilon: Added to the rates before their logarithm is taken.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func poissonNLLLoss(
        _ target: Tensor, isLogarithm: Bool = true, isFull: Bool = false, epsilon: Double = 1e-8,
        reduction: Reduction = .mean
    ) -> Tensor {
        let x = autocastRaised
        var loss = isLogarithm ? x.exp() - target * x : x - target * (x + epsilon).log()
        if isFull {
            let stirling = target * target.log() - target + (target * (2 * Double.pi)).log() * 0.5
            loss = loss + Tensor.select(target .<= 1, 0, stirling)
        }
        return loss.reduced(by: reduction)
    }

    /// The Kullback-Leibler divergence between the distribution `target` and the one whose logarithms these are.
    ///
    /// - Parameters:
    ///   - target: Probabilities of the same shape.
    ///   - isLogarithm: Whether `target` contains logarithms too.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func klDivergence(_ target: Tensor, isLogarithm: Bool = false, reduction: Reduction = .mean) -> Tensor {
        let (x, target) = (autocastRaised, target.autocastRaised)
        let loss = isLogarithm ? target.exp() * (target - x) : target.xlogy(target) - target * x
        return loss.reduced(by: reduction)
    }
}

extension Tensor {
    /// These losses, each multiplied by its weight, reduced as requested; the mean is divided by the sum of the
    /// weights.
    func reduced(by reduction: Reduction, weight: Tensor?) -> Tensor {
        guard let weight else { return reduced(by: reduction) }
        let weighted = self * weight
        return reduction == .mean
            ? weighted.sum() / weight.broadcast(to: weighted.shape).sum() : weighted.reduced(by: reduction)
    }
}
