import CKernels
import CressetBackend

extension CPUBackend {
    /// Mean and biased variance of each channel.
    package func batchStatistics(_ x: Operand, mean: Operand, variance: Operand) {
        if isWidened(x) {
            return inFloat32([x], results: [mean, variance]) {
                batchStatistics($0[0]!, mean: $1[0]!, variance: $1[1]!)
            }
        }
        let channels = x.shape[1]
        if channels == 0 { return }
        let layout = ActivationLayout(x)
        withChannelSums(channels) { sums in
            layout.read(x) { x in
                cresset_batchnorm_statistics(layout.batchNorm, x, sums, sums + channels)
            }
            cresset_store_channels(sums, Int64(channels), mean.dtype.rawValue, mean.pointer)
            cresset_store_channels(sums + channels, Int64(channels), variance.dtype.rawValue, variance.pointer)
        }
    }

    package func moveStatistics(
        mean: Operand, variance: Operand, counter: Operand?, batchMean: Operand, batchVariance: Operand, share: Double,
        correction: Double
    ) {
        counter?.pointer.assumingMemoryBound(to: Int64.self).pointee += 1
        func move<T: BinaryFloatingPoint>(_ running: Operand, _ batch: Operand, _ factor: Double, _: T.Type) {
            let (x, y) = (
                running.pointer.assumingMemoryBound(to: T.self), batch.pointer.assumingMemoryBound(to: T.self)
            )
            let (rest, share, factor) = (T(1 - share), T(share), T(factor))
            for i in 0..<running.elementCount { x[i] = x[i] * rest + y[i] * factor * share }
        }
        if mean.dtype == .float64 {
            move(mean, batchMean, 1, Double.self)
            move(variance, batchVariance, correction, Double.self)
        } else {
            move(mean, batchMean, 1, Float.self)
            move(variance, batchVariance, correction, Float.self)
        }
    }

    /// `out = epilogue((x - mean) * rsqrt(variance + epsilon) * weight + bias + addend)`.
    ///
    /// `x` is (batch, channels, spatial…), channels-last or row-major; `out` has the same layout, and so should
    /// `addend`: otherwise it is copied. `out` may be the memory of `x` or of `addend`.
    package func batchNormalize(
        _ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double,
        addend: Operand?, epilogue: Epilogue, mask: Operand?, into out: Operand
    ) -> Bool {
        if x.elementCount == 0 { return false }
        if isWidened(x, beside: mean, variance, weight, bias) {
            return inFloat32([x, mean, variance, weight, bias, addend], results: [out]) {
                batchNormalize(
                    $0[0]!, mean: $0[1]!, variance: $0[2]!, weight: $0[3], bias: $0[4], epsilon: epsilon,
                    addend: $0[5], epilogue: epilogue, mask: mask, into: $1[0]!)
            }
        }
        let layout = ActivationLayout(x)
        mustHold(layout.matches(out), "batchNormalize: the result must have the layout of x")
        layout.read(x) { x in
            layout.read(optional: addend) { addend in
                cresset_batchnorm_normalize(
                    layout.batchNorm, x, mean.channelValues, variance.channelValues, channelValues(weight),
                    channelValues(bias), epsilon, addend, cresset_batchnorm_activation(epilogue), out.pointer)
            }
        }
        return false
    }

    package func batchNormalizeMaskSize(_ x: Operand) -> Int? { nil }

