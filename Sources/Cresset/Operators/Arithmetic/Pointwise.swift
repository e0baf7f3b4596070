// Shared by all pointwise operators: promotion, broadcasting, the layout of the result. Nothing here is recorded.

extension Tensor {
    /// `op` on every element, in this tensor's own layout; integers become float32 if the operator needs floating
    /// point.
    func pointwise(_ op: UnaryOp, a: Double = 0, b: Double = 0) -> Tensor {
        let x = op.needsFractions && !dtype.isFloatingPoint ? to(.float32) : self
        let out = Tensor.uninitialized(
            shape, strides: x.denseStrides, dtype: op.asksQuestion ? .bool : x.dtype, device: device)
        backend.unary(op, x.operand, a: a, b: b, into: out.operand)
        return out
    }

    /// `op` on the elements of both tensors, broadcast, in the dtype they promote to.
    static func pointwise(
        _ op: BinaryOp, _ x: Tensor, _ y: Tensor, a: Double = 0, b: Double = 0
    ) -> Tensor {
        if x.body.device != y.body.device { return mixed(op, x, y, a: a, b: b) }
        var dtype = x.body.dtype
        if dtype != y.body.dtype { dtype = promotedDType(x, y) }
        if op.needsFractions && !dtype.isFloatingPoint { dtype = .float32 }
        if x.body.dtype != dtype { return pointwise(op, x.detached().to(dtype), y, a: a, b: b) }
        if y.body.dtype != dtype { return pointwise(op, x, y.detached().to(dtype), a: a, b: b) }
        let result = op.compares ? DType.bool : dtype
        if x.body.shape == y.body.shape && x.body.strides == y.body.strides {
            return inSameOrder(op, x, y, result, a, b)
        }
        let shape = required { () throws(ShapeError) in try Shape.broadcast(x.shape, y.shape, operation: "\(op)") }
        let strides = x.shape == shape ? x.denseStrides : y.shape == shape ? y.denseStrides : shape.rowMajorStrides
        let out = Tensor.uninitialized(shape, strides: strides, dtype: result, device: x.device)
        x.backend.binary(
            op, x.operand(broadcastTo: shape), y.operand(broadcastTo: shape), a: a, b: b, into: out.operand)
        return out
    }

    /// `op` on tensors of the same shape and strides: for small ones, describing the operands takes longer than adding.
    private static func inSameOrder(
        _ op: BinaryOp, _ x: Tensor, _ y: Tensor, _ result: DType, _ a: Double, _ b: Double
    ) -> Tensor {
        let (backend, strides) = (x.backend, x.denseStrides)
        let storage = backend.allocate(x.body.shape, result)
        let body = TensorBody(
            storage: storage, pointer: storage.pointer, shape: x.body.shape, strides: strides, dtype: result,
            device: x.body.device)
        let hasNoGaps = strides == x.body.strides
        if !hasNoGaps
            || !backend.binary(
                op, x.body.dtype, result: result, count: x.elementCount, x.body.pointer, y.body.pointer, a: a, b: b,
                into: storage.pointer)
        {
            backend.binary(op, x.operand, y.operand, a: a, b: b, into: Tensor(body: body).operand)
        }
        withExtendedLifetime((x, y)) {}
        return Tensor(body: body)
    }

    /// A number on the CPU is moved to the device of the other tensor; other tensors must be on the same device.
    private static func mixed(_ op: BinaryOp, _ x: Tensor, _ y: Tensor, a: Double, b: Double) -> Tensor {
        let (own, other) = (x.number(beside: y), y.number(beside: x))
        if own.device != other.device { x.failMixed(y, "\(op)") }
        return pointwise(op, own.detached(), other.detached(), a: a, b: b)
    }

    /// This tensor's operand with stride 0 along the axes that broadcasting repeats. `shape` has been checked.
    func operand(broadcastTo shape: Shape) -> Operand {
        if self.shape == shape { return operand }
        var strides = Shape(repeating: 0, count: shape.count)
        let lead = shape.count - rank
        for i in 0..<rank where self.shape[i] != 1 { strides[lead + i] = self.strides[i] }
        return Operand(pointer: body.pointer, dtype: dtype, shape: shape, strides: strides, storage: body.storage)
    }

    /// The dtype two tensors promote to: as in PyTorch, a tensor without axes yields to one with axes of the same or a
    /// higher category (bool, integer, floating point).
    @usableFromInline static func promotedDType(_ x: Tensor, _ y: Tensor) -> DType {
        if (x.rank == 0) == (y.rank == 0) { return x.dtype.promoted(with: y.dtype) }
        let (array, number) = x.rank == 0 ? (y.dtype, x.dtype) : (x.dtype, y.dtype)
        return array.kind >= number.kind ? array : array.promoted(with: number)
    }

    /// `value` as a tensor without axes that leaves this tensor's dtype unchanged if PyTorch would.
    @usableFromInline func beside(_ value: Scalar) -> Tensor {
        let dtype: DType =
            switch value {
            case .float: self.dtype.isFloatingPoint ? self.dtype : .float32
            case .integer: self.dtype == .bool ? .int64 : self.dtype
            case .boolean: self.dtype
            }
        return DeviceConstants.tensor(value, dtype, device)
    }

    /// This tensor summed over the axes along which `shape` was broadcast to this one: the gradient of broadcasting.
    @usableFromInline func summed(to shape: Shape) -> Tensor {
        if self.shape == shape { return self }
        let lead = rank - shape.count
        let axes = (0..<rank).filter { $0 < lead || (shape[$0 - lead] == 1 && self.shape[$0] != 1) }
        let sum = axes.isEmpty ? self : sum(axes: axes, keepsAxes: true)
        return sum.shape == shape ? sum : sum.reshaped(shape)
    }

    /// The gradient of an operand of the given shape and dtype.
    @inlinable func reduced(to x: Tensor) -> Tensor {
        let result = summed(to: x.shape).to(x.dtype)
        return body.device == x.body.device ? result : result.to(x.body.device)
    }

    /// ``reduced(to:)`` for gradients of this result, as a rule that does not keep the operand alive until the backward
    /// pass.
    func reduction(to x: Tensor) -> @Sendable (Tensor) -> Tensor {
        let (shape, dtype) = (x.shape, x.dtype)
        if shape == self.shape && dtype == self.dtype { return { $0 } }
        if device == x.device { return { $0.summed(to: shape).to(dtype) } }
        let home = x.device
        return { $0.summed(to: shape).to(dtype).to(home) }
    }
}

extension DType {
    /// PyTorch's categories in ascending order: bool, integers, floating point.
    @usableFromInline var kind: Int { self == .bool ? 0 : isFloatingPoint ? 2 : 1 }
}

extension UnaryOp {
    var asksQuestion: Bool { rawValue >= UnaryOp.logicalNot.rawValue }

    var needsFractions: Bool {
        switch self {
        case .negate, .absolute, .sign, .square, .floor, .ceil, .round, .trunc, .relu, .clamp, .logicalNot, .isNaN,
            .isInfinite, .isFinite:
            false
        default: true
        }
    }
}

extension BinaryOp {
    @usableFromInline var compares: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .logicalAnd, .logicalOr, .logicalXor:
            true
        default: false
        }
    }

    @usableFromInline var needsFractions: Bool {
        switch self {
        case .divide, .atan2, .hypot, .copysign, .xlogy, .fmax, .fmin, .logAddExp, .logAddExp2: true
        default: false
        }
    }
}
