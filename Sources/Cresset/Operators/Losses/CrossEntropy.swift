// Losses of class scores.

extension Tensor {
    /// The cross entropy between the softmax of these scores and class labels.
    ///
    /// *Shape*: scores (N, C) or (N, C, …) with integer labels of (N) or (N, …), or probabilities of the scores' shape;
    /// (C) with a single label.
    ///
    /// - Parameters:
    ///   - target: Class numbers, int64 (N, …), or probabilities of the scores' shape.
    ///   - weight: A weight for each class; the mean is weighted too.
    ///   - ignoredIndex: A label that is ignored.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    ///   - labelSmoothing: The share, 0 to 1, of each target that is spread evenly over all classes.
    /// - Source: `torch.nn.functional.cross_entropy`. Traps if a label is outside 0..<C: check data when it is read.
    public func crossEntropy(
        _ target: Tensor, weight: Tensor? = nil, ignoredIndex: Int = -100, reduction: Reduction = .mean,
        labelSmoothing: Double = 0
    ) -> Tensor {
        let axis = rank == 1 ? 0 : 1
        let logs = autocastRaised.logSoftmax(axis: axis)
        if target.dtype.isFloatingPoint {
            return logs.crossEntropy(probabilities: target, weight, reduction, labelSmoothing, axis: axis)
        }
        let loss = logs.negativeLogLikelihood(target, weight: weight, ignoredIndex: ignoredIndex, reduction: reduction)
        if labelSmoothing == 0 { return loss }
        let classes = Double(shape[axis])
        let (mask, total) = logs.labelWeights(target, weight, ignoredIndex, axis: axis)
        var smooth = -(weight.map { logs * $0.alongChannels(of: logs, axis: axis) } ?? logs).sum(axes: [axis])
        smooth = Tensor.select(mask, smooth, 0)
        let spread =
            switch reduction {
            case .none: smooth
            case .sum: smooth.sum()
            case .mean: smooth.sum() / total
            }
        return loss * (1 - labelSmoothing) + spread * (labelSmoothing / classes)
    }

    private func crossEntropy(
        probabilities: Tensor, _ weight: Tensor?, _ reduction: Reduction, _ smoothing: Double, axis: Int
    ) -> Tensor {
        guard probabilities.shape == shape else {
            fail("crossEntropy", "scores of shape \(shape) do not match probabilities of shape \(probabilities.shape)")
        }
        let target = smoothing == 0 ? probabilities : probabilities * (1 - smoothing) + smoothing / Double(shape[axis])
        var loss = self * target
        if let weight { loss = loss * weight.alongChannels(of: self, axis: axis) }
        let each = -loss.sum(axes: [axis])
        return reduction == .mean ? each.sum() / Double(Swift.max(1, each.elementCount)) : each.reduced(by: reduction)
    }

    /// The negated log-probability of each label.
    ///
    /// *Shape*: see ``crossEntropy(_:weight:ignoredIndex:reduction:labelSmoothing:)``, with log-probabilities as
    /// scores.
    ///
    /// - Parameters:
    ///   - target: Class numbers, int64 (N, …).
    ///   - weight: A factor for each class; nil for none.
    ///   - ignoredIndex: Labels with this value are ignored.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public func negativeLogLikelihood(
        _ target: Tensor, weight: Tensor? = nil, ignoredIndex: Int = -100, reduction: Reduction = .mean
    ) -> Tensor {
        let axis = rank == 1 ? 0 : 1
        let raised = autocastRaised
        if raised.dtype != dtype {
            return raised.negativeLogLikelihood(
                target, weight: weight, ignoredIndex: ignoredIndex, reduction: reduction)
        }
        guard rank >= 1, target.shape == (rank == 1 ? [] : shape.removing(at: 1)) else {
            fail(
                "negativeLogLikelihood", "scores of shape \(shape) do not match labels of shape \(target.shape)",
                hint: "labels must have the scores' shape without the class axis")
        }
        require(sameDevice: target, "negativeLogLikelihood")
        require(sameDevice: weight, "negativeLogLikelihood")
        let (known, isWhole) = target.classes(count: shape[axis], ignoring: ignoredIndex)
        if isWhole && weight == nil {
            return (-gathered(byKnown: known.unsqueezed(at: axis), axis: axis).squeezed(axis: axis)).reduced(
                by: reduction)
        }
        let (mask, total) = labelWeights(target, weight, ignoredIndex, axis: axis)
        let labels = device == .cpu ? Tensor.select(mask, known, 0) : known
        var loss = -gathered(byKnown: labels.unsqueezed(at: axis), axis: axis).squeezed(axis: axis)
        if let weight { loss = loss * weight.slices(labels.reshaped([-1]), axis: 0).reshaped(loss.shape) }
        loss = Tensor.select(mask, loss, 0)
        switch reduction {
        case .none: return loss
        case .sum: return loss.sum()
        case .mean: return loss.sum() / total
        }
    }

    /// Traps unless all labels are classes or ignored; returns them as int64, and whether none is ignored.
    ///
    /// On a GPU nothing waits to find out: the trap comes later, and ignored labels are returned as 0.
    private func classes(count: Int, ignoring ignoredIndex: Int) -> (labels: Tensor, isWhole: Bool) {
        let labels = detached().to(.int64)
        guard elementCount > 0 else { return (labels, false) }
        let rule = IndexRule("crossEntropy", count: count, kind: .label(ignored: ignoredIndex))
        if device != .cpu { return (labels.checked(by: rule), false) }
        let isWhole = labels.withUnsafeBytes { bytes in
            var isWhole = true
            for label in bytes.bindMemory(to: Int64.self) where label < 0 || label >= count || label == ignoredIndex {
                guard label == ignoredIndex else { fail(rule.error(for: Int(label))) }
                isWhole = false
            }
            return isWhole
        }
        return (labels, isWhole)
    }

    /// Which labels are not ignored, and the sum of their weights.
    private func labelWeights(
        _ target: Tensor, _ weight: Tensor?, _ ignoredIndex: Int, axis: Int
    ) -> (mask: Tensor, total: Tensor) {
        let mask = target .!= ignoredIndex
        if let weight, weight.shape != [shape[axis]] {
            fail("crossEntropy", "class weights of shape \(weight.shape) do not fit \(shape[axis]) classes")
        }
        guard let weight else { return (mask, mask.to(dtype).sum()) }
        let labels = Tensor.select(mask, target.to(.int64), 0)
        let each = weight.detached().indexSelect(axis: 0, indices: labels.reshaped([-1])).reshaped(target.shape)
        return (mask, Tensor.select(mask, each, 0).sum())
    }

    private func alongChannels(of x: Tensor, axis: Int) -> Tensor {
        reshaped(Shape((0..<x.rank).map { $0 == axis ? elementCount : 1 }))
    }
}
