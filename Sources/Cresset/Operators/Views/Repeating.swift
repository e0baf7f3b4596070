// Elements repeated, rolled and viewed through sliding windows.

extension Tensor {
    /// This tensor repeated side by side, `counts` times along each axis; new axes are added in front if there are more
    /// counts than axes.
    public func tiled(_ counts: [Int]) -> Tensor {
        guard counts.allSatisfy({ $0 >= 0 }) else { fail("tiled", "counts \(counts) cannot be negative") }
        let lead = Swift.max(0, counts.count - rank)
        var result = lead == 0 ? self : reshaped(Shape([Int](repeating: 1, count: lead) + Array(shape)))
        let counts = [Int](repeating: 1, count: result.rank - counts.count) + counts
        for (axis, count) in counts.enumerated() where count != 1 {
            let n = result.shape[axis]
            var lengths = result.shape
            lengths[axis] = n * count
            result = result.unsqueezed(at: axis).broadcast(to: result.shape.inserting(count, at: axis)).reshaped(
                lengths)
        }
        return result
    }

    /// Each element repeated `count` times along `axis`; all elements, flattened, if nil.
    public func repeated(_ count: Int, axis: Int? = nil) -> Tensor {
        guard let axis else { return flattened().repeated(count, axis: 0) }
        let at = self.axis(axis, "repeated")
        guard rank > 0, count >= 0 else {
            fail("repeated", "cannot repeat \(count) times along axis \(axis) of shape \(shape)")
        }
        var lengths = shape
        lengths[at] *= count
        return unsqueezed(at: at + 1).broadcast(to: shape.inserting(count, at: at + 1)).reshaped(lengths)
    }

    /// Each slice of `axis` as often as the one-axis tensor `counts` says; all elements, flattened, if nil.
    public func repeated(counts: Tensor, axis: Int? = nil) -> Tensor {
        guard let axis else { return flattened().repeated(counts: counts, axis: 0) }
        let times: [Int] = counts.scalars()
        let at = self.axis(axis, "repeated")
        guard rank > 0, times.count == shape[at] || times.count == 1, times.allSatisfy({ $0 >= 0 }) else {
            fail(
                "repeated",
                "counts of shape \(counts.shape) for axis \(axis) of shape \(shape): need one each, none negative")
        }
        let indices = (0..<shape[at]).flatMap { [Int](repeating: $0, count: times[times.count == 1 ? 0 : $0]) }
        return indexSelect(axis: at, indices: Tensor(indices, device: device))
    }

    /// The elements shifted by `shifts` along `axes`, with those that leave at the end re-entering at the beginning; as
    /// one row of all elements if `axes` is empty.
    public func rolled(_ shifts: [Int], axes: [Int] = []) -> Tensor {
        if axes.isEmpty, shifts.count == 1 { return flattened().rolled(shifts, axes: [0]).reshaped(shape) }
        guard shifts.count == axes.count else { fail("rolled", "\(shifts.count) shifts for \(axes.count) axes") }
        var result = self
        for (shift, axis) in zip(shifts, axes) {
            let axis = self.axis(axis, "rolled")
            let n = rank == 0 ? 0 : shape[axis]
            if n == 0 { continue }
            let step = ((shift % n) + n) % n
            if step == 0 { continue }
            let (a, b) = (
                result.narrowed(axis: axis, start: 0, count: n - step),
                result.narrowed(axis: axis, start: n - step, count: step)
            )
            result = .concatenated([b, a], axis: axis)
        }
        return result
    }

    /// The plane of two axes rotated by `quarters` of a turn, from the first axis towards the second.
    ///
    /// - Parameters:
    ///   - quarters: The number of quarter turns, from the first axis towards the second.
    ///   - axes: The two axes of the plane.
    public func rotated(quarters: Int = 1, axes: (Int, Int) = (0, 1)) -> Tensor {
        let (a, b) = (axis(axes.0, "rotated"), axis(axes.1, "rotated"))
        guard rank >= 2, a != b else { fail("rotated", "axes \(axes) of shape \(shape) do not form a plane") }
        switch ((quarters % 4) + 4) % 4 {
        case 1: return flipped(axes: [b]).transposed(a, b)
        case 2: return flipped(axes: [a, b])
        case 3: return flipped(axes: [a]).transposed(a, b)
        default: return self
        }
    }

    /// Windows of `size` elements, `step` apart, along `axis`; their elements form a new last axis.
    ///
    /// A single number has just one window. A view. `dilation` is the distance between the elements of a window. Traps
    /// if no window fits.
    public func unfolded(axis: Int, size: Int, step: Int, dilation: Int = 1) -> Tensor {
        if rank == 0, size <= 1 { return reshaped([1]).narrowed(axis: axis, start: 0, count: size) }
        let x = asVector
        let axis = x.axis(axis, "unfolded")
        let n = x.shape[axis]
        let reach = size == 0 ? 0 : (size - 1) * dilation + 1
        guard size >= 0, step >= 1, dilation >= 1, reach <= n else {
            fail("unfolded", "no windows of \(size) in steps of \(step) fit axis \(axis) of shape \(shape)")
        }
        let count = (n - reach) / step + 1
        var lengths = x.shape
        lengths[axis] = count
        var steps = x.strides
        steps[axis] *= step
        let original = x.shape
        return x.window(
            shape: Shape(Array(lengths) + [size]), strides: Shape(Array(steps) + [x.strides[axis] * dilation])
        ).recorded("unfolded", x) { $0.folded(into: original, axis: axis, size: size, step: step, dilation: dilation) }
    }

    /// The windows of a tensor added back where they came from: the gradient of unfolding.
    private func folded(into shape: Shape, axis: Int, size: Int, step: Int, dilation: Int) -> Tensor {
        var sum = Tensor.zeros(shape, dtype: dtype, device: device)
        let count = self.shape[axis]
        for i in 0..<size {
            let part = narrowed(axis: -1, start: i, count: 1).squeezed(axis: -1)
            if count > 0 { sum = sum + part.placed(in: shape, axis: axis, start: i * dilation, step: step) }
        }
        return sum
    }
}
