// Subscripts that contain tensors: x[rows, columns], x[mask]. The index tensors are broadcast together, and each of
// their positions picks one slice.

/// Several axes of a tensor indexed at once, seen as one axis of a matrix of slices.
private struct IndexedSlices {
    /// The axes of the tensor, the indexed ones first.
    let order: [Int]
    /// Lengths of the axes that are not indexed.
    let rest: [Int]
    /// The shape that the index tensors broadcast to.
    let joint: Shape
    /// The number of the slice for each position, flattened.
    let numbers: Tensor
    /// Where the joint axes are in the result: where the indexed axes were if those are adjacent, otherwise in front.
    let position: Int

    init(_ shape: Shape, _ indices: [(axis: Int, index: Tensor)]) {
        let axes = indices.map(\.axis)
        let others = (0..<shape.count).filter { !axes.contains($0) }
        order = axes + others
        rest = others.map { shape[$0] }
        let device = indices[0].index.device
        var numbers = Tensor(0, device: device)
        for (axis, index) in indices {
            let length = shape[axis]
            numbers = numbers * length + index.positiveIndices(below: length, "subscript")
        }
        joint = numbers.shape
        self.numbers = numbers.flattened()
        let areNeighbours = axes.last! - axes[0] == axes.count - 1
        position = areNeighbours ? axes[0] : 0
    }

    /// The slices of `x` in rows.
    func rows(_ x: Tensor) -> Tensor {
        let count = order.dropLast(rest.count).reduce(1) { $0 * x.shape[$1] }
        return x.permuted(order).reshaped(Shape([count] + rest))
    }

    /// The axes of the result in order, when those of the index come first.
    var resultOrder: [Int] {
        let joint = Array(0..<self.joint.count)
        let rest = Array(joint.count..<joint.count + self.rest.count)
        return rest[..<position] + joint + rest[position...]
    }
}

extension Tensor {
    /// The slices at the positions that the index tensors name, one for each axis given.
    func pickedSlices(_ indices: [(axis: Int, index: Tensor)]) -> Tensor {
        let slices = IndexedSlices(shape, indices.map { ($0.axis, $0.index.to(device)) })
        let picked = slices.rows(self).indexSelect(axis: 0, indices: slices.numbers)
        return picked.reshaped(Shape(Array(slices.joint) + slices.rest)).permuted(slices.resultOrder)
    }

    /// This tensor with `values`, broadcast, at the positions that the index tensors name, or added to what is there.
    func puttingSlices(_ indices: [(axis: Int, index: Tensor)], _ values: Tensor, accumulates: Bool) -> Tensor {
        let slices = IndexedSlices(shape, indices.map { ($0.axis, $0.index.to(device)) })
        let lengths = Array(slices.joint) + slices.rest
        let target = Shape(slices.resultOrder.map { lengths[$0] })
        var inverse = slices.resultOrder
        for (place, axis) in slices.resultOrder.enumerated() { inverse[axis] = place }
        let source = values.to(device).to(dtype).broadcast(to: target).permuted(inverse)
            .reshaped(Shape([slices.numbers.elementCount] + slices.rest))
        let rows = slices.rows(self)
        let index = slices.numbers.spread(along: 0, of: rows.shape)
        let changed =
            accumulates
            ? rows.scatterAdd(axis: 0, indices: index, source) : rows.scatter(axis: 0, indices: index, source)
        var back = slices.order
        for (place, axis) in slices.order.enumerated() { back[axis] = place }
        return changed.reshaped(Shape(slices.order.map { shape[$0] })).permuted(back)
    }

    /// This tensor with `values`, broadcast, at the given `positions`; if `accumulates`, added to what is there, so
    /// that a position named twice gets both.
    public func indexPut(_ positions: [TensorIndex], _ values: Tensor, accumulates: Bool = false) -> Tensor {
        let (plain, indices) = plainPositions(positions)
        guard !indices.isEmpty else {
            var result = self
            result[positions] = accumulates ? indexed(positions) + values : values
            return result
        }
        let part = indexed(plain)
        let changed = part.puttingSlices(indices, values, accumulates: accumulates)
        if part.shape == shape && plain.allSatisfy(\.isWholeAxis) { return changed }
        var result = self
        result[plain] = changed
        return result
    }

    /// The positions with whole axes in place of tensors, and the tensors by the axis of the result they index.
    ///
    /// A bool tensor stands for the positions of its true elements, an index tensor for each of its axes.
    func plainPositions(_ positions: [TensorIndex]) -> (plain: [TensorIndex], indices: [(axis: Int, index: Tensor)]) {
        let used = positions.reduce(0) { $0 + $1.axisCount }
        guard used <= rank else { fail("subscript", "positions for \(used) axes of a tensor of shape \(shape)") }
        var (plain, indices, axis) = ([TensorIndex](), [(axis: Int, index: Tensor)](), 0)
        for position in positions {
            switch position {
            case .elements(let index) where index.dtype == .bool:
                for column in index.nonZeroIndices().unstacked(axis: 1) {
                    indices.append((axis, column))
                    axis += 1
                }
                plain += [TensorIndex](repeating: .all, count: index.rank)
            case .elements(let index):
                indices.append((axis, index))
                plain.append(.all)
                axis += 1
            case .wholeAxes:
                plain.append(position)
                axis += rank - used
            case .index: plain.append(position)
            case .slice, .lengthOne:
                plain.append(position)
                axis += 1
            }
        }
        return (plain, indices)
    }
}

extension TensorIndex {
    /// The number of axes of the indexed tensor that the position consumes; none for an ellipsis.
    var axisCount: Int {
        switch self {
        case .index, .slice: 1
        case .elements(let index): index.dtype == .bool ? index.rank : 1
        case .lengthOne, .wholeAxes: 0
        }
    }

    var isWholeAxis: Bool {
        switch self {
        case .slice(nil, nil, 1), .wholeAxes: true
        default: false
        }
    }
}
