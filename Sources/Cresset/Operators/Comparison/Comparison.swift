// Elementwise predicates: the result is a bool tensor, and no gradient flows. The operators are those that the standard
// library declares for SIMD masks.

extension Tensor {
    public static func .== (x: Tensor, y: Tensor) -> Tensor { pointwise(.equal, x, y) }
    public static func .!= (x: Tensor, y: Tensor) -> Tensor { pointwise(.notEqual, x, y) }
    public static func .< (x: Tensor, y: Tensor) -> Tensor { pointwise(.less, x, y) }
    public static func .<= (x: Tensor, y: Tensor) -> Tensor { pointwise(.lessOrEqual, x, y) }
    public static func .> (x: Tensor, y: Tensor) -> Tensor { pointwise(.greater, x, y) }
    public static func .>= (x: Tensor, y: Tensor) -> Tensor { pointwise(.greaterOrEqual, x, y) }
    public static func .== <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x .== x.beside(y.scalar) }
    public static func .!= <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x .!= x.beside(y.scalar) }
    public static func .< <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x .< x.beside(y.scalar) }
    public static func .<= <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x .<= x.beside(y.scalar) }
    public static func .> <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x .> x.beside(y.scalar) }
    public static func .>= <S: TensorScalar>(x: Tensor, y: S) -> Tensor { x .>= x.beside(y.scalar) }

    /// Whether both elements are nonzero.
    public static func .& (x: Tensor, y: Tensor) -> Tensor { pointwise(.logicalAnd, x, y) }
    /// Whether either element is nonzero.
    public static func .| (x: Tensor, y: Tensor) -> Tensor { pointwise(.logicalOr, x, y) }
    /// Whether exactly one element is nonzero.
    ///
    /// - Parameter y: The second operand; the shapes broadcast.
    public func logicalXor(_ y: Tensor) -> Tensor { .pointwise(.logicalXor, self, y) }
    /// Whether the element is zero.
    public func logicalNot() -> Tensor { pointwise(.logicalNot) }
    public func isNaN() -> Tensor { pointwise(.isNaN) }
    public func isInfinite() -> Tensor { pointwise(.isInfinite) }
    public func isFinite() -> Tensor { pointwise(.isFinite) }

    /// The elements of `x` where `condition` is true, those of `y` elsewhere; all three are broadcast.
    ///
    /// *Source*: `torch.where`.
    public static func select(_ condition: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
        if x.device != y.device || x.device != condition.device { return mixed(condition, x, y) }
        let dtype = x.dtype == y.dtype ? x.dtype : promotedDType(x, y)
        let shape = required { () throws(ShapeError) in
            try Shape.broadcast(
                condition.shape, Shape.broadcast(x.shape, y.shape, operation: "select"), operation: "select")
        }
        let (c, a, b) = (condition.to(.bool), x.detached().to(dtype), y.detached().to(dtype))
        let strides = c.shape == shape ? c.denseStrides : a.shape == shape ? a.denseStrides : shape.rowMajorStrides
        let out = uninitialized(shape, strides: strides, dtype: dtype, device: x.device)
        x.backend.select(
            c.operand(broadcastTo: shape), a.operand(broadcastTo: shape), b.operand(broadcastTo: shape),
            into: out.operand)
        return out.recorded(
            "select", x, y, { select(c, $0, 0).reduced(to: x) }, { select(c, 0, $0).reduced(to: y) })
    }

    /// Numbers on the CPU are moved to the device of the tensors they are combined with.
    private static func mixed(_ condition: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
        let all = [condition, x, y]
        guard
            let guide = all.first(where: { $0.rank > 0 && $0.device != .cpu })
                ?? all.first(where: { $0.device != .cpu })
        else { fail("select", "no device") }
        let moved = all.map { $0.number(beside: guide) }
        for other in moved { guide.require(sameDevice: other, "select") }
        return select(moved[0], moved[1], moved[2])
    }

    /// The first operand where the condition holds, the second elsewhere.
    ///
    /// - Parameters:
    ///   - condition: Where true, the first operand is used, elsewhere the second.
    ///   - x: The values used where the condition holds.
    ///   - y: The values used elsewhere.
    public static func select<S: TensorScalar>(_ condition: Tensor, _ x: Tensor, _ y: S) -> Tensor {
        select(condition, x, x.beside(y.scalar))
    }

    /// The first operand where the condition holds, the second elsewhere.
    ///
    /// - Parameters:
    ///   - condition: Where true, the first operand is used, elsewhere the second.
    ///   - x: The values used where the condition holds.
    ///   - y: The values used elsewhere.
    public static func select<S: TensorScalar>(_ condition: Tensor, _ x: S, _ y: Tensor) -> Tensor {
        select(condition, y.beside(x.scalar), y)
    }

    /// `value` where `mask` holds, this tensor's elements elsewhere. Traps if an integer type cannot represent it.
    public func maskedFill<S: TensorScalar>(_ mask: Tensor, _ value: S) -> Tensor {
        guard S.dtype.isFloatingPoint || dtype.holds(value.scalar) else {
            fail("maskedFill", "\(value) does not fit in \(dtype)")
        }
        return .select(mask, value, self)
    }

    /// Whether |x - y| <= absoluteTolerance + relativeTolerance |y|.
    ///
    /// Infinities are close to themselves; NaN is close to nothing, or to NaN if `equalNaN`.
    ///
    /// - Parameters:
    ///   - y: The second operand; the shapes broadcast.
    ///   - relativeTolerance: The allowed difference, as a share of the second operand.
    ///   - absoluteTolerance: The difference that is always allowed.
    ///   - equalNaN: Whether two NaN count as equal.
    public func isClose(
        to y: Tensor, relativeTolerance: Double = 1e-5, absoluteTolerance: Double = 1e-8, equalNaN: Bool = false
    ) -> Tensor {
        func number(_ t: Tensor) -> Tensor { t.dtype == .bool ? t.to(.int64) : t.detached() }
        let (x, y) = (number(self), number(y))
        var close = x .== y
        if equalNaN { close = close .| (x.isNaN() .& y.isNaN()) }
        if relativeTolerance == 0 && absoluteTolerance == 0 { return close }
        let difference = x - y
        let distance = (difference.dtype.isFloatingPoint ? difference : difference.to(.float64)).abs()
        return close .| (distance.isFinite() .& (distance .<= y.abs() * relativeTolerance + absoluteTolerance))
    }

    /// Whether all elements are close, as defined by ``isClose(to:relativeTolerance:absoluteTolerance:equalNaN:)``.
    ///
    /// - Parameters:
    ///   - y: The second operand; the shapes broadcast.
    ///   - relativeTolerance: The allowed difference, as a share of the second operand.
    ///   - absoluteTolerance: The difference that is always allowed.
    ///   - equalNaN: Whether two NaN count as equal.
    public func isAllClose(
        to y: Tensor, relativeTolerance: Double = 1e-5, absoluteTolerance: Double = 1e-8, equalNaN: Bool = false
    ) -> Bool {
        isClose(
            to: y, relativeTolerance: relativeTolerance, absoluteTolerance: absoluteTolerance, equalNaN: equalNaN
        ).all().item() != 0
    }

    /// Whether each element is one of `elements`. NaN never is.
    public func isIn(_ elements: Tensor) -> Tensor {
        if elements.elementCount == 0 { return .zeros(shape, dtype: .bool, device: device) }
        let sorted = elements.detached().flattened().sorted(axis: 0).values
        let places = sorted.searchSorted(detached()).clamp(max: Double(sorted.elementCount - 1))
        return self .== sorted.indexSelect(axis: 0, indices: places.flattened()).reshaped(shape)
    }

    /// Whether the sign is negative, including that of -0 and of NaN.
    public func signBit() -> Tensor {
        dtype.isFloatingPoint ? .pointwise(.copysign, .ones([], dtype: dtype, device: device), self) .< 0 : self .< 0
    }
}
