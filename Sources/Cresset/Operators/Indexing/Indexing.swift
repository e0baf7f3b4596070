// Elements picked along one axis by index, and scattered back.

extension Tensor {
    /// `out[i][j][k] = self[i][indices[i][j][k]][k]` along `axis`.
    ///
    /// `indices` are integers with this tensor's rank, and no longer than it along any other axis. Traps if an index is
    /// out of range; negative ones count from the end.
    public func gather(axis: Int, indices: Tensor) -> Tensor {
        if rank == 0 || indices.rank == 0 {
            return asVector.gather(axis: axis, indices: indices.asVector).reshaped(indices.shape)
        }
        let (original, dtype, device) = (shape, dtype, device)
        if indices.elementCount == 0 {
            return Tensor.zeros(indices.shape, dtype: dtype, device: device)
                .recorded("gather", self) { _ in .zeros(original, dtype: dtype, device: device) }
        }
        let axis = self.axis(axis, "gather")
        return gathered(axis: axis, indices.checkedIndices(into: self, axis: axis, "gather"))
    }

    /// ``gather(axis:indices:)`` with indices of this tensor's shape except `axis`, known to be valid: an operator made
    /// them.
    func gathered(byKnown indices: Tensor, axis: Int) -> Tensor {
        if rank == 0 || indices.elementCount == 0 { return gather(axis: axis, indices: indices) }
        return gathered(axis: self.axis(axis, "gather"), indices)
    }

    /// ``gather(axis:indices:)`` with indices that have been checked; there is at least one.
    func gathered(axis: Int, _ index: Tensor) -> Tensor {
        let (original, dtype, device) = (shape, dtype, device)
        require(sameDevice: index, "gather")
        let out = Tensor.uninitialized(index.shape, dtype: dtype, device: device)
        backend.gather(operand, axis: axis, index: index.operand, into: out.operand)
        return out.recorded("gather", self) {
            Tensor.zeros(original, dtype: dtype, device: device).scatterAdded(axis: axis, index, $0)
        }
    }

    /// ``scatterAdd(axis:indices:_:)`` with indices that have been checked.
    func scatterAdded(axis: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
        let type = source.dtype
        return scattered(.add, axis: axis, index, source, "scatterAdd").recorded(
            "scatterAdd", self, source, { $0 }, { $0.gathered(axis: axis, index).to(type) })
    }

    /// This tensor with `source` added at the positions that `indices` names along `axis`: the reverse of gathering.
    ///
    /// `source` is at least as long as `indices` along each axis.
    public func scatterAdd(axis: Int, indices: Tensor, _ source: Tensor) -> Tensor {
        scatter(.add, axis: axis, indices, source, "scatterAdd") { gradient, _, _ in gradient }
    }

    /// This tensor with the elements of `source` at the positions that `indices` names along `axis`.
    ///
    /// `source` is at least as long as `indices` along each axis. A position named twice gets the last of its elements,
    /// and each of them gets the gradient.
    public func scatter(axis: Int, indices: Tensor, _ source: Tensor) -> Tensor {
        scatter(.assign, axis: axis, indices, source, "scatter") { gradient, axis, index in
            gradient.scatter(axis: axis, indices: index, gradient.beside(.integer(0)).broadcast(to: index.shape))
        }
    }

    private func scatter(
        _ op: ScatterOp, axis: Int, _ indices: Tensor, _ source: Tensor, _ operation: StaticString,
        gradient: @escaping @Sendable (Tensor, Int, Tensor) -> Tensor
    ) -> Tensor {
        if indices.elementCount == 0 {
            return detached().recorded(operation, self, source, { $0 }, { _ in .zeros(like: source) })
        }
        if rank == 0 || indices.rank == 0 || source.rank == 0 {
            return asVector.scatter(
                op, axis: axis, indices.asVector, source.asVector, operation, gradient: gradient
            ).reshaped(shape)
        }
        let axis = self.axis(axis, operation)
        let index = indices.checkedIndices(into: self, axis: axis, operation)
        let out = scattered(op, axis: axis, index, source, operation)
        let (lengths, type) = (source.shape, source.dtype)
        return out.recorded(
            operation, self, source, { gradient($0, axis, index) },
            { $0.gathered(axis: axis, index).enlarged(to: lengths).to(type) })
    }

