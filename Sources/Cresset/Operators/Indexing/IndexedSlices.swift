// Elements and slices named by an index tensor, read or replaced.

extension Tensor {
    /// Elements of the flattened tensor by index, in the shape of `indices`.
    public func take(_ indices: Tensor) -> Tensor {
        flattened().gather(axis: 0, indices: indices.flattened()).reshaped(indices.shape)
    }

    /// Like ``gather(axis:indices:)``, with both tensors broadcast along the other axes; flattened if `axis` is nil.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - indices: Where along the axis each element comes from, int64; the other axes broadcast.
    public func takeAlong(axis: Int?, indices: Tensor) -> Tensor {
        guard let axis else { return flattened().gather(axis: 0, indices: indices.flattened()) }
        let at = self.axis(axis, "takeAlong")
        guard rank == indices.rank, rank > 0 else {
            fail("takeAlong", "indices of shape \(indices.shape) do not fit shape \(shape)")
        }
        var (own, other) = (shape, indices.shape)
        (own[at], other[at]) = (1, 1)
        var joint = required { () throws(ShapeError) in try Shape.broadcast(own, other, operation: "takeAlong") }
        joint[at] = shape[at]
        let x = broadcast(to: joint)
        joint[at] = indices.shape[at]
        return x.gather(axis: at, indices: indices.broadcast(to: joint))
    }

    /// This tensor with the slices of `source` times `scale` added to those slices of `axis` that `indices` names.
    public func indexAdd(axis: Int, indices: Tensor, _ source: Tensor, scale: Double = 1) -> Tensor {
        slices(axis, indices, source) {
            let scaled = scale == 1 ? $2 : dtype.isFloatingPoint ? $2 * scale : $2 * Int(scale)
            return $0.scatterAdd(axis: $1.axis, indices: $1.index, scaled)
        }
    }

    /// This tensor with the slices of `source` in place of those slices of `axis` that `indices` names.
    public func indexCopy(axis: Int, indices: Tensor, _ source: Tensor) -> Tensor {
        slices(axis, indices, source) { $0.scatter(axis: $1.axis, indices: $1.index, $2) }
    }

    /// This tensor with `value`, which has no axes, in the slices of `axis` that `indices` names.
    public func indexFill(axis: Int, indices: Tensor, _ value: Tensor) -> Tensor {
        if rank == 0 { return asVector.indexFill(axis: axis, indices: indices, value).reshaped([]) }
        let at = self.axis(axis, "indexFill")
        let index = indices.flattened()
        let marks = Tensor.ones(index.shape, dtype: .bool, device: device)
        let isNamed = Tensor.zeros([shape[at]], dtype: .bool, device: device).scatter(axis: 0, indices: index, marks)
        return maskedFill(isNamed.spread(along: at, of: shape), value)
    }

    private func slices(
        _ axis: Int, _ indices: Tensor, _ source: Tensor, _ body: (Tensor, (axis: Int, index: Tensor), Tensor) -> Tensor
    ) -> Tensor {
        let x = asVector
        let at = x.axis(axis, "index")
        var target = x.shape
        target[at] = indices.elementCount
        guard source.asVector.shape == target else {
            fail(
                "index",
                "slices of shape \(source.shape) for \(indices.elementCount) indices along axis \(axis) of shape \(shape)"
            )
        }
        return body(x, (at, indices.spread(along: at, of: x.shape)), source.asVector).reshaped(shape)
    }

    /// A new last axis of `classes` zeros with a one at each label (int64); as many as needed if nil.
    ///
    /// Traps if a label is negative or too large.
    public func oneHot(classes: Int? = nil) -> Tensor {
        if let classes, device != .cpu, elementCount > 0 {
            let labels = detached().to(.int64).checked(
                by: IndexRule("oneHot", count: classes, kind: .label(ignored: nil)))
            return (labels.unsqueezed(at: -1) .== Tensor.arange(classes, device: device)).to(.int64)
        }
        let most: [Int] = elementCount == 0 ? [classes.map { $0 - 1 } ?? -1] : amax().scalars()
        let least: [Int] = elementCount == 0 ? [0] : amin().scalars()
        let count = classes ?? most[0] + 1
        guard least[0] >= 0, most[0] < count else {
            fail("oneHot", "label \(least[0] < 0 ? least[0] : most[0]) is not one of \(count) classes")
        }
        return (unsqueezed(at: -1) .== Tensor.arange(count, device: device)).to(.int64)
    }
}
