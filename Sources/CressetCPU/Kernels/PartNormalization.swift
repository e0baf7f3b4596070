import CKernels
import CressetBackend

extension CPUBackend {
    /// Normalises parts of examples independently.
    ///
    /// `x` is row-major or channels-last, and `out` has the layout of `x`.
    package func normalize(
        _ x: Operand, parts: PartNormalization, weight: Operand?, bias: Operand?, mean: Operand, scale: Operand,
        into out: Operand
    ) {
        if isWidened(x) {
            return inFloat32([x, weight, bias], results: [out]) {
                normalize(
                    $0[0]!, parts: parts, weight: $0[1], bias: $0[2], mean: mean, scale: scale, into: $1[0]!)
            }
        }
        var call = cresset_normalization(parts, x, out)
        cresset_normalize(
            &call, x.pointer, values(weight), values(bias), mean.statistics, scale.statistics, out.pointer)
    }

    /// The gradients of ``normalize(_:parts:weight:bias:mean:scale:into:)``.
    ///
    /// `gradient`, `x` and `out` have the same layout.
    package func normalizeGradient(
        _ gradient: Operand, x: Operand, parts: PartNormalization, weight: Operand?, mean: Operand, scale: Operand,
        into out: Operand, weightGradient: Operand?, biasGradient: Operand?
    ) {
        if isWidened(x) {
            return inFloat32([gradient, x, weight], results: [out]) {
                normalizeGradient(
                    $0[0]!, x: $0[1]!, parts: parts, weight: $0[2], mean: mean, scale: scale, into: $1[0]!,
                    weightGradient: weightGradient, biasGradient: biasGradient)
            }
        }
        var call = cresset_normalization(parts, x, out)
        cresset_normalize_gradient(
            &call, gradient.pointer, x.pointer, values(weight), mean.statistics, scale.statistics, out.pointer,
            weightGradient?.statistics, biasGradient?.statistics)
    }

    private func values(_ operand: Operand?) -> cresset_channel_values {
        operand.map { cresset_channel_values(values: $0.pointer, dtype: $0.dtype.rawValue) }
            ?? cresset_channel_values(values: nil, dtype: 0)
    }
}

extension cresset_normalization {
    fileprivate init(_ parts: PartNormalization, _ x: Operand, _ out: Operand) {
        let isChannelsLast = parts.plane > 1 && !x.isContiguous
        mustHold(
            isChannelsLast ? x.isChannelsLast && out.isChannelsLast : x.isContiguous && out.isContiguous,
            "normalize: operands must have the same layout, row-major or channels-last")
        self.init(
            parts: Int64(parts.count), groups: Int64(parts.groups), channels: Int64(parts.channels),
            plane: Int64(parts.plane), is_channels_last: isChannelsLast, is_centred: parts.isCentred,
            epsilon: parts.epsilon, dtype: x.dtype.rawValue)
    }
}

extension Operand {
    fileprivate var statistics: UnsafeMutablePointer<Double> {
        mustHold(dtype == .float64 && isContiguous, "normalize: statistics are float64, row-major")
        return pointer.assumingMemoryBound(to: Double.self)
    }
}
