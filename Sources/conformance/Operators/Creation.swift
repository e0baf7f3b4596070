import Cresset

extension Arguments {
    /// PyTorch's factories return float32 unless told otherwise.
    fileprivate func dtype(_ standard: DType = .float32) throws -> DType { try dtypeIfAny(nil) ?? standard }
}

extension OperatorTable {
    /// Tensors made from scratch, or like another.
    mutating func addCreation() {
        add("zeros", "Tensor.zeros(shape, dtype: dtype)") { try .zeros(Shape($0.ints(0, "size")), dtype: $0.dtype()) }
        add("ones", "Tensor.ones(shape, dtype: dtype)") { try .ones(Shape($0.ints(0, "size")), dtype: $0.dtype()) }
        add("full", "Tensor.full(shape, value, dtype: dtype)") {
            try .full(Shape($0.intList(0, "size") ?? []), $0.double(1, "fill_value"), dtype: $0.dtype())
        }
        add("zeros_like", "Tensor.zeros(like: x)") { try Tensor.zeros(like: $0.x).to($0.dtype($0.x.dtype)) }
        add("ones_like", "Tensor.ones(like: x)") { try Tensor.ones(like: $0.x).to($0.dtype($0.x.dtype)) }
        add("full_like", "Tensor.full(x.shape, value, dtype: x.dtype, device: x.device)") {
            try .full($0.x.shape, $0.double(1, "fill_value"), dtype: $0.dtype($0.x.dtype))
        }
        add("new_zeros", "Tensor.zeros(shape, dtype: x.dtype, device: x.device)") {
            try .zeros(Shape($0.intList(1, "size") ?? []), dtype: $0.dtype($0.x.dtype))
        }
        add("new_ones", "Tensor.ones(shape, dtype: x.dtype, device: x.device)") {
            try .ones(Shape($0.intList(1, "size") ?? []), dtype: $0.dtype($0.x.dtype))
        }
        add("new_full", "Tensor.full(shape, value, dtype: x.dtype, device: x.device)") {
            try .full(Shape($0.intList(1, "size") ?? []), $0.double(2, "fill_value"), dtype: $0.dtype($0.x.dtype))
        }
        add("eye", "Tensor.eye(rows, columns, dtype: dtype)") {
            try .eye($0.int(0, "n"), $0.intIfAny(1, "m"), dtype: $0.dtype())
        }
        add("arange", "Tensor.arange(start, end, step: step)") {
            let (first, end) = try ($0.double(0, "start"), $0.doubleIfAny(1, "end"))
            // For integer bounds without a dtype, the result is an integer tensor.
            let isWhole = try [$0.scalar(0, "start"), $0.scalar(1, "end"), $0.scalar(2, "step")].allSatisfy {
                if case .float? = $0 { false } else { true }
            }
            let dtype = try $0.dtype(isWhole ? .int64 : .float32)
            guard let end else { return .arange(0.0, first, step: 1.0, dtype: dtype) }
            return try .arange(first, end, step: $0.double(2, "step", 1), dtype: dtype)
        }
        add("linspace", "Tensor.linspace(low, high, count: count)") {
            try .linspace($0.double(0, "start"), $0.double(1, "end"), count: $0.int(2, "steps"), dtype: $0.dtype())
        }
        add("logspace", "Tensor.logspace(low, high, count: count, base: base)") {
            try .logspace(
                $0.double(0, "start"), $0.double(1, "end"), count: $0.int(2, "steps"), base: $0.double(3, "base", 10),
                dtype: $0.dtype())
        }
    }
}
