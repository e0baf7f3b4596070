// Operators that reduce axes. `axes: nil` means all of them; `keepsAxes` keeps each as an axis of length 1.

extension Tensor {
    /// Reduces `axes` (checked, ascending) and keeps each as an axis of length 1. Not recorded.
    func reduced(_ op: ReduceOp, axes: [Int], dtype: DType) -> Tensor {
        var kept = shape
        for axis in axes { kept[axis] = 1 }
        let out = Tensor.uninitialized(kept, dtype: dtype, device: device)
        var strides = out.strides
        for axis in axes { strides[axis] = 0 }
        let operand = Operand(
            pointer: out.body.pointer, dtype: dtype, shape: shape, strides: strides, storage: out.body.storage)
        backend.reduce(op, self.operand, axes: Shape(axes), into: operand)
        return out
    }

    private func dropping(_ axes: [Int], unless keepsAxes: Bool) -> Tensor {
        if keepsAxes || axes.isEmpty { return self }
        let kept = (0..<rank).filter { !axes.contains($0) }
        return window(shape: Shape(kept.map { shape[$0] }), strides: Shape(kept.map { strides[$0] }))
    }

    /// A gradient or result whose reduced axes may have been dropped, with these restored as axes of length 1.
    private func restoring(_ axes: [Int], of shape: Shape) -> Tensor {
        if rank == shape.count { return self }
        var lengths = shape
        for axis in axes { lengths[axis] = 1 }
        return reshaped(lengths)
    }

    /// The sum; integers and bool are summed as int64.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func sum(axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        let axes = self.axes(axes, "sum")
        let x = dtype.isFloatingPoint ? self : to(.int64)
        let out = x.reduced(.sum, axes: axes, dtype: x.dtype).dropping(axes, unless: keepsAxes)
        let shape = self.shape
        return out.recorded("sum", self) { $0.restoring(axes, of: shape).broadcast(to: shape) }
    }

    /// The mean. Traps for integers: convert first.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func mean(axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        guard dtype.isFloatingPoint else {
            fail("mean", "the mean of \(dtype) elements is not \(dtype)", hint: "convert with to(.float32) first")
        }
        let axes = self.axes(axes, "mean")
        let count = axes.reduce(1) { $0 * shape[$1] }
        return sum(axes: axes, keepsAxes: keepsAxes) / Double(count)
    }

    /// The variance; with `correction` 1 the divisor is one less than the number of elements.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - correction: The number subtracted from the number of elements: 1 for samples, 0 for whole populations.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func variance(axes: [Int]? = nil, correction: Double = 1, keepsAxes: Bool = false) -> Tensor {
        let axes = self.axes(axes, "variance")
        let count = Double(axes.reduce(1) { $0 * shape[$1] })
        let centred = self - mean(axes: axes, keepsAxes: true)
        return centred.squared().sum(axes: axes, keepsAxes: keepsAxes) / Swift.max(0, count - correction)
    }

    /// The square root of the variance. Where that is zero, the derivative is zero.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - correction: The number subtracted from the number of elements: 1 for samples, 0 for whole populations.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func standardDeviation(axes: [Int]? = nil, correction: Double = 1, keepsAxes: Bool = false) -> Tensor {
        variance(axes: axes, correction: correction, keepsAxes: keepsAxes).rootOfSquares()
    }

    /// The largest element; equal ones share the gradient. Traps if there are no elements.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func amax(axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        extreme(.maximum, axes, keepsAxes, "amax")
    }

    /// The smallest element; equal ones share the gradient. Traps if there are no elements.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func amin(axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        extreme(.minimum, axes, keepsAxes, "amin")
    }

    private func extreme(_ op: ReduceOp, _ axes: [Int]?, _ keepsAxes: Bool, _ name: StaticString) -> Tensor {
        let axes = self.axes(axes, name)
        requireElements(axes, name)
        let x = self
        let kept = reduced(op, axes: axes, dtype: dtype)
        return kept.dropping(axes, unless: keepsAxes).recorded(name, x) { gradient in
            let mask = (x .== kept).to(x.dtype)
            return gradient.restoring(axes, of: x.shape) * (mask / mask.sum(axes: axes, keepsAxes: true))
        }
    }

    private func requireElements(_ axes: [Int], _ operation: StaticString) {
        if axes.contains(where: { shape[$0] == 0 }) || (axes.isEmpty && elementCount == 0) {
            fail("\(operation)", "no elements have no extreme: shape \(shape), axes \(axes)")
        }
    }

    /// Whether any element is nonzero.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func any(axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        let axes = self.axes(axes, "any")
        return reduced(.any, axes: axes, dtype: .bool).dropping(axes, unless: keepsAxes)
    }

    /// Whether all elements are nonzero.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func all(axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        let axes = self.axes(axes, "all")
        return reduced(.all, axes: axes, dtype: .bool).dropping(axes, unless: keepsAxes)
    }

    /// The index (int64) of the largest element along `axis`, the first of equal ones; over all elements if nil.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    public func argmax(axis: Int? = nil, keepsAxis: Bool = false) -> Tensor {
        index(.argmax, axis, keepsAxis, "argmax")
    }

    /// The index (int64) of the smallest element along `axis`, the first of equal ones; over all elements if nil.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    public func argmin(axis: Int? = nil, keepsAxis: Bool = false) -> Tensor {
        index(.argmin, axis, keepsAxis, "argmin")
    }

    private func index(_ op: ReduceOp, _ axis: Int?, _ keepsAxis: Bool, _ name: StaticString) -> Tensor {
        let axes = self.axes(axis.map { [$0] }, name)
        requireElements(axes, name)
        return reduced(op, axes: axes, dtype: .int64).dropping(axes, unless: keepsAxis)
    }

    /// The largest elements along `axis` and their indices (int64); the gradient goes to the element with that index.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    public func max(axis: Int, keepsAxis: Bool = false) -> (values: Tensor, indices: Tensor) {
        picked(argmax(axis: axis, keepsAxis: true), axis, keepsAxis)
    }

    /// The smallest elements along `axis` and their indices (int64); the gradient goes to the element with that index.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    public func min(axis: Int, keepsAxis: Bool = false) -> (values: Tensor, indices: Tensor) {
        picked(argmin(axis: axis, keepsAxis: true), axis, keepsAxis)
    }

    private func picked(_ indices: Tensor, _ axis: Int, _ keepsAxis: Bool) -> (values: Tensor, indices: Tensor) {
        let values = gathered(byKnown: indices, axis: axis)
        if keepsAxis || rank == 0 { return (values, indices) }
        return (values.squeezed(axis: axis), indices.squeezed(axis: axis))
    }

    /// The product.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func product(axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        let axes = self.axes(axes, "product")
        let x = dtype.isFloatingPoint ? autocastRaised : to(.int64)
        let out = x.reduced(.product, axes: axes, dtype: x.dtype).dropping(axes, unless: keepsAxes)
        guard Tensor.records(self) else { return out }
        // Differentiated one axis at a time: the product of all others along it, from both sides.
        return axes.reversed().reduce(x) { $0.product(along: $1) }.reshaped(out.shape)
    }

    private func product(along axis: Int) -> Tensor {
        let x = self
        return reduced(.product, axes: [axis], dtype: dtype).recorded("product", x) { gradient in
            let behind = x.flipped(axes: [axis]).productOfThoseBefore(axis: axis).flipped(axes: [axis])
            return gradient * (x.productOfThoseBefore(axis: axis) * behind)
        }
    }
}
