// Functions of one element, each next to its derivative.

extension Tensor {
    /// The absolute value. The derivative at zero is zero.
    public func abs() -> Tensor { let x = self; return pointwise(.absolute).recorded("abs", x) { $0 * x.sign() } }
    /// -1, 0 or 1.
    public func sign() -> Tensor { let x = self; return pointwise(.sign).recorded("sign", x) { .zeros(like: $0) } }
    /// The square.
    public func squared() -> Tensor {
        let x = dtype == .bool ? to(.int64) : self
        return x.pointwise(.square).recorded("squared", x) { $0 * (x * 2) }
    }
    /// Rounded down. The derivative is zero, as for ``ceil()``, ``round()`` and ``trunc()``.
    public func floor() -> Tensor { pointwise(.floor).recorded("floor", self) { .zeros(like: $0) } }
    /// Rounded up.
    public func ceil() -> Tensor { pointwise(.ceil).recorded("ceil", self) { .zeros(like: $0) } }
    /// Rounded to the nearest integer, ties to the even one.
    public func round() -> Tensor { pointwise(.round).recorded("round", self) { .zeros(like: $0) } }
    /// Rounded towards zero.
    public func trunc() -> Tensor { pointwise(.trunc).recorded("trunc", self) { .zeros(like: $0) } }

    /// The square root.
    public func sqrt() -> Tensor {
        pointwise(.squareRoot).recordedWithResult("sqrt", self) { $0 / ($1 * 2) }
    }
    /// The square root of a sum of squares: if that is zero, the derivative counts as zero.
    func rootOfSquares() -> Tensor {
        pointwise(.squareRoot).recordedWithResult("sqrt", self) {
            // Zero is kept out of the division, whose derivative would not be a number.
            let isZero = $1.detached() .== 0
            return Tensor.select(isZero, 0, $0 / (Tensor.select(isZero, 1, $1) * 2))
        }
    }
    /// One divided by the square root.
    public func rsqrt() -> Tensor {
        pointwise(.reciprocalSquareRoot).recordedWithResult("rsqrt", self) { $0 * (-0.5 * $1 * $1 * $1) }
    }
    /// One divided by the element.
    public func reciprocal() -> Tensor {
        pointwise(.reciprocal).recordedWithResult("reciprocal", self) { -$0 * $1 * $1 }
    }

    /// e to the power of the element.
    public func exp() -> Tensor { pointwise(.exp).recordedWithResult("exp", self) { $0 * $1 } }
    /// 2 to the power of the element.
    public func exp2() -> Tensor {
        pointwise(.exp2).recordedWithResult("exp2", self) { $0 * $1 * 0.693_147_180_559_945_3 }
    }
    /// e to the power of the element, minus 1, accurate near zero.
    public func expm1() -> Tensor { pointwise(.expm1).recordedWithResult("expm1", self) { $0 * ($1 + 1) } }
    /// The natural logarithm.
    public func log() -> Tensor { let x = self; return pointwise(.log).recorded("log", x) { $0 / x } }
    /// The logarithm to base 2.
    public func log2() -> Tensor {
        let x = self
        return pointwise(.log2).recorded("log2", x) { $0 / (x * 0.693_147_180_559_945_3) }
    }
    /// The logarithm to base 10.
    public func log10() -> Tensor {
        let x = self
        return pointwise(.log10).recorded("log10", x) { $0 / (x * 2.302_585_092_994_045_7) }
    }
    /// The logarithm of 1 plus the element, accurate near zero.
    public func log1p() -> Tensor { let x = self; return pointwise(.log1p).recorded("log1p", x) { $0 / (x + 1) } }

    public func sin() -> Tensor { let x = self; return pointwise(.sin).recorded("sin", x) { $0 * x.cos() } }
    public func cos() -> Tensor { let x = self; return pointwise(.cos).recorded("cos", x) { -$0 * x.sin() } }
    public func tan() -> Tensor { pointwise(.tan).recordedWithResult("tan", self) { $0 * ($1 * $1 + 1) } }
    public func asin() -> Tensor {
        let x = self
        return pointwise(.asin).recorded("asin", x) { $0 * (1 - x * x).rsqrt() }
    }
    public func acos() -> Tensor {
        let x = self
        return pointwise(.acos).recorded("acos", x) { -$0 * (1 - x * x).rsqrt() }
    }
    public func atan() -> Tensor { let x = self; return pointwise(.atan).recorded("atan", x) { $0 / (x * x + 1) } }
    public func sinh() -> Tensor { let x = self; return pointwise(.sinh).recorded("sinh", x) { $0 * x.cosh() } }
    public func cosh() -> Tensor { let x = self; return pointwise(.cosh).recorded("cosh", x) { $0 * x.sinh() } }
    public func tanh() -> Tensor {
        pointwise(.tanh).recordedWithResult("tanh", self) { $0.gradient(before: .pointwise(.tanh), of: $1) }
    }
    public func asinh() -> Tensor {
        let x = self
        return pointwise(.asinh).recorded("asinh", x) { $0 * (x * x + 1).rsqrt() }
    }
    public func acosh() -> Tensor {
        let x = self
        return pointwise(.acosh).recorded("acosh", x) { $0 * (x * x - 1).rsqrt() }
    }
    public func atanh() -> Tensor { let x = self; return pointwise(.atanh).recorded("atanh", x) { $0 / (1 - x * x) } }
    /// The angle of the point (`x`, self), between -pi and pi.
    public func atan2(_ x: Tensor) -> Tensor {
        let y = self
        return .pointwise(.atan2, y, x).recorded(
            "atan2", y, x, { ($0 * x * y.reciprocalSquares(x)).reduced(to: y) },
            { (-$0 * y * y.reciprocalSquares(x)).reduced(to: x) })
    }

