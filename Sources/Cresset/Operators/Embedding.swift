extension Tensor {
    /// The rows of this table by number.
    ///
    /// *Shape*: a table of (words, features) with integers of any shape gives (…, features).
    /// - Parameters:
    ///   - padding: A number whose row gets no gradient; negative ones count from the end.
    ///   - isSparse: Whether the gradient is one of the rows used (``SparseRows``), as `SparseAdam` takes it.
    public func embedding(_ indices: Tensor, padding: Int? = nil, isSparse: Bool = false) -> Tensor {
        guard rank == 2 else { fail("embedding", "a table of shape \(shape) does not have two axes") }
        let numbers = rowNumbers(indices)
        let result = Shape(Array(indices.shape) + [shape[1]])
        let skipped = padding.map { $0 < 0 ? $0 + shape[0] : $0 }
        if isSparse { return sparseEmbedding(numbers, skipped).reshaped(result) }
        let rows = indexSelect(axis: 0, indices: numbers)
        guard let skipped else { return rows.reshaped(result) }
        return rows.detached().recorded("embedding", rows) {
            $0 * (numbers .!= skipped).to($0.dtype).unsqueezed(at: 1)
        }.reshaped(result)
    }

    /// The numbers of rows one behind the other. Traps where one is not in this table: here none counts from the end.
    private func rowNumbers(_ indices: Tensor) -> Tensor {
        let numbers = indices.flattened().positiveIndices(below: shape[0], "embedding")
        if indices.elementCount > 0, !indices.dtype.isFloatingPoint, indices.amin().item() < 0 {
            fail("embedding", "index \(Int(indices.amin().item())) is not in a table of \(shape[0]) rows")
        }
        return numbers
    }

    private func sparseEmbedding(_ numbers: Tensor, _ skipped: Int?) -> Tensor {
        let shape = shape
        return detached().indexSelect(axis: 0, indices: numbers).recordedRows("embedding", self) { gradient in
            let rows = SparseRows(indices: numbers, values: gradient, shape: shape)
            return skipped.map(rows.without) ?? rows
        }
    }
}
