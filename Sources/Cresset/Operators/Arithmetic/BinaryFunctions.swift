// Functions of two tensors, element by element, each next to its derivative.

extension Tensor {
    /// The larger of the two, element by element; a number wins over NaN. Equal elements each get half the gradient.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func fmax(_ y: Tensor) -> Tensor { numericExtreme(.fmax, y, "fmax") { ($0 .> $1) .| $1.isNaN() } }

    /// The smaller of the two, element by element; a number wins over NaN. Equal elements each get half the gradient.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func fmin(_ y: Tensor) -> Tensor { numericExtreme(.fmin, y, "fmin") { ($0 .< $1) .| $1.isNaN() } }

    private func numericExtreme(
        _ op: BinaryOp, _ y: Tensor, _ name: StaticString, _ isFirst: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        let x = self
        if !Tensor.promotedDType(x, y).isFloatingPoint { return op == .fmax ? x.maximum(y) : x.minimum(y) }
        return .pointwise(op, x, y).recorded(
            name, x, y,
            { Tensor.select(x .== y, $0 * 0.5, Tensor.select(isFirst(x, y), $0, 0)).reduced(to: x) },
            { Tensor.select(x .== y, $0 * 0.5, Tensor.select(isFirst(x, y), 0, $0)).reduced(to: y) })
    }

    /// This tensor's magnitudes with the signs of `y`, including those of zeros.
    public func copySign(_ y: Tensor) -> Tensor {
        let x = self
        return .pointwise(.copysign, x, y).recorded(
            // Piecewise constant; an infinity divided by itself has no value.
            "copySign", x, y,
            { ($0 * Tensor.select(x .== 0, 0, .pointwise(.copysign, x, y) / x.detached())).reduced(to: x) },
            { _ in .zeros(like: y) })
    }

    /// The length of the hypotenuse: sqrt(x² + y²) without overflow.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func hypot(_ y: Tensor) -> Tensor {
        let x = self
        return .pointwise(.hypot, x, y).recorded(
            "hypot", x, y, { ($0 * (x / x.hypot(y))).reduced(to: x) }, { ($0 * (y / x.hypot(y))).reduced(to: y) })
    }

    /// x log y, and 0 where x is 0.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func xlogy(_ y: Tensor) -> Tensor {
        let x = self
        return .pointwise(.xlogy, x, y).recorded(
            "xlogy", x, y, { ($0 * Tensor.select((x .== 0) .& (y .<= 0), 0, y.log())).reduced(to: x) },
            { ($0 * x / y).reduced(to: y) })
    }

    /// log(exp x + exp y) without overflow.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func logAddExp(_ y: Tensor) -> Tensor {
        let x = self
        return .pointwise(.logAddExp, x, y).recorded(
            // exp(x - log(exp x + exp y)), which would lose the smaller one to rounding.
            "logAddExp", x, y, { ($0 * (x - y).sigmoid()).reduced(to: x) }, { ($0 * (y - x).sigmoid()).reduced(to: y) })
    }

    /// log2(2^x + 2^y) without overflow.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func logAddExp2(_ y: Tensor) -> Tensor {
        let (x, ln2) = (self, 0.693_147_180_559_945_3)
        return .pointwise(.logAddExp2, x, y).recorded(
            "logAddExp2", x, y, { ($0 * ((x - y) * ln2).sigmoid()).reduced(to: x) },
            { ($0 * ((y - x) * ln2).sigmoid()).reduced(to: y) })
    }

    /// 0 below zero, 1 above, and the element of `values` at zero. No gradient.
    public func heaviside(_ values: Tensor) -> Tensor {
        let dtype = Tensor.promotedDType(self, values)
        return Tensor.select(self .== 0, values.detached().to(dtype), (self .> 0).to(dtype))
    }

    /// The point a fraction `weight` of the way from this tensor to `end`: exact at 0 and at 1.
    ///
    /// *Source*: `torch.lerp`, which starts from the nearer end.
    public func lerp(to end: Tensor, weight: Tensor) -> Tensor {
        let x = self
        let out = Tensor.inFloat32IfShort([x.detached(), end.detached(), weight.detached()]) {
            let (x, end, weight) = ($0[0], $0[1], $0[2])
            let way = end - x
            return .select(weight.abs() .< 0.5, x + weight * way, end - way * (1 - weight))
        }
        return out.recorded("lerp", [x, end, weight]) {
            [
                ($0 * (1 - weight)).reduced(to: x), ($0 * weight).reduced(to: end),
                weight.requiresGradient ? ($0 * (end - x)).reduced(to: weight) : nil,
            ]
        }
    }

    /// The point a fraction `weight` of the way from this tensor to `end`: exact at 0 and at 1.
    public func lerp(to end: Tensor, weight: Double) -> Tensor {
        let x = self
        let out = Tensor.inFloat32IfShort([x.detached(), end.detached()]) {
            let way = $0[1] - $0[0]
            return Swift.abs(weight) < 0.5 ? $0[0] + way * weight : $0[1] - way * (1 - weight)
        }
        return out.recorded(
            "lerp", x, end, { ($0 * (1 - weight)).reduced(to: x) }, { ($0 * weight).reduced(to: end) })
    }

    /// This tensor plus `scale` a b; for 16-bit types the result is rounded once.
    ///
    /// - Parameters:
    ///   - a: The first factor.
    ///   - b: The second factor.
    ///   - scale: The factor of the product.
    ///
    /// *Source*: `torch.addcmul`.
    public func addingProduct<S: TensorScalar>(of a: Tensor, _ b: Tensor, scale: S = 1) -> Tensor {
        .inFloat32IfShort([self, a, b]) { $0[0] + $0[1] * $0[2] * scale }
    }

    /// This tensor plus `scale` a / b; for 16-bit types the result is rounded once.
    ///
    /// - Parameters:
    ///   - a: The dividend.
    ///   - b: The divisor.
    ///   - scale: The factor of the quotient.
    ///
    /// *Source*: `torch.addcdiv`.
    public func addingQuotient<S: TensorScalar>(of a: Tensor, _ b: Tensor, scale: S = 1) -> Tensor {
        .inFloat32IfShort([self, a, b]) { $0[0] + $0[1] / $0[2] * scale }
    }

    /// Every element replaced by `value`, which has no axes: no gradient to this tensor, all of it to the value.
    public func filled(with value: Tensor) -> Tensor {
        guard value.rank == 0 else { fail("filled", "a value of shape \(value.shape) is not a single number") }
        let x = self
        let out = Tensor.zeros(like: x) + value.detached().to(dtype)
        return out.recorded("filled", x, value, { _ in .zeros(like: x) }, { $0.reduced(to: value) })
    }
}
