import Cresset

extension OperatorTable {
    /// Other looks at the same elements.
    mutating func addViews() {
        add("reshape", "x.reshaped(shape)") { try $0.x.reshaped(Shape($0.ints(1, "shape"))) }
        add("view", "x.reshaped(shape)") { try $0.x.reshaped(Shape($0.ints(1, "size"))) }
        add("flatten", "x.flattened(from: start, to: end)") {
            try $0.x.flattened(from: $0.int(1, "start_dim", 0), to: $0.int(2, "end_dim", -1))
        }
        add("ravel", "x.flattened()") { $0.flattened() }
        add("permute", "x.permuted(order)") { try $0.x.permuted($0.ints(1, "dims")) }
        add("transpose", "x.transposed(a, b)") { try $0.x.transposed($0.int(1, "dim0"), $0.int(2, "dim1")) }
        add("t", "x.t") { $0.t }
        add("T", "x.t") { $0.t }
        add("unsqueeze", "x.unsqueezed(at: axis)") { try $0.x.unsqueezed(at: $0.int(1, "dim")) }
        add("squeeze", "x.squeezed(axis: axis)") { try $0.x.squeezed(axis: $0.intIfAny(1, "dim")) }
        add("expand", "x.broadcast(to: shape)") {
            let (x, size) = try ($0.x, $0.ints(1, "size"))
            // -1 stands for the length that is there.
            let lead = size.count - x.rank
            return x.broadcast(to: Shape(size.enumerated().map { $1 == -1 ? x.shape[$0 - lead] : $1 }))
        }
        add("expand_as", "x.broadcast(to: y.shape)") { try $0.x.broadcast(to: $0.y.shape) }
        add("broadcast_to", "x.broadcast(to: shape)") { try $0.x.broadcast(to: Shape($0.ints(1, "size"))) }
        add("narrow", "x.narrowed(axis: axis, start: start, count: count)") {
            let (x, axis, start) = try ($0.x, $0.int(1, "dim"), $0.int(2, "start"))
            let n = x.shape[axis < 0 ? axis + x.rank : axis]
            return try x.narrowed(axis: axis, start: start < 0 ? start + n : start, count: $0.int(3, "length"))
        }
        add("select", "x.selected(axis: axis, index: index)") {
            try $0.x.selected(axis: $0.int(1, "dim"), index: $0.int(2, "index"))
        }
        add("flip", "x.flipped(axes: axes)") { try $0.x.flipped(axes: $0.ints(1, "dims")) }
        add("flipud", "x.flipped(axes: [0])") { $0.flipped(axes: [0]) }
        add("fliplr", "x.flipped(axes: [1])") { $0.flipped(axes: [1]) }
        add("contiguous", "x.contiguous()") { $0.contiguous() }
        add("clone", "x") { $0 }
    }
}
