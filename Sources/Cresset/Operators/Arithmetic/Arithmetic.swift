// Addition, subtraction, multiplication, division and related operators, with broadcasting and PyTorch's type
// promotion. A number combined with a tensor does not change the tensor's dtype, unless it has a fraction and the
// tensor is not floating point.

extension Tensor {
    /// The sum, element by element.
    public static func + (x: Tensor, y: Tensor) -> Tensor {
        let out = pointwise(.add, x, y)
        guard records(x, y) else { return out }
        return out.recorded("add", x, y, out.reduction(to: x), out.reduction(to: y))
    }

    /// The difference, element by element.
    public static func - (x: Tensor, y: Tensor) -> Tensor {
        let out = pointwise(.subtract, x, y)
        guard records(x, y) else { return out }
        let toY = out.reduction(to: y)
        return out.recorded("subtract", x, y, out.reduction(to: x), { -toY($0) })
    }

    /// The product, element by element.
    public static func * (x: Tensor, y: Tensor) -> Tensor {
        let out = pointwise(.multiply, x, y)
        guard records(x, y) else { return out }
        return out.recorded("multiply", x, y, { ($0 * y).reduced(to: x) }, { ($0 * x).reduced(to: y) })
    }

    /// The quotient, element by element; integers are divided as float32.
    public static func / (x: Tensor, y: Tensor) -> Tensor {
        pointwise(.divide, x, y).recorded(
            "divide", x, y, { ($0 / y).reduced(to: x) }, { (-$0 * (x / y) / y).reduced(to: y) })
    }

    /// The negated elements.
    public static prefix func - (x: Tensor) -> Tensor { x.pointwise(.negate).recorded("negate", x) { -$0 } }