    /// 1 / (x² + y²), and 0 where both are zero, since an undefined angle has no derivative.
    private func reciprocalSquares(_ other: Tensor) -> Tensor {
        let squares = self * self + other * other
        return Tensor.select(squares .== 0, 0, squares.reciprocal())
    }

    /// 1 / (1 + exp(-x)).
    public func sigmoid() -> Tensor {
        pointwise(.sigmoid).recordedWithResult("sigmoid", self) { $0.gradient(before: .pointwise(.sigmoid), of: $1) }
    }
    /// The Gauss error function.
    public func erf() -> Tensor {
        let x = self
        return pointwise(.erf).recorded("erf", x) { $0 * (-(x * x)).exp() * 1.128_379_167_095_512_6 }
    }
    /// 1 minus the Gauss error function.
    public func erfc() -> Tensor {
        let x = self
        return pointwise(.erfc).recorded("erfc", x) { -$0 * (-(x * x)).exp() * 1.128_379_167_095_512_6 }
    }
    /// The inverse of the Gauss error function.
    public func erfinv() -> Tensor {
        pointwise(.erfinv).recordedWithResult("erfinv", self) { $0 * ($1 * $1).exp() * 0.886_226_925_452_758 }
    }

    /// log(x / (1 - x)), the inverse of the sigmoid; elements are first clamped to epsilon…1 - epsilon, if given.
    ///
    /// - Parameter epsilon: Inputs are kept this far from 0 and 1; nil for no limit.
    public func logit(epsilon: Double? = nil) -> Tensor {
        let x = dtype.isFloatingPoint ? self : to(.float32)
        let (low, high) = (epsilon ?? 0, 1 - (epsilon ?? 0))
        var inner = x.detached()
        // Above one half the bounds cross, and the lower one is applied first.
        if epsilon != nil { inner = .select(inner .< low, low, .select(inner .> high, high, inner)) }
        return (inner / (1 - inner)).log().recorded("logit", x) {
            let slope = $0 / (x * (1 - x))
            // Outside, a clamped element is constant, and an unclamped one has no logarithm.
            return Tensor.select((x .< low) .| (x .> high), epsilon == nil ? .nan : 0.0, slope)
        }
    }
    /// The logarithm of the magnitude of the gamma function.
    public func lgamma() -> Tensor {
        let x = self
        return pointwise(.lgamma).recorded("lgamma", x) { $0 * x.digamma() }
    }
    /// The derivative of ``lgamma()``.
    public func digamma() -> Tensor {
        let x = self
        return pointwise(.digamma).recorded("digamma", x) { $0 * x.trigamma() }
    }
    /// The derivative of ``digamma()``: the sum of 1 / (x + k)² over all k from 0.
    public func trigamma() -> Tensor {
        // Mirrored to the right of 1/2, where ten terms of the sum are added, with the rest from Stirling's series.
        let isLeft = detached() .< 0.5
        let y = Tensor.select(isLeft, 1 - self, self)
        let near = (0..<10).reduce(Tensor.zeros(like: y)) { $0 + (y + Double($1)).squared().reciprocal() }
        let z = (y + 10).reciprocal()
        let square = z.squared()
        let series = ((square * (-1.0 / 30) + 1.0 / 42) * square - 1.0 / 30) * square + 1.0 / 6
        let sum = near + z + square * 0.5 + series * square * z
        let sine = (self * Double.pi).sin()
        return Tensor.select(isLeft, (Double.pi / sine).squared() - sum, sum)
    }
    /// sin(pi x) / (pi x), and 1 at zero.
    public func sinc() -> Tensor {
        let x = dtype.isFloatingPoint ? self : to(.float32)
        let angle = x.detached() * Double.pi
        let out = Tensor.select(angle .== 0, 1, angle.sin() / angle)
        return out.recorded("sinc", x) {
            // Near zero the difference cancels; the series has no terms that do.
            let isNear = x.abs() .< 0.15
            let (near, far) = (x * Double.pi, Tensor.select(isNear, 1, x) * Double.pi)
            let square = near * near
            let series = near * (Double.pi / -3) * (1 - square * (0.1 - square * (1 / 280.0 - square / 15120)))
            let slope = (far.cos() * far - far.sin()) / (far * far) * Double.pi
            return $0 * Tensor.select(isNear, series, slope)
        }
    }
}
