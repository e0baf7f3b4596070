import CressetBackend

/// How the elements of an operand are found from those of a result without gaps.
enum ElementOrder: Equatable {
    /// At the same position in memory.
    case same
    /// One element for all.
    case still
    /// By strides that repeat some axes; the fastest axis of the result has stride 0 or 1.
    case strides(Shape)

    /// Nil if threads side by side would read elements far apart: such an operand is better read by a kernel alone.
    init?(of operand: Operand, in out: Operand) {
        var (isSame, isStill) = (true, true)
        var strides = operand.strides
        for axis in out.shape.indices {
            if out.shape[axis] == 1 {
                strides[axis] = 0
                continue
            }
            isSame = isSame && strides[axis] == out.strides[axis]
            isStill = isStill && strides[axis] == 0
            if out.strides[axis] == 1 && strides[axis] != 0 && strides[axis] != 1 { return nil }
        }
        self = isSame ? .same : isStill ? .still : .strides(strides)
    }
}

extension Operand {
    /// Whether the elements fill their memory without gaps, in whatever order of axes.
    var hasNoGaps: Bool {
        var step = 1
        var remaining = shape.indices.filter { shape[$0] != 1 }
        while let place = remaining.firstIndex(where: { strides[$0] == step }) {
            step *= shape[remaining.remove(at: place)]
        }
        return remaining.isEmpty
    }

    /// The addresses from the first to the last byte of its elements.
    var addresses: Range<Int> {
        var (first, last) = (0, 0)
        for axis in shape.indices {
            let reach = (shape[axis] - 1) * strides[axis]
            first += min(reach, 0)
            last += max(reach, 0)
        }
        let base = Int(bitPattern: pointer)
        return base + first * dtype.itemSize..<base + (last + 1) * dtype.itemSize
    }

    /// The strides, with 0 for axes of length 1.
    var strideKey: Shape {
        var key = strides
        for axis in shape.indices where shape[axis] == 1 { key[axis] = 0 }
        return key
    }
}
