// Elements kept within bounds, each operator beside its derivative.

extension Tensor {
    /// The element where it lies between `low` and `high`, else the nearer bound. NaN stays.
    public func clamp(min low: Double? = nil, max high: Double? = nil) -> Tensor {
        let x = self
        let (a, b) = (low ?? -.infinity, high ?? .infinity)
        return pointwise(.clamp, a: a, b: b).recorded("clamp", x) {
            recordsGradients
                ? Tensor.select((x .>= a) .& (x .<= b), $0, 0) : .pointwise(.clampGradient, $0, x, a: a, b: b)
        }
    }

    /// The element where it lies between those of `low` and `high`, else the nearer bound; all three are broadcast.
    ///
    /// A bound that is used gets the gradient. Where the bounds cross, the upper one wins.
    public func clamp(min low: Tensor?, max high: Tensor?) -> Tensor {
        let x = self
        var out = x.detached()
        if let low { out = .pointwise(.maximum, out, low.detached()) }
        if let high { out = .pointwise(.minimum, out, high.detached()) }
        guard low != nil || high != nil else { return x }
        return out.recorded("clamp", [x] + [low, high].compactMap { $0 }) { gradient in
            let aboveLow = low.map { x .>= $0 }
            let belowHigh = high.map { x .<= $0 }
            let isFree = [aboveLow, belowHigh].compactMap { $0 }
            var result: [Tensor?] = [
                Tensor.select(isFree.dropFirst().reduce(isFree[0]) { $0 .& $1 }, gradient, 0).reduced(to: x)
            ]
            if let low {
                var isUsed = x .< low
                if let high { isUsed = isUsed .& (low .< high) }
                result.append(Tensor.select(isUsed, gradient, 0).reduced(to: low))
            }
            if let high {
                var isUsed = x .> high
                if let low { isUsed = isUsed .| (high .< low) }
                result.append(Tensor.select(isUsed, gradient, 0).reduced(to: high))
            }
            return result
        }
    }

    /// NaN and infinities replaced: infinities by the largest finite numbers of the dtype where nil. No gradient there.
    public func replacingNonFinite(
        nan: Double = 0, positiveInfinity: Double? = nil, negativeInfinity: Double? = nil
    ) -> Tensor {
        guard dtype.isFloatingPoint else { return self }
        let largest = dtype.largestFinite
        let x = self
        let out = Tensor.select(
            x.isNaN(), nan,
            Tensor.select(
                x .== Double.infinity, positiveInfinity ?? largest,
                Tensor.select(x .== -Double.infinity, negativeInfinity ?? -largest, x.detached())))
        return out.recorded("replacingNonFinite", x) { Tensor.select(x.isFinite(), $0, 0) }
    }

    /// The element clamped to `low`…`high`; the slope is zero at the bounds themselves.
    public func hardtanh(min low: Double = -1, max high: Double = 1) -> Tensor {
        let x = self
        return pointwise(.clamp, a: low, b: high).recorded("hardtanh", x) {
            Tensor.select((x .> low) .& (x .< high), $0, 0)
        }
    }

    /// The element clamped to 0…6.
    public func relu6() -> Tensor { hardtanh(min: 0, max: 6) }

    /// The element where it is above `threshold`, else `value`.
    public func threshold(_ threshold: Double, otherwise value: Double) -> Tensor {
        Tensor.select(self .<= threshold, value, self)
    }

    /// The element where its magnitude is above `bound`, else zero.
    public func hardshrink(_ bound: Double = 0.5) -> Tensor {
        Tensor.select((self .>= -bound) .& (self .<= bound), 0, self)
    }

    /// The element moved towards zero by `bound`, and zero where that would pass it.
    public func softshrink(_ bound: Double = 0.5) -> Tensor {
        let x = self
        return Tensor.select(x .> bound, x - bound, Tensor.select(x .< -bound, x + bound, x * 0))
    }
}

extension DType {
    /// The largest finite number.
    var largestFinite: Double {
        switch self {
        case .float64: .greatestFiniteMagnitude
        case .float16: 65504
        case .bfloat16: Double(Float(bitPattern: 0x7F7F_0000))
        default: Double(Float.greatestFiniteMagnitude)
        }
    }
}
