// Operators that keep elements within bounds, each next to its derivative.

extension Tensor {
    /// The element if it is between `low` and `high`, otherwise the nearer bound. NaN stays NaN.
    ///
    /// The derivative is zero at the bounds themselves.
    public func clamp(min low: Double? = nil, max high: Double? = nil) -> Tensor {
        let x = self
        let (a, b) = (low ?? -.infinity, high ?? .infinity)
        return pointwise(.clamp, a: a, b: b).recorded("clamp", x) { gradient in
            if !recordsGradients { return .pointwise(.clampGradient, gradient, x, a: a, b: b) }
            var isFree: Tensor = .ones([], dtype: .bool, device: x.device)
            if low != nil { isFree = isFree .& (x .> a) }
            if high != nil { isFree = isFree .& (x .< b) }
            return Tensor.select(isFree, gradient, 0)
        }
    }

    /// The element if it is between those of `low` and `high`, otherwise the nearer bound; all three are broadcast.
    ///
    /// A bound that is used gets the gradient, and half of it if the element is equal to it. If the bounds cross, the
    /// upper one wins.
    public func clamp(min low: Tensor?, max high: Tensor?) -> Tensor {
        let x = self
        switch (low, high) {
        case (nil, nil): return x
        case (let low?, nil): return x.maximum(low)
        case (nil, let high?): return x.minimum(high)
        case (let low?, let high?):
            let out = Tensor.pointwise(
                .minimum, .pointwise(.maximum, x.detached(), low.detached()), high.detached())
            return out.recorded("clamp", [x, low, high]) { gradient in
                let (half, isRange) = (gradient * 0.5, low .< high)
                let (isLow, isHigh) = ((x .== low) .& isRange, (x .== high) .& isRange)
                let isBound = (x .< low) .| (x .> high)
                let isAbove = ((x .> high) .& (low .<= high)) .| (high .< low)
                return [
                    Tensor.select(isLow .| isHigh, half, Tensor.select(isBound, 0, gradient)).reduced(to: x),
                    Tensor.select(isLow, half, Tensor.select((x .< low) .& (low .<= high), gradient, 0))
                        .reduced(to: low),
                    Tensor.select(isHigh, half, Tensor.select(isAbove, gradient, 0)).reduced(to: high),
                ]
            }
        }
    }

    /// NaN and infinities replaced: infinities by the largest finite numbers of the dtype if nil. They get no gradient.
    ///
    /// - Parameters:
    ///   - nan: The replacement for NaN.
    ///   - positiveInfinity: The replacement for infinity; nil for the type's largest number.
    ///   - negativeInfinity: The replacement for negative infinity; nil for the type's smallest number.
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

    /// The element clamped to `low`…`high`; the derivative is zero at the bounds themselves.
    public func hardtanh(min low: Double = -1, max high: Double = 1) -> Tensor {
        pointwise(.clamp, a: low, b: high).recordedWithResult("hardtanh", self) {
            $0.gradient(before: .pointwise(.clamp, a: low, b: high), of: $1)
        }
    }

    /// The element clamped to 0…6.
    public func relu6() -> Tensor { hardtanh(min: 0, max: 6) }

    /// The element if it is above `threshold`, otherwise `value`.
    public func threshold(_ threshold: Double, otherwise value: Double) -> Tensor {
        Tensor.select(self .<= threshold, .full([], value, dtype: dtype, device: device), self)
    }

    /// The element if its magnitude is above `bound`, otherwise zero.
    public func hardshrink(_ bound: Double = 0.5) -> Tensor {
        Tensor.select((self .>= -bound) .& (self .<= bound), 0, self)
    }

    /// The element moved towards zero by `bound`, without crossing zero.
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
