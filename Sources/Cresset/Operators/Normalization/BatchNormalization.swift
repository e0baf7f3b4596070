// Batch normalisation, with the addition and the activation that follow it in residual networks as arguments: one pass
// over memory instead of three.

extension Tensor {
    /// The mean and the biased variance of each channel, float32 (float64 for float64); not recorded.
    public func batchStatistics() -> (mean: Tensor, variance: Tensor) {
        let channels: Shape = [rank < 2 ? 0 : shape[1]]
        let type: DType = dtype == .float64 ? .float64 : .float32
        let mean = Tensor.uninitialized(channels, dtype: type, device: device)
        let variance = Tensor.uninitialized(channels, dtype: type, device: device)
        if elementCount == 0 {
            return (
                .full(channels, Double.nan, dtype: type, device: device),
                .full(channels, Double.nan, dtype: type, device: device)
            )
        }
        let x = detached().denselyChannelled
        backend.batchStatistics(x.operand, mean: mean.operand, variance: variance.operand)
        return (mean, variance)
    }

    /// Moves running statistics by `share` towards those of a batch, whose variance is first multiplied by
    /// `correction`, and adds `step` (0 or 1) to `counter`: in place if nothing else holds them.
    package static func moveStatistics(
        mean: inout Tensor, variance: inout Tensor, counting counter: inout Tensor, by step: Int, batchMean: Tensor,
        batchVariance: Tensor,
        share: Double, correction: Double
    ) {
        let type = mean.dtype
        guard type == variance.dtype, type == batchMean.dtype, type == .float32 || type == .float64 else {
            counter += step
            mean.become(mean * (1 - share) + batchMean.to(type) * share)
            variance.become(variance * (1 - share) + (batchVariance * correction).to(variance.dtype) * share)
            return
        }
        func own(_ x: inout Tensor) {
            x.makeUnique()
            x.body.storage.contentsChanged()
        }
        own(&mean)
        own(&variance)
        if step != 0 { own(&counter) }
        mean.backend.moveStatistics(
            mean: mean.operand, variance: variance.operand, counter: step == 0 ? nil : counter.operand,
            batchMean: batchMean.operand,
            batchVariance: batchVariance.operand, share: share, correction: correction)
    }

    /// Copies the elements of `value` into memory of its own, whose address does not change: recorded work refers to
    /// it.
    private mutating func become(_ value: Tensor) {
        makeUnique()
        body.storage.contentsChanged()
        backend.copy(value.operand, to: operand)
    }

    /// (x - mean) / sqrt(variance + epsilon) weight + bias, channel by channel.
    ///
    /// *Shape*: (N, C) or (N, C, spatial…), the others (C).
    ///
    /// - Parameters:
    ///   - mean: The running mean of each channel; nil if there is none.
    ///   - variance: The running variance of each channel; nil if there is none.
    ///   - weight: A factor for each channel; nil for none.
    ///   - bias: An addend for each channel; nil for none.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - usesBatch: Whether mean and variance are this tensor's own (training), so that gradients flow through them
    ///     too.
    /// - Source: Ioffe and Szegedy, "Batch Normalization", 2015.
    public func batchNormalized(
        mean: Tensor, variance: Tensor, weight: Tensor?, bias: Tensor?, epsilon: Double = 1e-5, usesBatch: Bool
    ) -> Tensor {
        batchNormalized(
            mean: mean, variance: variance, weight: weight, bias: bias, epsilon: epsilon, usesBatch: usesBatch,
            adding: nil, activation: .none)
    }

