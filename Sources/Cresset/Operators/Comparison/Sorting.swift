// Order: sorting, the largest few, medians, quantiles, searching.

extension Tensor {
    /// The elements in ascending order along `axis`, and where they were (int64). Equal ones keep their order; NaN is
    /// last.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - descending: Whether the largest comes first.
    public func sorted(axis: Int = -1, descending: Bool = false) -> (values: Tensor, indices: Tensor) {
        if rank == 0 {
            let result = asVector.sorted(axis: axis, descending: descending)
            return (result.values.reshaped([]), result.indices.reshaped([]))
        }
        let axis = self.axis(axis, "sorted")
        let values = Tensor.uninitialized(shape, strides: denseStrides, dtype: dtype, device: device)
        let indices = Tensor.uninitialized(shape, strides: values.strides, dtype: .int64, device: device)
        backend.sort(operand, axis: axis, descending: descending, values: values.operand, indices: indices.operand)
        let original = shape
        let connected = values.recorded("sorted", self) {
            let zeros = Tensor.zeros(original, dtype: $0.dtype, device: $0.device)
            return $0.elementCount == 0 ? zeros : zeros.scatterAdded(axis: axis, indices, $0)
        }
        return (connected, indices)
    }

    /// The indices (int64) of the elements in ascending order along `axis`.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - descending: Whether the largest comes first.
    public func argSorted(axis: Int = -1, descending: Bool = false) -> Tensor {
        detached().sorted(axis: axis, descending: descending).indices
    }

    /// The `count` largest (or smallest) elements along `axis`, in order, and where they are (int64).
    ///
    /// - Parameters:
    ///   - count: The number of them.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - largest: Whether to return the largest ones, or else the smallest.
    public func topK(_ count: Int, axis: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
        let x = asVector
        let at = x.axis(axis, "topK")
        guard count >= 0, count <= x.shape[at] else {
            fail("topK", "cannot take \(count) elements of axis \(axis) of shape \(shape)")
        }
        let order = x.argSorted(axis: at, descending: largest).narrowed(axis: at, start: 0, count: count)
        return picked(order, x, at, dropsAxis: rank == 0)
    }

