// The normalisation that layers, groups and channels have in common, as one operator.

extension Tensor {
    /// Each part normalised independently, then multiplied by `weight`, plus `bias`, with one number per channel of
    /// each group.
    func normalized(
        _ parts: PartNormalization, weight: Tensor?, bias: Tensor?, _ operation: StaticString
    ) -> Tensor {
        require(sameDevice: weight, operation)
        require(sameDevice: bias, operation)
        for values in [weight, bias].compactMap({ $0 }) where values.elementCount != parts.groups * parts.channels {
            fail("\(operation)", "values of shape \(values.shape) do not fit an input of shape \(shape)")
        }
        let call = PartNormalizationCall(x: self, parts: parts, weight: weight, bias: bias)
        guard call.hasKernel else { return call.composed() }
        return call.fused(operation)
    }
}

/// One call of a normalisation: what its backward pass needs.
private struct PartNormalizationCall: Sendable {
    let x: Tensor
    let parts: PartNormalization
    let weight, bias: Tensor?

    /// Whether the backend does it in one pass.
    var hasKernel: Bool {
        x.elementCount > 0 && x.dtype.isFloatingPoint
            && [weight, bias].allSatisfy { $0 == nil || $0?.dtype == x.dtype }
    }

    /// Row-major, or channels-last if the positions of several examples are stored so.
    private func dense(_ x: Tensor, like other: Tensor) -> Tensor {
        staysChannelsLast(other) ? x.detached().channelsLast() : x.detached().contiguous()
    }

    /// One example is divided among threads only if its parts are adjacent.
    private func staysChannelsLast(_ x: Tensor) -> Bool {
        parts.plane > 1 && parts.count > parts.groups && !x.isContiguous && x.isChannelsLast
    }

    private func result() -> Tensor {
        let strides = staysChannelsLast(x) ? x.shape.channelsLastStrides : x.shape.rowMajorStrides
        return .uninitialized(x.shape, strides: strides, dtype: x.dtype, device: x.device)
    }

    func fused(_ operation: StaticString) -> Tensor {
        let out = result()
        let mean = Tensor.uninitialized([parts.count], dtype: .float64, device: x.device)
        let scale = Tensor.uninitialized([parts.count], dtype: .float64, device: x.device)
        x.backend.normalize(
            dense(x, like: x).operand, parts: parts, weight: weight?.detached().contiguous().operand,
            bias: bias?.detached().contiguous().operand, mean: mean.operand, scale: scale.operand, into: out.operand)
        let inputs = [x] + [weight, bias].compactMap { $0 }
        return out.recorded(operation, inputs) { gradient in
            let all = recordsGradients ? composedGradients(gradient) : fusedGradients(gradient, mean, scale)
            return [all.x] + (weight == nil ? [] : [all.weight]) + (bias == nil ? [] : [all.bias])
        }
    }

    private typealias Result = (x: Tensor, weight: Tensor?, bias: Tensor?)

    private func fusedGradients(_ gradient: Tensor, _ mean: Tensor, _ scale: Tensor) -> Result {
        let out = result()
        func sums() -> Tensor {
            .uninitialized([parts.groups * parts.channels], dtype: .float64, device: x.device)
        }
        let isAsked = [weight, bias].contains { $0?.requiresGradient == true }
        let (weightGradient, biasGradient) = (isAsked ? sums() : nil, isAsked ? sums() : nil)
        x.backend.normalizeGradient(
            dense(gradient, like: x).operand, x: dense(x, like: x).operand, parts: parts,
            weight: weight?.detached().contiguous().operand, mean: mean.operand, scale: scale.operand,
            into: out.operand, weightGradient: weightGradient?.operand, biasGradient: biasGradient?.operand)
        func given(_ gradient: Tensor?, of values: Tensor?) -> Tensor? {
            values.flatMap { values in gradient?.to(values.dtype).reshaped(values.shape) }
        }
        return (out, given(weightGradient, of: weight), given(biasGradient, of: bias))
    }

    // MARK: By recorded operators, for other dtypes and for derivatives of derivatives

    /// Examples, groups, channels of a group, positions.
    private var lengths: Shape {
        [parts.groups == 0 ? 0 : parts.count / parts.groups, parts.groups, parts.channels, parts.plane]
    }

    private func spread(_ values: Tensor) -> Tensor { values.reshaped([1, parts.groups, parts.channels, 1]) }

    /// (x - mean) / sqrt(variance + epsilon), and the factor of the difference.
    private func standardized() -> (normal: Tensor, scale: Tensor) {
        let x = x.reshaped(lengths)
        let centred = parts.isCentred ? x - x.mean(axes: [2, 3], keepsAxes: true) : x
        let scale = (centred.squared().mean(axes: [2, 3], keepsAxes: true) + parts.epsilon).rsqrt()
        return (centred * scale, scale)
    }

    func composed() -> Tensor {
        var result = standardized().normal
        if let weight { result = result * spread(weight) }
        if let bias { result = result + spread(bias) }
        return result.reshaped(x.shape)
    }

    private func composedGradients(_ gradient: Tensor) -> Result {
        let (normal, scale) = standardized()
        let gradient = gradient.reshaped(lengths)
        let dn = weight.map { gradient * spread($0) } ?? gradient
        var dx = dn - normal * (dn * normal).mean(axes: [2, 3], keepsAxes: true)
        if parts.isCentred { dx = dx - dn.mean(axes: [2, 3], keepsAxes: true) }
        return (
            (scale * dx).reshaped(x.shape), weight.map { (gradient * normal).sum(axes: [0, 3]).reshaped($0.shape) },
            bias.map { gradient.sum(axes: [0, 3]).reshaped($0.shape) }
        )
    }
}