    /// The same, then the sum with `addend`, then `activation`, in one pass over memory where the device can.
    package func batchNormalized(
        mean: Tensor, variance: Tensor, weight: Tensor?, bias: Tensor?, epsilon: Double = 1e-5, usesBatch: Bool,
        adding addend: Tensor?, activation: Epilogue
    ) -> Tensor {
        if shape == [0] && mean.shape == [0] { return self * 1 }
        guard rank >= 2, rank <= 5, mean.shape == [shape[1]], dtype.isFloatingPoint else {
            fail(
                "batchNormalized", "an input of shape \(shape) and statistics of shape \(mean.shape) do not match",
                hint: "axis 1 of the input must be the channels")
        }
        if let addend, addend.shape != shape || addend.dtype != dtype {
            // The sum is broadcast, or of another type.
            let normal = batchNormalized(
                mean: mean, variance: variance, weight: weight, bias: bias, epsilon: epsilon, usesBatch: usesBatch)
            return (normal + addend).applying(activation)
        }
        for values in [variance, weight, bias].compactMap({ $0 }) {
            require(sameDevice: values, "batchNormalized")
            if values.shape != mean.shape {
                fail("batchNormalized", "values of shape \(values.shape) do not fit \(shape[1]) channels")
            }
        }
        require(sameDevice: mean, "batchNormalized")
        require(sameDevice: addend, "batchNormalized")
        // The gradient of an activation that hides what was there before it is computed from that, without an addend.
        if !fuses(activation, after: .batchNormalization) || addend != nil && !activation.followsFromResult {
            return batchNormalized(
                mean: mean, variance: variance, weight: weight, bias: bias, epsilon: epsilon, usesBatch: usesBatch,
                adding: addend, activation: .none
            ).applying(activation)
        }
        let call = BatchNormalization(
            x: self, mean: mean.detached().contiguous(), variance: variance.detached().contiguous(), weight: weight,
            bias: bias, epsilon: epsilon, usesBatch: usesBatch, addend: addend, activation: activation)
        let inputs = [self] + [weight, bias, addend].compactMap { $0 }
        guard inputs.contains(where: \.requiresGradient), Mode.current.records else {
            return call.forward(recordsMask: false).out
        }
        // The activation's mask is derived from the result only if an addend hides it.
        let isHidden = activation != .none && addend != nil
        let (out, mask) = call.forward(recordsMask: isHidden)
        let saved: Tensor? = isHidden ? out : nil
        let result = out.recordedInParts("batchNormalized", inputs) { gradient, part in
            let all =
                recordsGradients
                ? call.composedGradients(gradient)
                : call.fusedGradients(gradient, part: part, result: saved, mask: mask)
            return [all.x] + (weight == nil ? [] : [all.weight]) + (bias == nil ? [] : [all.bias])
                + (addend == nil ? [] : [all.addend])
        }
        // Made from its input when a convolution needs it, which its own rule reads next: in all about as much traffic as
        // keeping it. On a GPU that was not measured.
        if addend == nil, device == .cpu {
            result.body.edge?.node.rematerialization = Rematerialization(of: result) {
                call.forward(recordsMask: false).out
            }
        }
        return result
    }

    /// Whether nothing else holds its memory, so that a result of the type and layout of `x` may take it.
    fileprivate mutating func becomesSpare(like x: Tensor) -> Bool {
        guard ownsMemory(), dtype == x.dtype, rank < 3 ? isContiguous : isChannelsLast else { return false }
        body.storage.contentsChanged()
        return true
    }

    /// Channels-last, or row-major if there are no spatial axes.
    fileprivate var denselyChannelled: Tensor { rank < 3 ? contiguous() : channelsLast() }
}

/// One call of batch normalisation: what its backward pass needs.
private struct BatchNormalization: Sendable {
    let x, mean, variance: Tensor
    let weight, bias: Tensor?
    let epsilon: Double
    let usesBatch: Bool
    let addend: Tensor?
    let activation: Epilogue

    typealias Result = (x: Tensor?, weight: Tensor?, bias: Tensor?, addend: Tensor?)

    private func empty(like x: Tensor) -> Tensor {
        let strides = x.rank < 3 ? x.shape.rowMajorStrides : x.shape.channelsLastStrides
        return .uninitialized(x.shape, strides: strides, dtype: x.dtype, device: x.device)
    }

