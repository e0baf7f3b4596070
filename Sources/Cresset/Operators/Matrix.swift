// Products of matrices.

extension Tensor {
    /// The matrix product.
    ///
    /// *Shape*: (…, n, k) and (…, k, m) give (…, n, m); leading axes broadcast. A tensor of one axis is a row on the left
    /// and a column on the right, and that axis is dropped from the result. Traps where the inner lengths differ.
    public func matmul(_ other: Tensor) -> Tensor {
        guard rank > 0, other.rank > 0 else { fail("matmul", "shapes \(shape) and \(other.shape): numbers are multiplied with *") }
        if rank == 1 { return unsqueezed(at: 0).matmul(other).squeezed(axis: other.rank == 1 ? 0 : -2) }
        if other.rank == 1 { return matmul(other.unsqueezed(at: 1)).squeezed(axis: -1) }
        let (x, y) = (self, other)
        guard x.shape[x.rank - 1] == y.shape[y.rank - 2] else {
            fail(
                "matmul", "shapes \(x.shape) and \(y.shape): inner lengths \(x.shape[x.rank - 1]) and \(y.shape[y.rank - 2])",
                hint: "the last axis of the left must be as long as the last but one of the right")
        }
        if y.rank == 2 && x.rank > 2 {
            return x.reshaped([x.shape.dropLast().reduce(1, *), x.shape[x.rank - 1]]).matmul(y)
                .reshaped(Shape(x.shape.dropLast() + [y.shape[1]]))
        }
        return Tensor.product(x, y).recorded(
            "matmul", x, y, { $0.matmul(y.t).reduced(to: x) }, { x.t.matmul($0).reduced(to: y) })
    }

    /// The batched product, not recorded.
    private static func product(_ x: Tensor, _ y: Tensor) -> Tensor {
        let dtype = x.dtype.promoted(with: y.dtype)
        if dtype == .float16 { return product(x.detached().to(.float32), y.detached().to(.float32)).to(.float16) }
        let batch = required { () throws(ShapeError) in
            try Shape.broadcast(Shape(x.shape.dropLast(2)), Shape(y.shape.dropLast(2)), operation: "matmul")
        }
        let (n, k, m) = (x.shape[x.rank - 2], x.shape[x.rank - 1], y.shape[y.rank - 1])
        let out = uninitialized(Shape(Array(batch) + [n, m]), dtype: dtype, device: x.device)
        // A sum over nothing.
        if k == 0 { return zeros(out.shape, dtype: dtype, device: x.device) }
        let (a, b) = (x.detached().to(dtype).multipliable, y.detached().to(dtype).multipliable)
        out.backend.matmul(
            a.operand(broadcastTo: Shape(Array(batch) + [n, k])), b.operand(broadcastTo: Shape(Array(batch) + [k, m])),
            bias: nil, epilogue: .none, into: out.operand)
        return out
    }

    /// This matrix, copied where neither rows nor columns are dense.
    private var multipliable: Tensor {
        let (r, c) = (rank - 2, rank - 1)
        let rows = strides[c] == 1 && strides[r] >= Swift.max(shape[c], 1)
        let columns = strides[r] == 1 && strides[c] >= Swift.max(shape[r], 1)
        return rows || columns ? self : contiguous()
    }

    /// x weightᵀ + bias.
    ///
    /// *Shape*: (…, in) with a weight of (out, in) and a bias of (out) gives (…, out); a weight of (in) gives (…).
    public func linear(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        if weight.rank == 1 {
            let product = matmul(weight)
            return bias.map { product + $0 } ?? product
        }
        guard rank >= 1, weight.rank == 2, shape[rank - 1] == weight.shape[1] else {
            fail(
                "linear", "an input of shape \(shape) does not fit a weight of shape \(weight.shape)",
                hint: "the last axis of the input must be as long as the last of the weight")
        }
        if rank != 2 {
            return reshaped([shape.dropLast().reduce(1, *), shape[rank - 1]])
                .linear(weight: weight, bias: bias).reshaped(Shape(shape.dropLast() + [weight.shape[0]]))
        }
        guard let bias, bias.dtype == dtype, weight.dtype == dtype, dtype != .float16, shape[1] > 0 else {
            let product = matmul(weight.t)
            return bias.map { product + $0 } ?? product
        }
        let x = self
        let out = Tensor.uninitialized([x.shape[0], weight.shape[0]], dtype: dtype, device: device)
        backend.matmul(
            x.detached().multipliable.operand, weight.detached().t.multipliable.operand, bias: bias.contiguous().operand,
            epilogue: .none, into: out.operand)
        return out.recorded("linear", [x, weight, bias]) { gradient in
            [
                x.requiresGradient ? gradient.matmul(weight) : nil,
                weight.requiresGradient ? gradient.t.matmul(x) : nil,
                bias.requiresGradient ? gradient.sum(axes: [0]) : nil,
            ]
        }
    }
}
