import Cresset

extension OperatorTable {
    /// Tensors put together and taken apart.
    mutating func addJoining() {
        add("cat", "Tensor.concatenated(tensors, axis: axis)") {
            try .concatenated($0.tensors(0, "tensors"), axis: $0.int(1, "dim", 0))
        }
        add("stack", "Tensor.stacked(tensors, axis: axis)") {
            try .stacked($0.tensors(0, "tensors"), axis: $0.int(1, "dim", 0))
        }
        addList("split", "x.split(length, axis: axis)") { try $0.x.split($0.int(1, "split_size"), axis: $0.int(2, "dim", 0)) }
        addList("split.list_args", "x.split(lengths: lengths, axis: axis)") {
            try $0.x.split(lengths: $0.intList(1, "split_size_or_sections") ?? [], axis: $0.int(2, "dim", 0))
        }
        addList("split_with_sizes", "x.split(lengths: lengths, axis: axis)") {
            try $0.x.split(lengths: $0.intList(1, "split_sizes") ?? [], axis: $0.int(2, "dim", 0))
        }
    }
}
