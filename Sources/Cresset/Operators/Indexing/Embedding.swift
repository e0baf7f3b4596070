extension Tensor {
    /// Rows of this table, selected by index.
    ///
    /// *Shape*: a table of (words, features) with integers of any shape gives (…, features).
    ///
    /// - Parameters:
    ///   - indices: The indices of rows, integers of any shape.
    ///   - padding: An index whose row gets no gradient; negative ones count from the end.
    ///   - isSparse: Whether the gradient contains only the rows used (``SparseRows``), as `SparseAdam` requires.
    public func embedding(_ indices: Tensor, padding: Int? = nil, isSparse: Bool = false) -> Tensor {
        guard rank == 2 else { fail("embedding", "a table of shape \(shape) does not have two axes") }
        // Negative indices are not allowed here.
        let numbers = indices.flattened().positiveIndices(below: shape[0], "embedding", allowsNegative: false)
        let result = Shape(Array(indices.shape) + [shape[1]])
        let skipped = padding.map { $0 < 0 ? $0 + shape[0] : $0 }
        if isSparse { return sparseEmbedding(numbers, skipped).reshaped(result) }
        let rows = slices(numbers, axis: 0)
        guard let skipped else { return rows.reshaped(result) }
        return rows.detached().recorded("embedding", rows) {
            $0 * (numbers .!= skipped).to($0.dtype).unsqueezed(at: 1)
        }.reshaped(result)
    }

    private func sparseEmbedding(_ numbers: Tensor, _ skipped: Int?) -> Tensor {
        let shape = shape
        return detached().slices(numbers, axis: 0).recordedRows("embedding", self) { gradient in
            let rows = SparseRows(indices: numbers, values: gradient, shape: shape)
            return skipped.map(rows.without) ?? rows
        }
    }
}
