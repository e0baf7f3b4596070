// Views of the same memory: reshaping, permuting, slicing, broadcasting. None copies unless it says so.

extension Tensor {
    /// The same elements in row-major order under another shape; one length may be -1 and is inferred.
    ///
    /// Copies only if the memory cannot be viewed in that shape. Traps if the numbers of elements differ.
    ///
    /// - Parameter shape: The new lengths; one may be -1 and is inferred.
    public func reshaped(_ shape: Shape) -> Tensor {
        let shape = resolved(shape)
        if shape == self.shape { return self }
        let original = self.shape
        if let strides = strides(forReshapingTo: shape) {
            return window(shape: shape, strides: strides).recorded("reshaped", self) { $0.reshaped(original) }
        }
        let copy = Tensor.uninitialized(original, dtype: dtype, device: device)
        backend.copy(operand, to: copy.operand)
        return copy.window(shape: shape, strides: shape.rowMajorStrides)
            .recorded("reshaped", self) { $0.reshaped(original) }
    }

    private func resolved(_ shape: Shape) -> Shape {
        var result = shape
        let free = shape.indices.filter { shape[$0] == -1 }
        if free.count == 1 {
            let known = shape.reduce(1) { $1 == -1 ? $0 : $0 * $1 }
            if known != 0 && elementCount % known == 0 { result[free[0]] = elementCount / known }
        }
        guard !result.contains(where: { $0 < 0 }), result.elementCount == elementCount else {
            fail(
                "reshaped", "a tensor of shape \(self.shape) (\(elementCount) elements) cannot have the shape \(shape)",
                hint: free.count > 1 ? "only one length may be -1" : "the products of the lengths must be equal")
        }
        return result
    }

    /// The strides under which this memory has the new shape, or nil if there are none.
    private func strides(forReshapingTo shape: Shape) -> Shape? {
        if isContiguous || elementCount == 0 { return shape.rowMajorStrides }
        var result = Shape(repeating: 0, count: shape.count)
        var new = shape.count - 1
        var old = rank - 1
        while old >= 0 {
            // A run of old axes that are adjacent in memory.
            let step = strides[old]
            var length = self.shape[old]
            while old > 0, self.shape[old - 1] == 1 || strides[old - 1] == step * length {
                old -= 1
                length *= self.shape[old]
            }
            // It must be divided into whole new axes.
            var product = 1
            while new >= 0, product < length || shape[new] == 1 {
                result[new] = step * product
                product *= shape[new]
                new -= 1
            }
            if product != length { return nil }
            old -= 1
        }
        while new >= 0 {
            result[new] = 1
            new -= 1
        }
        return result
    }

    /// Merges the axes from `start` to `end`, both included, into one.
    public func flattened(from start: Int = 0, to end: Int = -1) -> Tensor {
        if rank == 0 { return reshaped([1]) }
        let (a, b) = (axis(start, "flattened"), axis(end, "flattened"))
        guard a <= b else { fail("flattened", "axis \(start) comes after axis \(end) in shape \(shape)") }
        var lengths = Array(shape)
        lengths.replaceSubrange(a...b, with: [shape[a...b].reduce(1, *)])
        return reshaped(Shape(lengths))
    }

    /// The axes in another order: axis `i` of the result is axis `order[i]` of this tensor.
    ///
    /// - Parameter order: The axis at each position.
    public func permuted(_ order: [Int]) -> Tensor {
        let found = order.map { axis($0, "permuted") }
        guard found.count == rank, Set(found).count == rank else {
            fail("permuted", "\(order) does not name each axis of shape \(shape) once")
        }
        var inverse = found
        for (i, axis) in found.enumerated() { inverse[axis] = i }
        return window(shape: Shape(found.map { shape[$0] }), strides: Shape(found.map { strides[$0] }))
            .recorded("permuted", self) { [inverse] in $0.permuted(inverse) }
    }

    /// Swaps two axes.
    ///
    /// - Parameters:
    ///   - first: One axis.
    ///   - second: The other axis.
    public func transposed(_ first: Int, _ second: Int) -> Tensor {
        if rank == 0 { return self }
        let (a, b) = (axis(first, "transposed"), axis(second, "transposed"))
        var (newShape, newStrides) = (shape, strides)
        (newShape[a], newShape[b]) = (shape[b], shape[a])
        (newStrides[a], newStrides[b]) = (strides[b], strides[a])
        return window(shape: newShape, strides: newStrides).recorded("transposed", self) { $0.transposed(a, b) }
    }

    /// The matrix with rows and columns swapped; tensors with fewer axes are unchanged.
    public var t: Tensor { rank < 2 ? self : transposed(-2, -1) }

    /// Inserts an axis of length 1 before `axis`.
    public func unsqueezed(at axis: Int) -> Tensor {
        guard axis >= -rank - 1 && axis <= rank else {
            fail("unsqueezed", "an axis cannot be inserted at \(axis) of shape \(shape)")
        }
        let at = axis < 0 ? axis + rank + 1 : axis
        let step = at < rank ? strides[at] * shape[at] : 1
        return window(shape: shape.inserting(1, at: at), strides: strides.inserting(step, at: at))
            .recorded("unsqueezed", self) { $0.squeezed(axis: at) }
    }

