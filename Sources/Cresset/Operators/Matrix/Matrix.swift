// Matrix products.

extension Tensor {
    /// The matrix product.
    ///
    /// *Shape*: (…, n, k) and (…, k, m) give (…, n, m); leading axes broadcast. A tensor of one axis is a row on the
    /// left and a column on the right, and that axis is dropped from the result. Traps if the inner lengths differ.
    ///
    /// - Parameter other: The right factor; axes before the last two broadcast.
    public func matmul(_ other: Tensor) -> Tensor {
        guard rank > 0, other.rank > 0 else {
            fail("matmul", "shapes \(shape) and \(other.shape): use * to multiply by a number")
        }
        if rank == 1 { return unsqueezed(at: 0).matmul(other).squeezed(axis: other.rank == 1 ? 0 : -2) }
        if other.rank == 1 { return matmul(other.unsqueezed(at: 1)).squeezed(axis: -1) }
        let (x, y) = (autocast, other.autocast)
        guard x.shape[x.rank - 1] == y.shape[y.rank - 2] else {
            fail(
                "matmul",
                "shapes \(x.shape) and \(y.shape): inner lengths \(x.shape[x.rank - 1]) and \(y.shape[y.rank - 2])",
                hint: "the last axis of the left must be as long as the last but one of the right")
        }
        if y.rank == 2 && x.rank > 2 {
            return x.reshaped([x.shape.dropLast().reduce(1, *), x.shape[x.rank - 1]]).matmul(y)
                .reshaped(Shape(x.shape.dropLast() + [y.shape[1]]))
        }
        return x.product(y).recorded(
            "matmul", x, y, { $0.matmul(y.t).reduced(to: x) }, { x.t.matmul($0).reduced(to: y) })
    }

    /// The batched product, not recorded; for 16-bit types optionally in float32, the type of its sums.
    func product(_ y: Tensor, as result: DType? = nil) -> Tensor {
        let x = self
        let dtype = x.dtype.promoted(with: y.dtype)
        x.require(sameDevice: y, "matmul")
        let batch = required { () throws(ShapeError) in
            try Shape.broadcast(Shape(x.shape.dropLast(2)), Shape(y.shape.dropLast(2)), operation: "matmul")
        }
        let (n, k, m) = (x.shape[x.rank - 2], x.shape[x.rank - 1], y.shape[y.rank - 1])
        let out = Tensor.uninitialized(Shape(Array(batch) + [n, m]), dtype: result ?? dtype, device: x.device)
        // An empty sum.
        if k == 0 { return .zeros(out.shape, dtype: out.dtype, device: x.device) }
        let (a, b) = (x.detached().to(dtype).multipliable, y.detached().to(dtype).multipliable)
        MultiplyAddCounter.add(k, forEach: out)
        out.backend.matmul(
            a.operand(broadcastTo: Shape(Array(batch) + [n, k])), b.operand(broadcastTo: Shape(Array(batch) + [k, m])),
            bias: nil, epilogue: .none, into: out.operand)
        return out
    }

    /// This matrix, copied if neither rows nor columns are dense.
    private var multipliable: Tensor {
        let (r, c) = (rank - 2, rank - 1)
        let rows = strides[c] == 1 && strides[r] >= Swift.max(shape[c], 1)
        let columns = strides[r] == 1 && strides[c] >= Swift.max(shape[r], 1)
        return rows || columns ? self : contiguous()
    }

    /// x weightᵀ + bias, in one pass over memory if there is a bias of (out).
    ///
    /// *Shape*: (…, in) with a weight of (out, in) and a bias of (out) gives (…, out); a weight of (in) gives (…).
    ///
    /// - Parameters:
    ///   - weight: The matrix, (out features, in features).
    ///   - bias: A number for each output; nil for none.
    public func linear(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        linear(weight: weight, bias: bias, activation: .none)
    }

