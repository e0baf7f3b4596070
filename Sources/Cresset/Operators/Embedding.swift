extension Tensor {
    /// The rows of this table by number.
    ///
    /// *Shape*: a table of (words, features) with integers of any shape gives (…, features).
    /// - Parameters:
    ///   - padding: A number whose row gets no gradient; negative ones count from the end.
    ///   - isSparse: Whether the gradient is one of the rows used (``SparseRows``), as `SparseAdam` takes it.
    public func embedding(_ indices: Tensor, padding: Int? = nil, isSparse: Bool = false) -> Tensor {
        guard rank == 2 else { fail("embedding", "a table of shape \(shape) does not have two axes") }
        if isSparse { return sparseEmbedding(indices, padding: padding) }
        let table = padding.map { withoutGradient(row: $0 < 0 ? $0 + shape[0] : $0) } ?? self
        return table.indexSelect(axis: 0, indices: indices.flattened()).reshaped(
            Shape(Array(indices.shape) + [shape[1]]))
    }

    private func sparseEmbedding(_ indices: Tensor, padding: Int?) -> Tensor {
        let numbers = indices.flattened().positiveIndices(below: shape[0], "embedding")
        let out = detached().indexSelect(axis: 0, indices: numbers)
            .reshaped(Shape(Array(indices.shape) + [shape[1]]))
        let (shape, skipped) = (shape, padding.map { $0 < 0 ? $0 + self.shape[0] : $0 })
        return out.recordedRows("embedding", self) { gradient in
            let rows = SparseRows(indices: numbers, values: gradient.reshaped([-1, shape[1]]), shape: shape)
            return skipped.map(rows.without) ?? rows
        }
    }

    /// The same rows; the gradient of one is zero.
    private func withoutGradient(row: Int) -> Tensor {
        guard requiresGradient else { return self }
        let isRow = Tensor.arange(shape[0], device: device).unsqueezed(at: 1) .== row
        return Tensor.select(isRow, detached(), self)
    }
}
