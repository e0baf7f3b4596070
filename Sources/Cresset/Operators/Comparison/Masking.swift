// Elements picked by a condition.

extension Tensor {
    /// The positions of the nonzero elements: one row for each, one column per axis (int64).
    public func nonZeroIndices() -> Tensor {
        if rank == 0 { return .zeros([self.item() != 0 ? 1 : 0, 0], dtype: .int64, device: device) }
        let flat = flatNonZeroIndices()
        var columns: [Tensor] = []
        var rest = flat
        for axis in (0..<rank).reversed() {
            let length = flat.beside(.integer(Int64(Swift.max(1, shape[axis]))))
            columns.append(rest.remainder(dividingBy: length))
            rest = rest.floorDivided(by: length)
        }
        return .stacked(columns.reversed(), axis: 1)
    }

    /// The row-major indices of the nonzero elements.
    func flatNonZeroIndices() -> Tensor {
        let isSet: [Bool] = to(.bool).scalars()
        return Tensor(isSet.indices.filter { isSet[$0] }, device: device)
    }

    /// The elements where `mask` is true, in one axis; both tensors are broadcast.
    public func maskedSelect(_ mask: Tensor) -> Tensor {
        let pair = Tensor.broadcastTogether([self, mask])
        return pair[0].flattened().gather(axis: 0, indices: pair[1].flatNonZeroIndices())
    }

    /// This tensor with the first elements of `source`, in order, where `mask` is true.
    public func maskedScatter(_ mask: Tensor, _ source: Tensor) -> Tensor {
        let target = Tensor.broadcastTogether([self, mask])
        let places = target[1].flatNonZeroIndices()
        guard places.elementCount <= source.elementCount else {
            fail("maskedScatter", "\(source.elementCount) elements are too few for \(places.elementCount) places")
        }
        return target[0].flattened().scatter(axis: 0, indices: places, source.flattened()).reshaped(target[0].shape)
    }

    /// `value`, which has no axes, where `mask` is true, this tensor's elements elsewhere.
    public func maskedFill(_ mask: Tensor, _ value: Tensor) -> Tensor { .select(mask, value.to(dtype), self) }
}
