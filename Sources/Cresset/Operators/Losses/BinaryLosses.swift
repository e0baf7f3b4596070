// Losses of yes or no, for one question or for several.

extension Tensor {
    /// The cross entropy between these probabilities and targets from 0 to 1; logarithms are bounded below by -100.
    ///
    /// - Parameters:
    ///   - target: Numbers from 0 to 1, of the same shape.
    ///   - weight: A factor for each loss, broadcast; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func binaryCrossEntropy(_ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean) -> Tensor {
        guard target.shape == shape else {
            fail("binaryCrossEntropy", "probabilities of shape \(shape) do not match targets of shape \(target.shape)")
        }
        let (x, y) = (autocastRaised, target.autocastRaised)
        let p = x.detached()
        let (yes, no) = (p.log().clamp(min: -100), (-p).log1p().clamp(min: -100))
        let t = y.detached()
        let value = (t - 1) * no - t * yes
        let loss = value.recorded(
            "binaryCrossEntropy", x, y,
            { $0 * (x - y) / ((1 - x) * x).clamp(min: 1e-12) }, { $0 * ((1 - x).log() - x.log()) })
        return (weight.map { loss * $0 } ?? loss).reduced(by: reduction)
    }

    /// The cross entropy between the sigmoid of these scores and targets from 0 to 1, without overflow.
    ///
    /// - Parameters:
    ///   - target: Numbers from 0 to 1, of the same shape.
    ///   - weight: A factor for each loss, broadcast; nil for none.
    ///   - positiveWeight: A factor for positive targets, broadcast: above 1 more of them are found.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func binaryCrossEntropyWithLogits(
        _ target: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil, reduction: Reduction = .mean
    ) -> Tensor {
        guard target.shape == shape else {
            fail(
                "binaryCrossEntropyWithLogits", "scores of shape \(shape) do not match targets of shape \(target.shape)"
            )
        }
        let (x, target) = (autocastRaised, target.autocastRaised)
        let all = [x, target, weight, positiveWeight].compactMap { $0 }
        if all.allSatisfy(\.isShort) {
            let type = all.reduce(x.dtype) { $0.promoted(with: $1.dtype) }
            return x.to(.float32).binaryCrossEntropyWithLogits(
                target.to(.float32), weight: weight?.to(.float32), positiveWeight: positiveWeight?.to(.float32),
                reduction: reduction
            ).to(type)
        }
        var loss = (1 - target) * x
        if let positiveWeight {
            loss = loss - ((positiveWeight - 1) * target + 1) * x.logSigmoid()
        } else {
            loss = loss - x.logSigmoid()
        }
        return (weight.map { loss * $0 } ?? loss).reduced(by: reduction)
    }

    /// log(1 + exp(-target x)) with targets of -1 and 1.
    ///
    /// - Parameters:
    ///   - target: 1 or -1, of the same shape.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func softMarginLoss(_ target: Tensor, reduction: Reduction = .mean) -> Tensor {
        (-(target * autocastRaised)).softplus(threshold: 30).reduced(by: reduction)
    }

    /// The mean over classes of the binary cross entropy of each.
    ///
    /// *Shape*: scores (…, C) with targets of 0 and 1; `weight` has one number per class.
    ///
    /// - Parameters:
    ///   - target: 0 or 1 for each class, (N, C).
    ///   - weight: A factor for each class; nil for none.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func multiLabelSoftMarginLoss(_ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean)
        -> Tensor
    {
        var loss = -(target * logSigmoid() + (1 - target) * (-self).logSigmoid())
        if let weight { loss = loss * weight }
        return loss.mean(axes: [-1]).reduced(by: reduction)
    }
}