    public static func + <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x + x.beside(y.scalar) }
    public static func + <S: TensorScalar>(x: S, y: Tensor) -> Tensor { y.beside(x.scalar) + y }
    public static func - <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x - x.beside(y.scalar) }
    public static func - <S: TensorScalar>(x: S, y: Tensor) -> Tensor { y.beside(x.scalar) - y }
    public static func * <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x * x.beside(y.scalar) }
    public static func * <S: TensorScalar>(x: S, y: Tensor) -> Tensor { y.beside(x.scalar) * y }
    public static func / <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x / x.beside(y.scalar) }
    public static func / <S: TensorScalar>(x: S, y: Tensor) -> Tensor { y.beside(x.scalar) / y }

    /// Adds in place if nothing else holds this tensor's memory and nothing is recorded.
    public static func += (x: inout Tensor, y: Tensor) { x.update(.add, y) { $0 + $1 } }
    public static func -= (x: inout Tensor, y: Tensor) { x.update(.subtract, y) { $0 - $1 } }
    public static func *= (x: inout Tensor, y: Tensor) { x.update(.multiply, y) { $0 * $1 } }
    public static func /= (x: inout Tensor, y: Tensor) { x = x / y }
    public static func += <S: TensorScalar>(x: inout Tensor, y: S) { x += x.beside(y.scalar) }
    public static func -= <S: TensorScalar>(x: inout Tensor, y: S) { x -= x.beside(y.scalar) }
    public static func *= <S: TensorScalar>(x: inout Tensor, y: S) { x *= x.beside(y.scalar) }
    public static func /= <S: TensorScalar>(x: inout Tensor, y: S) { x = x / y }

    private mutating func update(_ op: BinaryOp, _ y: Tensor, otherwise: (Tensor, Tensor) -> Tensor) {
        guard ownsMemory(), !requiresGradient, !y.requiresGradient, dtype == y.dtype, device == y.device,
            shape == y.shape || y.rank == 0, denseStrides == strides
        else {
            self = otherwise(self, y)
            return
        }
        body.storage.contentsChanged()
        backend.binary(op, operand, y.operand(broadcastTo: shape), a: 0, b: 0, into: operand)
    }

    /// The quotient rounded down. The derivative is zero. Traps if integers are divided by zero.
    ///
    /// - Parameter y: The divisor; the shapes broadcast.
    ///
    /// *Source*: `torch.floor_divide`.
    public func floorDivided(by y: Tensor) -> Tensor { stepwise(.floorDivide, y, "floorDivided") }

    /// The quotient rounded towards zero. The derivative is zero. Traps if integers are divided by zero.
    ///
    /// - Parameter y: The divisor; the shapes broadcast.
    public func truncateDivided(by y: Tensor) -> Tensor { stepwise(.truncateDivide, y, "truncateDivided") }

    private func stepwise(_ op: BinaryOp, _ y: Tensor, _ name: StaticString) -> Tensor {
        requireDivisible(by: y, op)
        let x = self
        return .pointwise(op, x, y).recorded(name, x, y, { _ in .zeros(like: x) }, { _ in .zeros(like: y) })
    }

    /// Traps if an integer is divided by zero. It does not wait for a GPU, whose kernels look for themselves.
    private func requireDivisible(by y: Tensor, _ op: BinaryOp) {
        let dtype = Tensor.promotedDType(self, y)
        guard !dtype.isFloatingPoint, elementCount > 0, y.device == .cpu else { return }
        if (y.detached() .== 0).any().item() != 0 {
            fail(
                required { () throws(ShapeError) in
                    op.divisionByZero(dtype, try Shape.broadcast(shape, y.shape, operation: "\(op)"))
                })
        }
    }

    /// The remainder with the divisor's sign, like Python's `%`. Traps if integers are divided by zero.
    ///
    /// - Parameter y: The divisor, whose sign the result takes; the shapes broadcast.
    public func remainder(dividingBy y: Tensor) -> Tensor {
        requireDivisible(by: y, .remainder)
        let x = self
        return .pointwise(.remainder, x, y).recorded(
            "remainder", x, y, { $0.reduced(to: x) }, { (-$0 * x.floorDivided(by: y)).reduced(to: y) })
    }

    /// The remainder with the dividend's sign, like C's `fmod`. Traps if integers are divided by zero.
    ///
    /// - Parameter y: The divisor; the shapes broadcast.
    public func fmod(_ y: Tensor) -> Tensor {
        requireDivisible(by: y, .fmod)
        let x = self
        return .pointwise(.fmod, x, y).recorded(
            "fmod", x, y, { $0.reduced(to: x) }, { (-$0 * x.truncateDivided(by: y)).reduced(to: y) })
    }

    /// This tensor to the power `y`.
    public func power(_ y: Tensor) -> Tensor {
        let x = self
        return .pointwise(.power, x, y).recorded(
            "power", x, y,
            // x^0 is constant, even where x^-1 has no value.
            { ($0 * Tensor.select(y .== 0, 0, y * x.power(y - 1))).reduced(to: x) },
            { ($0 * Tensor.select((x .== 0) .& (y .>= 0), 0, x.power(y) * x.log())).reduced(to: y) })
    }

    /// This tensor to the power of a number.
    ///
    /// - Parameter exponent: The exponent.
    public func power<S: TensorScalar>(_ exponent: S) -> Tensor {
        let value = exponent.scalar.doubleValue
        if value == 2 && (dtype.isFloatingPoint || S.dtype.isInteger) { return squared() }
        let x = self
        return Tensor.pointwise(.power, x, x.beside(exponent.scalar)).recorded("power", x) {
            value == 0 ? Tensor.zeros(like: x) : ($0 * (x.power(value - 1) * value)).to(x.dtype)
        }
    }

    /// The larger of the two, element by element; NaN wins. Equal elements each get half the gradient.
    ///
    /// If one of them is NaN, each gets all of it.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func maximum(_ y: Tensor) -> Tensor { extreme(.maximum, y, "maximum") { $0 .< $1 } }

    /// The smaller of the two, element by element; NaN wins. Equal elements each get half the gradient.
    ///
    /// If one of them is NaN, each gets all of it.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func minimum(_ y: Tensor) -> Tensor { extreme(.minimum, y, "minimum") { $0 .> $1 } }

    private func extreme(
        _ op: BinaryOp, _ y: Tensor, _ name: StaticString, loses: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        let x = self
        return .pointwise(op, x, y).recorded(
            name, x, y,
            { Tensor.select(x .== y, $0 * 0.5, Tensor.select(loses(x, y), 0, $0)).reduced(to: x) },
            { Tensor.select(x .== y, $0 * 0.5, Tensor.select(loses(y, x), 0, $0)).reduced(to: y) })
    }
}