    /// The `number`-th smallest element along `axis`, counted from 1, and its index (int64).
    ///
    /// - Parameters:
    ///   - number: Which one, counted from 1 for the smallest.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    public func kthValue(_ number: Int, axis: Int = -1, keepsAxis: Bool = false) -> (values: Tensor, indices: Tensor) {
        let x = asVector
        let at = x.axis(axis, "kthValue")
        guard number >= 1, number <= x.shape[at] else {
            fail("kthValue", "there is no element \(number) along axis \(axis) of shape \(shape)")
        }
        let order = x.argSorted(axis: at).narrowed(axis: at, start: number - 1, count: 1)
        return picked(order, x, at, dropsAxis: rank == 0 || !keepsAxis)
    }

    /// The middle element along `axis`, the lower of two, and its index (int64). NaN wins.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    public func median(axis: Int, keepsAxis: Bool = false) -> (values: Tensor, indices: Tensor) {
        let x = asVector
        let at = x.axis(axis, "median")
        let n = x.shape[at]
        guard n > 0 else { fail("median", "no elements have no median: shape \(shape), axis \(axis)") }
        let order = x.argSorted(axis: at)
        // NaN is sorted to the end: the first NaN is where the numbers end.
        let numbers = x.detached().isNaN().logicalNot().to(.int64).sum(axes: [at], keepsAxes: true)
        let place = Tensor.select(numbers .== n, (n - 1) / 2, numbers)
        return picked(order.gather(axis: at, indices: place), x, at, dropsAxis: rank == 0 || !keepsAxis)
    }

    /// The middle of all elements, the lower of two; equal ones share the gradient. NaN wins, and is the median of no
    /// numbers at all. Traps for no integers.
    public func median() -> Tensor {
        let x = self
        if elementCount == 0 && dtype.isFloatingPoint { return sum() + Double.nan }
        let value = detached().flattened().median(axis: 0).values
        return value.recorded("median", x) {
            let isMedian = Tensor.select(value.isNaN(), x.isNaN(), x .== value)
            return Tensor.select(isMedian, $0 / isMedian.to($0.dtype).sum(), 0)
        }
    }

    private func picked(_ order: Tensor, _ x: Tensor, _ axis: Int, dropsAxis: Bool) -> (values: Tensor, indices: Tensor)
    {
        let values = x.gathered(byKnown: order, axis: axis)
        return dropsAxis ? (values.squeezed(axis: axis), order.squeezed(axis: axis)) : (values, order)
    }

    /// The quantiles `q` (0 to 1; one number or one axis of them) along `axis`, or of all elements if nil.
    ///
    /// *Shape*: that of the reduction, with the axis of `q` in front. NaN wins.
    ///
    /// - Parameters:
    ///   - q: The shares, from 0 to 1.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    ///   - interpolation: How a value between two elements is chosen.
    public func quantile(
        _ q: Tensor, axis: Int? = nil, keepsAxis: Bool = false, interpolation: QuantileInterpolation = .linear
    ) -> Tensor {
        guard q.rank <= 1, dtype.isFloatingPoint else {
            fail("quantile", "q of shape \(q.shape) cannot be used for \(dtype) elements")
        }
        let x = (axis == nil ? flattened() : asVector).movingAxes([axis ?? 0], to: [-1])
        let n = x.shape[x.rank - 1]
        guard n > 0 else { fail("quantile", "no elements have no quantile: shape \(shape)") }
        let hasNaN = x.detached().isNaN().any(axes: [-1], keepsAxes: true)
        let place = (q.asVector * Double(n - 1)).broadcast(to: Shape(Array(x.shape.dropLast()) + [q.elementCount]))
        let ranks = Tensor.select(hasNaN, Double(n - 1), place)
        let sorted = x.sorted(axis: -1).values
        func at(_ ranks: Tensor) -> Tensor { sorted.gather(axis: -1, indices: ranks.detached().to(.int64)) }
        var result: Tensor
        switch interpolation {
        case .lower: result = at(ranks.floor())
        case .higher: result = at(ranks.ceil())
        case .nearest: result = at(ranks.round())
        case .linear: result = at(ranks.floor()).lerp(to: at(ranks.ceil()), weight: ranks - ranks.detached().floor())
        case .midpoint: result = at(ranks.floor()).lerp(to: at(ranks.ceil()), weight: 0.5)
        }
        result = result.movingAxes([-1], to: [0])
        if keepsAxis && rank > 0 {
            var kept = axis == nil ? Shape(repeating: 1, count: rank) : shape
            if let axis { kept[self.axis(axis, "quantile")] = 1 }
            result = result.reshaped(Shape([q.elementCount] + Array(kept)))
        }
        return q.rank == 0 ? result.squeezed(axis: 0) : result
    }

    /// Where each of `values` would be inserted into this ascending row to keep it sorted (int64): before equal
    /// elements, or after them if `after`.
    ///
    /// *Shape*: a row of one axis, with any values; or both with the same number of axes, equal except for the last.
    public func searchSorted(_ values: Tensor, after: Bool = false) -> Tensor {
        require(sameDevice: values, "searchSorted")
        guard rank >= 1, rank == 1 || (values.rank == rank && shape.dropLast().elementsEqual(values.shape.dropLast()))
        else {
            fail("searchSorted", "rows of shape \(shape) do not fit values of shape \(values.shape)")
        }
        let n = shape[rank - 1]
        let wanted = rank == 1 ? values.detached().flattened() : values.detached()
        var low = Tensor.zeros(wanted.shape, dtype: .int64, device: device)
        var high = low + n
        var reach = n
        while reach > 0 {
            let middle = (low + high).floorDivided(by: low.beside(.integer(2)))
            let found = detached().gather(axis: -1, indices: middle.clamp(max: Double(Swift.max(0, n - 1))))
            // Negated, so that NaN counts as larger than any number.
            let isBefore = (after ? found .> wanted : found .>= wanted).logicalNot() .& (low .< high)
            low = Tensor.select(isBefore, middle + 1, low)
            high = Tensor.select(isBefore, high, middle)
            reach /= 2
        }
        return low.reshaped(values.shape)
    }
}

/// What ``Tensor/quantile(_:axis:keepsAxis:interpolation:)`` returns if a quantile is between two elements.
public enum QuantileInterpolation: String, Sendable {
    case linear, lower, higher, midpoint, nearest
}