    /// The same, then `activation`, in the same pass.
    package func linear(weight: Tensor, bias: Tensor?, activation: Epilogue) -> Tensor {
        if let type = Mode.current.autocast, type != dtype || type != weight.dtype || type != bias?.dtype ?? type {
            let (x, weight) = (autocast, weight.autocastWeight)
            if x.dtype == weight.dtype {
                return withAutocast(nil) {
                    x.linear(weight: weight, bias: bias?.to(weight.dtype), activation: activation)
                }
            }
        }
        func composed(_ weight: Tensor) -> Tensor {
            let product = matmul(weight)
            return (bias.map { product + $0 } ?? product).applying(activation)
        }
        guard dtype == weight.dtype else {
            fail(
                "linear", "cannot combine a \(dtype) input and a \(weight.dtype) weight",
                hint: "convert one with to(_:)")
        }
        if weight.rank == 1 { return composed(weight) }
        guard rank >= 1, weight.rank == 2, shape[rank - 1] == weight.shape[1] else {
            fail(
                "linear", "an input of shape \(shape) does not fit a weight of shape \(weight.shape)",
                hint: "the last axis of the input must be as long as the last of the weight")
        }
        if rank != 2 {
            return reshaped([shape.dropLast().reduce(1, *), shape[rank - 1]])
                .linear(weight: weight, bias: bias, activation: activation).reshaped(
                    Shape(shape.dropLast() + [weight.shape[0]]))
        }
        // Other biases broadcast, or end with the error message of an addition.
        guard let bias, bias.dtype == dtype, shape[1] > 0, bias.shape == [weight.shape[0]] else {
            return composed(weight.t)
        }
        require(sameDevice: weight, "linear")
        require(sameDevice: bias, "linear")
        let x = self
        let inputs = [x, weight, bias]
        guard takes(activation, after: .product, recording: inputs) else {
            return linear(weight: weight, bias: bias).applying(activation)
        }
        let out = Tensor.uninitialized([x.shape[0], weight.shape[0]], dtype: dtype, device: device)
        MultiplyAddCounter.add(x.shape[1], forEach: out)
        backend.matmul(
            x.detached().multipliable.operand, weight.detached().t.multipliable.operand,
            bias: bias.contiguous().operand,
            epilogue: activation, into: out.operand)
        @Sendable func gradients(_ gradient: Tensor) -> [Tensor?] {
            [
                x.requiresGradient ? gradient.matmul(weight) : nil,
                weight.requiresGradient ? gradient.t.matmul(x) : nil,
                bias.requiresGradient ? gradient.sum(axes: [0]) : nil,
            ]
        }
        if activation == .none { return out.recorded("linear", inputs) { gradients($0) } }
        return out.recordedWithResult("linear", inputs) { gradients($0.gradient(before: activation, of: $1)) }
    }

    /// The products of all pairs of elements of two one-axis tensors: one row for each of this tensor's.
    ///
    /// - Parameter y: The other vector.
    public func outer(_ y: Tensor) -> Tensor {
        guard rank == 1, y.rank == 1 else { fail("outer", "shapes \(shape) and \(y.shape): each must have one axis") }
        return unsqueezed(at: 1) * y
    }

    /// The products of the last axes, summed over them: (…a, n) and (…b, n) give (…a, …b).
    ///
    /// - Parameter y: The second operand, with a last axis of the same length.
    public func inner(_ y: Tensor) -> Tensor {
        if rank == 0 || y.rank == 0 { return self * y }
        return tensordot(y, axes: [-1], [-1])
    }

    /// The product of vectors along `axis`; both tensors are broadcast.
    ///
    /// - Parameters:
    ///   - y: The other vectors; the shapes broadcast.
    ///   - axis: The axis; a negative one counts from the end.
    public func vecdot(_ y: Tensor, axis: Int = -1) -> Tensor { (self * y).sum(axes: [axis]) }

    /// The cross product of vectors of three elements along `axis`; both are broadcast.
    ///
    /// - Parameters:
    ///   - y: The other vectors; the shapes broadcast.
    ///   - axis: The axis of length 3.
    public func cross(_ y: Tensor, axis: Int = -1) -> Tensor {
        let pair = Tensor.broadcastTogether([self, y])
        let axis = pair[0].axis(axis, "cross")
        guard pair[0].rank > 0, pair[0].shape[axis] == 3 else {
            fail("cross", "axis \(axis) of shape \(pair[0].shape) does not have three elements")
        }
        func turned(_ x: Tensor, _ steps: Int) -> Tensor { x.rolled([-steps], axes: [axis]) }
        return turned(pair[0], 1) * turned(pair[1], 2) - turned(pair[0], 2) * turned(pair[1], 1)
    }

    /// x1ᵀ weight[k] x2 + bias[k] for each k.
    ///
    /// *Shape*: (…, a) and (…, b) with a weight of (out, a, b) and a bias of (out) give (…, out).
    ///
    /// - Parameters:
    ///   - y: The second input, (…, features).
    ///   - weight: The matrices, (out features, first features, second features).
    ///   - bias: A number for each output; nil for none.
    public func bilinear(_ y: Tensor, weight: Tensor, bias: Tensor? = nil) -> Tensor {
        guard rank >= 1, rank == y.rank, weight.rank == 3, shape.last == weight.shape[1],
            y.shape.last == weight.shape[2]
        else {
            fail("bilinear", "inputs of shape \(shape) and \(y.shape) do not fit a weight of shape \(weight.shape)")
        }
        let (a, b, out) = (weight.shape[1], weight.shape[2], weight.shape[0])
        let rows = shape.dropLast().reduce(1, *)
        // (rows, out b), then each row's matrix times its second vector.
        let left = reshaped([rows, a]).matmul(weight.permuted([1, 0, 2]).reshaped([a, out * b])).reshaped([
            rows, out, b,
        ])
        let product = (left * y.reshaped([rows, 1, b])).sum(axes: [2]).reshaped(Shape(shape.dropLast() + [out]))
        return bias.map { product + $0 } ?? product
    }
}
