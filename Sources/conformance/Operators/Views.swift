import Cresset

extension OperatorTable {
    /// Views of the same elements.
    mutating func addViews() {
        add("reshape", "x.reshaped(shape)") { try $0.x.reshaped(Shape($0.ints(1, "shape"))) }
        add("view", "x.reshaped(shape)") { try $0.x.reshaped(Shape($0.ints(1, "size"))) }
        add("flatten", "x.flattened(from: start, to: end)") {
            try $0.x.flattened(from: $0.int(1, "start_dim", 0), to: $0.int(2, "end_dim", -1))
        }
        add("ravel", "x.flattened()") { $0.flattened() }
        add("permute", "x.permuted(axes)") { try $0.x.permuted($0.ints(1, "dims")) }
        add("transpose", "x.transposed(first, second)") { try $0.x.transposed($0.int(1, "dim0"), $0.int(2, "dim1")) }
        add("t", "x.t") { $0.t }
        add("T", "x.t") { $0.t }
        add("unsqueeze", "x.unsqueezed(at: axis)") { try $0.x.unsqueezed(at: $0.int(1, "dim")) }
        add("squeeze", "x.squeezed(axis: axis)") { try $0.x.squeezed(axis: $0.intIfAny(1, "dim")) }
        add("expand", "x.broadcast(to: shape)") {
            let (x, size) = try ($0.x, $0.ints(1, "size"))
            // -1 stands for the existing length.
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
        addRearranging()
        note(
            "a view where strides allow it, else a copy (invisible, since tensors are values)", "reshape", "view",
            "ravel", "flatten")
        note("a value needs no copy", "clone")
    }

    private mutating func addRearranging() {
        add("movedim", "x.movingAxes(sources, to: targets)") {
            try $0.x.movingAxes($0.intList(1, "source") ?? [], to: $0.intList(2, "destination") ?? [])
        }
        add("unflatten", "x.unflattened(axis: axis, into: lengths)") {
            try $0.x.unflattened(axis: $0.int(1, "dim"), into: $0.intList(2, "sizes") ?? [])
        }
        add("squeeze.multiple", "x.squeezed(axes: axes)") { try $0.x.squeezed(axes: $0.intList(1, "dim") ?? []) }
        add("sum_to_size", "x.summed(toShape: shape)") { try $0.x.summed(toShape: Shape($0.ints(1, "size"))) }
        add("unfold", "x.unfolded(axis: axis, size: size, step: step)") {
            try $0.x.unfolded(axis: $0.int(1, "dimension"), size: $0.int(2, "size"), step: $0.int(3, "step"))
        }
        add("roll", "x.rolled(shifts, axes: axes)") {
            try $0.x.rolled($0.intList(1, "shifts") ?? [], axes: $0.intList(2, "dims") ?? [])
        }
        add("rot90", "x.rotated(quarters: k, axes: (first, second))") {
            let axes = try $0.intList(2, "dims") ?? [0, 1]
            return try $0.x.rotated(quarters: $0.int(1, "k", 1), axes: (axes[0], axes[1]))
        }
        add("repeat", "x.tiled(counts)") { try $0.x.tiled($0.ints(1, "repeats")) }
        add("tile", "x.tiled(counts)") { try $0.x.tiled($0.ints(1, "dims")) }
        add("repeat_interleave", "x.repeated(count, axis: axis)") {
            let (x, axis) = try ($0.x, $0.intIfAny(2, "dim"))
            _ = try $0.intIfAny(nil, "output_size")
            if case .tensor(let counts)? = $0.value(1, "repeats") { return x.repeated(counts: counts, axis: axis) }
            return try x.repeated($0.int(1, "repeats"), axis: axis)
        }
        add("diagonal", "x.diagonal(offset: offset, axis1: first, axis2: second)") {
            try $0.x.diagonal(offset: $0.int(1, "offset", 0), axis1: $0.int(2, "dim1", 0), axis2: $0.int(3, "dim2", 1))
        }
        add("diag_embed", "x.diagonalEmbedded(offset: offset, axis1: first, axis2: second)") {
            try $0.x.diagonalEmbedded(
                offset: $0.int(1, "offset", 0), axis1: $0.int(2, "dim1", -2), axis2: $0.int(3, "dim2", -1))
        }
        add("diag", "x.diag(offset)") { try $0.x.diag($0.int(1, "diagonal", 0)) }
        add("trace", "x.trace()") { $0.trace() }
        add("tril", "x.lowerTriangle(diagonal: k)") { try $0.x.lowerTriangle(diagonal: $0.int(1, "diagonal", 0)) }
        add("triu", "x.upperTriangle(diagonal: k)") { try $0.x.upperTriangle(diagonal: $0.int(1, "diagonal", 0)) }
        for (name, mode) in [
            ("constant_pad_nd", "constant"), ("nn.functional.pad.constant", "constant"),
            ("nn.functional.pad.reflect", "reflect"), ("nn.functional.pad.replicate", "replicate"),
            ("nn.functional.pad.circular", "circular"),
        ] {
            add(name, "x.padded(amounts, .\(mode == "constant" ? "constant(value)" : mode))") {
                let position = name == "constant_pad_nd" ? 2 : 3
                let word = name == "constant_pad_nd" ? mode : try $0.string(2, "mode", "constant")
                let value = try $0.double(position, "value", 0)
                let modes: [String: TensorPadding] = [
                    "constant": .constant(value), "reflect": .reflect, "replicate": .replicate, "circular": .circular,
                ]
                return try $0.x.padded($0.intList(1, "pad") ?? [], modes[word]!)
            }
        }
        add("nn.functional.pixel_shuffle", "x.pixelShuffled(factor: factor)") {
            try $0.x.pixelShuffled(factor: $0.int(1, "upscale_factor"))
        }
        add("nn.functional.pixel_unshuffle", "x.pixelUnshuffled(factor: factor)") {
            try $0.x.pixelUnshuffled(factor: $0.int(1, "downscale_factor"))
        }
        add("nn.functional.channel_shuffle", "x.channelShuffled(groups: groups)") {
            try $0.x.channelShuffled(groups: $0.int(1, "groups"))
        }
    }
}