    /// The gradients of ``batchNormalize(_:mean:variance:weight:bias:epsilon:addend:epilogue:mask:into:)``.
    ///
    /// `part`, if there is one, is added to `gradient`. `result` is what it returned, needed for the epilogue's mask only if
    /// there was an addend. `usesBatch`: the mean and variance were those of `x`, so they depend on it. `addendGradient`
    /// receives the masked gradient. `out` may be the memory of `gradient`.
    package func batchNormalizeGradient(
        _ gradient: Operand, part: Operand?, x: Operand, result: Operand?, mask: Operand?, mean: Operand,
        variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue,
        into out: Operand?, weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?
    ) {
        if isWidened(x, beside: mean, variance, weight, bias) {
            let results = [out, weightGradient, biasGradient, addendGradient]
            return inFloat32([gradient, part, x, result, mean, variance, weight, bias], results: results) {
                batchNormalizeGradient(
                    $0[0]!, part: $0[1], x: $0[2]!, result: $0[3], mask: mask, mean: $0[4]!, variance: $0[5]!,
                    weight: $0[6], bias: $0[7], epsilon: epsilon, usesBatch: usesBatch, epilogue: epilogue,
                    into: $1[0], weightGradient: $1[1]!, biasGradient: $1[2]!, addendGradient: $1[3])
            }
        }
        let channels = x.shape[1]
        if channels == 0 { return }
        if x.elementCount == 0 {
            clear(weightGradient)
            clear(biasGradient)
            return
        }
        let layout = ActivationLayout(x)
        mustHold(
            out.map(layout.matches) != false && addendGradient.map(layout.matches) != false,
            "batchNormalizeGradient: the results must have the layout of x")
        withChannelSums(channels) { sums in
            layout.read(x) { x in
                layout.read(gradient) { gradient in
                    layout.read(optional: part) { part in
                        layout.read(optional: result) { result in
                            cresset_batchnorm_gradient(
                                layout.batchNorm, gradient, part, x, result, mean.channelValues,
                                variance.channelValues, channelValues(weight), channelValues(bias), epsilon, usesBatch,
                                cresset_batchnorm_activation(epilogue), out?.pointer, sums, sums + channels,
                                addendGradient?.pointer)
                        }
                    }
                }
            }
            cresset_store_channels(sums, Int64(channels), weightGradient.dtype.rawValue, weightGradient.pointer)
            cresset_store_channels(
                sums + channels, Int64(channels), biasGradient.dtype.rawValue, biasGradient.pointer)
        }
    }

    /// Two float64 numbers per channel.
    private func withChannelSums(_ channels: Int, _ body: (UnsafeMutablePointer<Double>) -> Void) {
        Self.withTemporary(byteCount: 2 * channels * 8) { body($0.assumingMemoryBound(to: Double.self)) }
    }

    private func channelValues(_ operand: Operand?) -> cresset_channel_values {
        operand?.channelValues ?? cresset_channel_values(values: nil, dtype: 0)
    }
}

extension Operand {
    fileprivate var channelValues: cresset_channel_values {
        mustHold(strides[0] == 1 || shape[0] == 1, "batch normalisation: per-channel values must be contiguous")
        return cresset_channel_values(values: pointer, dtype: dtype.rawValue)
    }
}

extension ActivationLayout {
    fileprivate var batchNorm: cresset_batchnorm_layout {
        let plane = shape.dropFirst(2).reduce(1, *)
        return isChannelsLast
            ? cresset_batchnorm_layout(
                rows: Int64(shape[0] * plane), channels: Int64(shape[1]), plane: 1, dtype: dtype.rawValue)
            : cresset_batchnorm_layout(
                rows: Int64(shape[0]), channels: Int64(shape[1]), plane: Int64(plane), dtype: dtype.rawValue)
    }
}

extension cresset_batchnorm_activation {
    fileprivate init(_ epilogue: Epilogue) {
        guard let activation = NormActivation(epilogue) else {
            mustHold(false, "batch normalisation takes no \(epilogue)")
            fatalError()
        }
        var (a, b) = (0.0, 0.0)
        if case .pointwise(_, let first, let second) = epilogue { (a, b) = (first, second) }
        self.init(
            rectifies: activation.rectifies, ceiling: activation.ceiling,
            op: activation.pointwise?.op.rawValue ?? -1, gradient: activation.pointwise?.gradient.rawValue ?? -1,
            a: a, b: b)
    }
}
