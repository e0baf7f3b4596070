import Cresset

extension OperatorTable {
    /// Joining and splitting tensors.
    mutating func addJoining() {
        add("cat", "Tensor.concatenated(tensors, axis: axis)") {
            try .concatenated($0.tensors(0, "tensors"), axis: $0.int(1, "dim", 0))
        }
        add("stack", "Tensor.stacked(tensors, axis: axis)") {
            try .stacked($0.tensors(0, "tensors"), axis: $0.int(1, "dim", 0))
        }
        addList("split", "x.split(length, axis: axis)") {
            try $0.x.split($0.int(1, "split_size"), axis: $0.int(2, "dim", 0))
        }
        addList("split.list_args", "x.split(lengths: lengths, axis: axis)") {
            try $0.x.split(lengths: $0.intList(1, "split_size_or_sections") ?? [], axis: $0.int(2, "dim", 0))
        }
        addList("split_with_sizes", "x.split(lengths: lengths, axis: axis)") {
            try $0.x.split(lengths: $0.intList(1, "split_sizes") ?? [], axis: $0.int(2, "dim", 0))
        }
        addList("chunk", "x.chunked(count, axis: axis)") {
            try $0.x.chunked($0.int(1, "chunks"), axis: $0.int(2, "dim", 0))
        }
        addList("tensor_split", "x.divided(into: count, axis: axis)") {
            let (x, axis) = try ($0.x, $0.int(2, "dim", 0))
            switch $0.value(1, "indices_or_sections") {
            case .integer(let count)?: return x.divided(into: count, axis: axis)
            case .tensor(let number)? where number.rank == 0: return x.divided(into: Int(number.item()), axis: axis)
            default: return try x.divided(at: $0.intList(1, "indices_or_sections") ?? [], axis: axis)
            }
        }
        addList("unbind", "x.unstacked(axis: axis)") { try $0.x.unstacked(axis: $0.int(1, "dim", 0)) }
        add("hstack", "Tensor.concatenated(tensors, axis: 1)") {
            let tensors = try $0.tensors(0, "tensors").map { $0.rank == 0 ? $0.reshaped([1]) : $0 }
            return .concatenated(tensors, axis: tensors[0].rank == 1 ? 0 : 1)
        }
        add("vstack", "Tensor.concatenated(tensors, axis: 0)") {
            .concatenated(try $0.tensors(0, "tensors").map { $0.rank < 2 ? $0.reshaped([1, -1]) : $0 })
        }
        add("dstack", "Tensor.concatenated(tensors, axis: 2)") {
            let tensors = try $0.tensors(0, "tensors")
            return .concatenated(
                tensors.map { $0.rank < 2 ? $0.reshaped([1, -1, 1]) : $0.rank == 2 ? $0.unsqueezed(at: 2) : $0 },
                axis: 2)
        }
        add("column_stack", "Tensor.stacked(tensors, axis: 1)") {
            .concatenated(try $0.tensors(0, "tensors").map { $0.rank < 2 ? $0.reshaped([-1, 1]) : $0 }, axis: 1)
        }
        addList("broadcast_tensors", "Tensor.broadcastTogether(tensors)") { Tensor.broadcastTogether($0.allTensors()) }
        addList("meshgrid.list_of_tensors", "Tensor.meshgrid(tensors)") {
            try Tensor.meshgrid($0.tensors(0, "tensors"), firstIsColumn: $0.string(nil, "indexing", "ij") == "xy")
        }
        add("cartesian_prod", "Tensor.cartesianProduct(tensors)") { .cartesianProduct($0.allTensors()) }
        note("a number of parts, whose lengths may differ by one", "tensor_split")
    }
}