    /// The result and, if requested and possible, which elements the rectifier let through.
    func forward(recordsMask: Bool) -> (out: Tensor, mask: Tensor?) {
        let out = empty(like: x)
        let x = x.detached().denselyChannelled
        let mask = (recordsMask ? x.backend.batchNormalizeMaskSize(x.operand) : nil).map {
            Tensor.uninitialized([$0], dtype: .uint8, device: x.device)
        }
        let isRecorded = x.backend.batchNormalize(
            x.operand, mean: mean.operand, variance: variance.operand,
            weight: weight?.detached().contiguous().operand, bias: bias?.detached().contiguous().operand,
            epsilon: epsilon, addend: addend?.detached().denselyChannelled.operand, epilogue: activation,
            mask: mask?.operand, into: out.operand)
        return (out, isRecorded ? mask : nil)
    }

    func fusedGradients(_ gradient: consuming Tensor, part: Tensor?, result: Tensor?, mask: Tensor?) -> Result {
        // Without a mask and a second part it is the gradient itself.
        let da: Tensor? =
            addend?.requiresGradient == true && (activation != .none || part != nil) ? empty(like: x) : nil
        var gradient = gradient.denselyChannelled
        let isSpare = x.device == .cpu && (da != nil || addend?.requiresGradient != true)
        let dx: Tensor? =
            !x.requiresGradient ? nil : isSpare && gradient.becomesSpare(like: x) ? gradient : empty(like: x)
        let dw = Tensor.uninitialized(mean.shape, dtype: mean.dtype, device: x.device)
        let db = Tensor.uninitialized(mean.shape, dtype: mean.dtype, device: x.device)
        x.backend.batchNormalizeGradient(
            gradient.operand, part: part?.denselyChannelled.operand,
            x: x.detached().denselyChannelled.operand, result: result?.operand, mask: mask?.operand,
            mean: mean.operand, variance: variance.operand, weight: weight?.detached().contiguous().operand,
            bias: bias?.detached().contiguous().operand, epsilon: epsilon, usesBatch: usesBatch, epilogue: activation,
            into: dx?.operand, weightGradient: dw.operand, biasGradient: db.operand, addendGradient: da?.operand)
        return (
            dx, weight.map { dw.to($0.dtype) }, bias.map { db.to($0.dtype) },
            addend?.requiresGradient == true ? da ?? gradient : nil
        )
    }

    /// The same with recorded operators, for higher derivatives.
    func composedGradients(_ gradient: Tensor) -> Result {
        let axes = [0] + Array(2..<x.rank)
        let lengths = Shape([1, x.shape[1]] + [Int](repeating: 1, count: x.rank - 2))
        func spread(_ t: Tensor) -> Tensor { t.reshaped(lengths) }
        let m = usesBatch ? x.mean(axes: axes, keepsAxes: true) : spread(mean)
        let centred = x - m
        let v = usesBatch ? centred.squared().mean(axes: axes, keepsAxes: true) : spread(variance)
        let scale = (v + epsilon).rsqrt()
        let normal = centred * scale
        var g = gradient
        if activation != .none {
            var y = normal
            if let weight { y = y * spread(weight) }
            if let bias { y = y + spread(bias) }
            if let addend { y = y + addend }
            g = g.gradient(before: activation, at: y)
        }
        let dn = weight.map { g * spread($0) } ?? g
        let dx =
            usesBatch
            ? scale
                * (dn - dn.mean(axes: axes, keepsAxes: true) - normal * (dn * normal).mean(axes: axes, keepsAxes: true))
            : scale * dn
        return (
            x.requiresGradient ? dx : nil, weight == nil ? nil : (g * normal).sum(axes: axes),
            bias == nil ? nil : g.sum(axes: axes), addend == nil ? nil : g
        )
    }
}
