import Cresset

extension OperatorTable {
    /// Products of matrices and vectors.
    mutating func addMatrix() {
        tolerance = .accumulated
        add("matmul", "x.matmul(y)") { try $0.x.matmul($0.y) }
        add("mm", "x.matmul(y)") { try $0.x.matmul($0.tensor(1, "mat2")) }
        add("bmm", "x.matmul(y)") { try $0.x.matmul($0.tensor(1, "mat2")) }
        add("mv", "x.matmul(y)") { try $0.x.matmul($0.tensor(1, "vec")) }
        add("dot", "x.matmul(y)") { try $0.x.matmul($0.y) }
        add("nn.functional.linear", "x.linear(weight: weight, bias: bias)") {
            try $0.x.linear(weight: $0.tensor(1, "weight"), bias: $0.tensorIfAny(2, "bias"))
        }
        add("addmm", "input * beta + a.matmul(b) * alpha") {
            try $0.sum(with: $0.tensor(1, "mat1").matmul($0.tensor(2, "mat2")))
        }
        add("addmv", "input * beta + a.matmul(v) * alpha") {
            try $0.sum(with: $0.tensor(1, "mat").matmul($0.tensor(2, "vec")))
        }
        add("addr", "input * beta + u.outer(v) * alpha") {
            try $0.sum(with: $0.tensor(1, "vec1").outer($0.tensor(2, "vec2")))
        }
        add("baddbmm", "input * beta + a.matmul(b) * alpha") {
            try $0.sum(with: $0.tensor(1, "batch1").matmul($0.tensor(2, "batch2")))
        }
        add("addbmm", "input * beta + a.matmul(b).sum(axes: [0]) * alpha") {
            try $0.sum(with: $0.tensor(1, "batch1").matmul($0.tensor(2, "batch2")).sum(axes: [0]))
        }
        add("outer", "x.outer(y)") { try $0.x.outer($0.tensor(1, "vec2")) }
        add("inner", "x.inner(y)") { try $0.x.inner($0.y) }
        add("linalg.vecdot", "x.vecdot(y, axis: axis)") { try $0.x.vecdot($0.y, axis: $0.int(nil, "dim", -1)) }
        add("cross", "x.cross(y, axis: axis)") {
            let x = try $0.x
            // Without an axis PyTorch uses the first one of length three.
            return try x.cross($0.y, axis: $0.int(2, "dim", x.shape.firstIndex(of: 3) ?? -1))
        }
        add("tensordot", "x.tensordot(y, axes: left, right)") {
            if case .list(let lists)? = $0.value(2, "dims"), case .list = lists.first {
                let axes = lists.map { list -> [Int] in
                    guard case .list(let items) = list else { return [] }
                    return items.compactMap { if case .integer(let axis) = $0 { axis } else { nil } }
                }
                return try $0.x.tensordot($0.y, axes: axes[0], axes[1])
            }
            return try $0.x.tensordot($0.y, $0.int(2, "dims", 2))
        }
        add("einsum", "Tensor.einsum(equation, tensors)") {
            // The samples give the tensors first.
            try .einsum($0.string(1, "equation", ""), $0.tensors(0, "operands"))
        }
        add("nn.functional.bilinear", "x.bilinear(y, weight: weight, bias: bias)") {
            try $0.x.bilinear($0.tensor(1, "input2"), weight: $0.tensor(2, "weight"), bias: $0.tensorIfAny(3, "bias"))
        }
        add("nn.functional.scaled_dot_product_attention", "queries.attention(keys: keys, values: values)") {
            let (x, keys, values) = try ($0.x, $0.tensor(1, "key"), $0.tensor(2, "value"))
            let (mask, isCausal, scale) = try (
                $0.tensorIfAny(3, "attn_mask"), $0.bool(5, "is_causal", false), $0.doubleIfAny(6, "scale")
            )
            let (dropout, sharesHeads) = try ($0.double(4, "dropout_p", 0), $0.bool(7, "enable_gqa", false))
            // The sample database sets this seed before each call that draws.
            return Generator.$current.withValue(Generator(seed: 42)) {
                x.attention(
                    keys: keys, values: values, mask: mask, isCausal: isCausal, scale: scale, dropout: dropout,
                    sharesHeads: sharesHeads)
            }
        }
        tolerance = .elementwise
        note("boolean masks are true where a query may look", "nn.functional.scaled_dot_product_attention")
        note("one operator for vectors, matrices and batches", "mm", "bmm", "mv", "dot")
    }
}

extension Arguments {
    /// input * beta + product * alpha; if beta is zero the input is ignored.
    fileprivate func sum(with product: Tensor) throws -> Tensor {
        let (beta, alpha) = try (scalar(nil, "beta") ?? .integer(1), scalar(nil, "alpha") ?? .integer(1))
        // Not even NaN gets past a beta of zero.
        let start = try beta.doubleValue == 0 ? Tensor.select(Tensor(false), x, 0) : x.scaled(by: beta)
        return start + product.scaled(by: alpha)
    }
}