    /// This tensor without `axis` if its length is 1, otherwise unchanged; without all axes of length 1 if nil.
    public func squeezed(axis: Int? = nil) -> Tensor { squeezed(axes: axis.map { [$0] } ?? Array(0..<rank)) }

    /// This tensor without those of `axes` whose length is 1.
    public func squeezed(axes: [Int]) -> Tensor {
        let axes = self.axes(axes, "squeezed")
        let kept = (0..<rank).filter { !axes.contains($0) || shape[$0] != 1 }
        if kept.count == rank { return self }
        let original = shape
        return window(shape: Shape(kept.map { shape[$0] }), strides: Shape(kept.map { strides[$0] }))
            .recorded("squeezed", self) { $0.reshaped(original) }
    }

    /// This tensor repeated along axes of length 1, and along new leading axes, without copying.
    ///
    /// - Parameter shape: The lengths to broadcast to.
    public func broadcast(to shape: Shape) -> Tensor {
        if shape == self.shape { return self }
        let joint = required { () throws(ShapeError) in
            try Shape.broadcast(self.shape, shape, operation: "broadcast")
        }
        guard joint == shape else { fail("broadcast", "shape \(self.shape) does not broadcast to \(shape)") }
        let original = self.shape
        return window(shape: shape, strides: operand(broadcastTo: shape).strides)
            .recorded("broadcast", self) { $0.summed(to: original) }
    }

    /// The part of `axis` from `start`, `count` long, every `step`-th element.
    ///
    /// Traps if that leaves the axis.
    public func narrowed(axis: Int, start: Int, count: Int, step: Int = 1) -> Tensor {
        let axis = self.axis(axis, "narrowed")
        guard rank > 0, step >= 1, start >= 0, count >= 0, count == 0 || start + (count - 1) * step < shape[axis],
            start <= shape[axis]
        else {
            fail("narrowed", "\(count) elements from \(start) in steps of \(step) leave axis \(axis) of shape \(shape)")
        }
        let original = shape
        var (newShape, newStrides) = (shape, strides)
        newShape[axis] = count
        newStrides[axis] = strides[axis] * step
        return window(shape: newShape, strides: newStrides, offset: start * strides[axis])
            .recorded("narrowed", self) { $0.placed(in: original, axis: axis, start: start, step: step) }
    }

    /// Zeros of `shape` with this tensor along part of `axis`: the gradient of narrowing.
    func placed(in shape: Shape, axis: Int, start: Int, step: Int) -> Tensor {
        let out = Tensor.zeros(shape, dtype: dtype, device: device)
        let count = self.shape[axis]
        let part = out.narrowed(axis: axis, start: start, count: count, step: step)
        backend.copy(operand, to: part.operand)
        return out.recorded("placed", self) { $0.narrowed(axis: axis, start: start, count: count, step: step) }
    }

    /// The slice at `index` of `axis`, without that axis; a negative index counts from the end.
    public func selected(axis: Int, index: Int) -> Tensor {
        let axis = self.axis(axis, "selected")
        guard rank > 0, index >= -shape[axis], index < shape[axis] else {
            fail("selected", "index \(index) is not in axis \(axis) of shape \(shape)")
        }
        return narrowed(axis: axis, start: index < 0 ? index + shape[axis] : index, count: 1).dropped(axis: axis)
    }

    /// This tensor without `axis`, whose length is 1.
    private func dropped(axis: Int) -> Tensor {
        let original = shape
        return window(shape: shape.removing(at: axis), strides: strides.removing(at: axis))
            .recorded("dropped", self) { $0.reshaped(original) }
    }

    /// Several axes in place of `axis`; one length may be -1 and is inferred.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - lengths: The lengths that replace the axis.
    public func unflattened(axis: Int, into lengths: [Int]) -> Tensor {
        let axis = self.axis(axis, "unflattened")
        guard rank > 0, !lengths.isEmpty else {
            fail("unflattened", "axis \(axis) of shape \(shape) cannot be split into \(lengths)")
        }
        var lengths = lengths
        if let free = lengths.firstIndex(of: -1) {
            let known = lengths.reduce(1) { $1 == -1 ? $0 : $0 * $1 }
            if known != 0, shape[axis] % known == 0 { lengths[free] = shape[axis] / known }
        }
        guard lengths.reduce(1, *) == shape[axis] else {
            fail("unflattened", "axis \(axis) of shape \(shape) does not divide into \(lengths)")
        }
        var all = Array(shape)
        all.replaceSubrange(axis...axis, with: lengths)
        return reshaped(Shape(all))
    }

    /// This tensor summed over the axes along which `shape` broadcasts to it.
    public func summed(toShape shape: Shape) -> Tensor {
        let joint = required { () throws(ShapeError) in try Shape.broadcast(self.shape, shape, operation: "summed") }
        guard joint == self.shape else { fail("summed", "shape \(shape) does not broadcast to \(self.shape)") }
        return summed(to: shape)
    }
}
