// Running sums, products, maxima and minima along one axis.

extension Tensor {
    /// The sum of each element and all previous ones along `axis`; integers are summed as int64.
    public func cumulativeSum(axis: Int) -> Tensor {
        if rank == 0 { return asVector.cumulativeSum(axis: axis).reshaped([]) }
        let axis = self.axis(axis, "cumulativeSum")
        let x = dtype.isFloatingPoint ? self : to(.int64)
        return x.scanned(.sum, axis).recorded("cumulativeSum", x) {
            $0.flipped(axes: [axis]).cumulativeSum(axis: axis).flipped(axes: [axis])
        }
    }

    /// The product of each element and all previous ones along `axis`; integers are multiplied as int64.
    public func cumulativeProduct(axis: Int) -> Tensor {
        if rank == 0 { return asVector.cumulativeProduct(axis: axis).reshaped([]) }
        let axis = self.axis(axis, "cumulativeProduct")
        let x = dtype.isFloatingPoint ? self : to(.int64)
        return x.scanned(.product, axis).recorded("cumulativeProduct", x) { x.productGradient($0, axis: axis) }
    }

    // dx[i] = (product of all before i) (sum over k >= i of g[k] times the product of those between i and k), with the
    // sum computed from the end. No division, so zeros need no special case.
    private func productGradient(_ gradient: Tensor, axis: Int) -> Tensor {
        let n = shape[axis]
        if n == 0 { return gradient }
        func at(_ x: Tensor, _ i: Int) -> Tensor { x.narrowed(axis: axis, start: i, count: 1) }
        var sums = [at(gradient, n - 1)]
        for i in stride(from: n - 2, through: 0, by: -1) { sums.append(at(gradient, i) + at(self, i + 1) * sums.last!) }
        return productOfThoseBefore(axis: axis) * .concatenated(sums.reversed(), axis: axis)
    }

    /// The product of all elements before each along `axis`: 1 at the first.
    func productOfThoseBefore(axis: Int) -> Tensor {
        let n = shape[axis]
        if n == 0 { return self }
        let one = Tensor.ones(like: narrowed(axis: axis, start: 0, count: 1).detached())
        let products = narrowed(axis: axis, start: 0, count: n - 1).cumulativeProduct(axis: axis)
        return .concatenated([one, products], axis: axis)
    }

    /// The largest element so far along `axis`, and its index (int64), the last of equal ones. NaN wins.
    public func cumulativeMax(axis: Int) -> (values: Tensor, indices: Tensor) { runningExtreme(.maximum, axis) }

    /// The smallest element so far along `axis`, and its index (int64), the last of equal ones. NaN wins.
    public func cumulativeMin(axis: Int) -> (values: Tensor, indices: Tensor) { runningExtreme(.minimum, axis) }

    private func runningExtreme(_ op: ReduceOp, _ axis: Int) -> (values: Tensor, indices: Tensor) {
        if rank == 0 {
            let result = asVector.runningExtreme(op, axis)
            return (result.values.reshaped([]), result.indices.reshaped([]))
        }
        let axis = self.axis(axis, "cumulativeExtreme")
        let x = detached()
        let wide = x.dtype.isFloatingPoint ? x : x.to(.int64)
        let isRecord = (wide .== wide.scanned(op, axis)) .| wide.isNaN()
        let numbers = Tensor.arange(shape[axis], device: device).spread(along: axis, of: shape)
        let indices = Tensor.select(isRecord, numbers, 0).scanned(.maximum, axis)
        return (gather(axis: axis, indices: indices), indices)
    }

    /// The logarithm of the running sum of exponentials along `axis`, without overflow.
    public func logCumulativeSumExp(axis: Int) -> Tensor {
        if rank == 0 { return self }
        let axis = self.axis(axis, "logCumulativeSumExp")
        let n = shape[axis]
        // After the step of width d each element contains the sum of the 2d elements up to it.
        var sums = self
        var width = 1
        while width < n {
            let first = sums.narrowed(axis: axis, start: 0, count: width)
            let rest = sums.narrowed(axis: axis, start: width, count: n - width)
            let earlier = sums.narrowed(axis: axis, start: 0, count: n - width)
            sums = .concatenated([first, rest.logAddExp(earlier)], axis: axis)
            width *= 2
        }
        return sums
    }

    /// A running reduction, not recorded.
    private func scanned(_ op: ReduceOp, _ axis: Int) -> Tensor {
        let out = Tensor.uninitialized(shape, strides: denseStrides, dtype: dtype, device: device)
        backend.scan(op, operand, axis: axis, into: out.operand)
        return out
    }

    /// The differences of neighbours along `axis`, taken `order` times.
    public func differences(order: Int = 1, axis: Int = -1) -> Tensor {
        let axis = self.axis(axis, "differences")
        guard rank > 0, order >= 0 else {
            fail("differences", "cannot take order \(order) along axis \(axis) of shape \(shape)")
        }
        var x = self
        for _ in 0..<order {
            let count = Swift.max(0, x.shape[axis] - 1)
            let start = Swift.min(1, x.shape[axis])
            let (a, b) = (
                x.narrowed(axis: axis, start: 0, count: count), x.narrowed(axis: axis, start: start, count: count)
            )
            x = dtype == .bool ? a .!= b : b - a
        }
        return x
    }

    /// The area under this tensor's points along `axis` by the trapezoid rule, `spacing` apart.
    public func trapezoid(spacing: Double = 1, axis: Int = -1) -> Tensor {
        let (low, high, axis) = neighbours(axis)
        return (low + high).sum(axes: [axis]) * (spacing / 2)
    }

    /// The area under this tensor's points along `axis` by the trapezoid rule, at the positions `x`.
    ///
    /// *Shape*: `x` has one axis, as long as `axis`, or broadcasts with this tensor.
    public func trapezoid(x: Tensor, axis: Int = -1) -> Tensor {
        let (low, high, axis) = neighbours(axis)
        guard x.rank == 1 && rank > 1 else {
            // Trailing axes are matched, as in broadcasting.
            let steps = x.differences(axis: axis - rank + x.rank)
            let areas = (low + high) * steps
            return areas.sum(axes: [axis - rank + areas.rank]) / 2
        }
        var lengths = Shape(repeating: 1, count: rank)
        lengths[axis] = Swift.max(0, x.elementCount - 1)
        return ((low + high) * x.differences().reshaped(lengths)).sum(axes: [axis]) / 2
    }

    private func neighbours(_ axis: Int) -> (low: Tensor, high: Tensor, axis: Int) {
        let axis = self.axis(axis, "trapezoid")
        guard rank > 0 else { fail("trapezoid", "a single number does not bound an area") }
        let count = Swift.max(0, shape[axis] - 1)
        return (
            narrowed(axis: axis, start: 0, count: count),
            narrowed(axis: axis, start: shape[axis] - count, count: count), axis
        )
    }
}