    /// This tensor with elements of `source` written to positions named by checked indices; not recorded.
    func scattered(
        _ op: ScatterOp, axis: Int, _ index: Tensor, _ source: Tensor, _ operation: StaticString
    ) -> Tensor {
        guard source.rank == rank, zip(source.shape, index.shape).allSatisfy({ $0 >= $1 }) else {
            fail(
                "\(operation)", "a source of shape \(source.shape) is smaller than the indices of shape \(index.shape)")
        }
        require(sameDevice: index, operation)
        require(sameDevice: source, operation)
        var out = detached().contiguous()
        out.makeUnique()
        out.body.storage.contentsChanged()
        var part = source.detached().to(dtype)
        for i in 0..<rank { part = part.narrowed(axis: i, start: 0, count: index.shape[i]) }
        backend.scatter(op, part.operand, axis: axis, index: index.operand, into: out.operand)
        return out
    }

    /// Whole slices of `axis` by index, in the order of the one-axis tensor `indices`.
    public func indexSelect(axis: Int, indices: Tensor) -> Tensor {
        if rank == 0 { return asVector.indexSelect(axis: axis, indices: indices).reshaped([]) }
        let axis = self.axis(axis, "indexSelect")
        if indices.elementCount == 0 || elementCount == 0 {
            return gather(axis: axis, indices: indices.spread(along: axis, of: shape))
        }
        // Checked before they are repeated.
        return slices(indices.positiveIndices(below: shape[axis], "indexSelect"), axis: axis)
    }

    /// ``indexSelect(axis:indices:)`` with indices that have been checked.
    func slices(_ indices: Tensor, axis: Int) -> Tensor {
        if indices.elementCount == 0 || elementCount == 0 { return indexSelect(axis: axis, indices: indices) }
        return gathered(axis: axis, indices.spread(along: axis, of: shape))
    }

    /// The indices of whole slices of `axis`, for every element of these slices.
    func spread(along axis: Int, of shape: Shape) -> Tensor {
        var lengths = Shape(repeating: 1, count: shape.count)
        lengths[axis] = elementCount
        var target = shape
        target[axis] = elementCount
        return reshaped(lengths).broadcast(to: target)
    }

    /// A tensor without axes viewed as having one axis; others unchanged.
    var asVector: Tensor { rank == 0 ? reshaped([1]) : self }

    /// Zeros of a shape at least as long along each axis, with this tensor at the beginning.
    func enlarged(to shape: Shape) -> Tensor {
        var result = self
        for axis in 0..<rank where result.shape[axis] != shape[axis] {
            var lengths = result.shape
            lengths[axis] = shape[axis]
            result = result.placed(in: lengths, axis: axis, start: 0, step: 1)
        }
        return result
    }

    /// These as int64 indices along `axis` of `x`: with its rank, within its lengths, negative ones counted from the
    /// end.
    func checkedIndices(into x: Tensor, axis: Int, _ operation: StaticString) -> Tensor {
        guard rank == x.rank, (0..<rank).allSatisfy({ $0 == axis || shape[$0] <= x.shape[$0] }) else {
            fail(
                "\(operation)", "indices of shape \(shape) along axis \(axis) of a tensor of shape \(x.shape)",
                hint: "both need the same number of axes, and the indices may not be longer along any other axis")
        }
        return positiveIndices(below: x.shape[axis], operation)
    }

    /// These integers as int64 in 0..<count, negative ones counted from the end. Traps if one is out of range.
    func positiveIndices(below count: Int, _ operation: StaticString, allowsNegative: Bool = true) -> Tensor {
        guard !dtype.isFloatingPoint, dtype != .bool else {
            fail("\(operation)", "indices must be integers, not \(dtype)")
        }
        let indices = detached().to(.int64)
        if elementCount == 0 { return indices }
        let rule = IndexRule(
            operation, count: count, kind: allowsNegative ? .element(fromTheEnd: true) : .element(fromTheEnd: false))
        if device != .cpu { return indices.checked(by: rule) }
        let low: [Int] = indices.amin().scalars()
        let high: [Int] = indices.amax().scalars()
        let least = allowsNegative ? -count : 0
        guard low[0] >= least, high[0] < count else {
            fail(rule.error(for: low[0] < least ? low[0] : high[0]))
        }
        return low[0] < 0 ? Tensor.select(indices .< 0, indices + count, indices) : indices
    }

    /// These int64 integers, checked against the rule; an invalid one ends the program, on an asynchronous device at
    /// the next synchronisation.
    func checked(by rule: IndexRule) -> Tensor {
        let numbers = contiguous()
        let out = Tensor.uninitialized(shape, dtype: .int64, device: device)
        backend.checkRange(numbers.operand, rule, into: out.operand)
        return out
    }
}
