/// The gradient of a table of which few rows were used: the rows' indices and their gradients.
///
/// A row may be listed several times; its gradient is the sum.
public struct SparseRows: Sendable {
    /// The rows' indices, int64, with one axis.
    public let indices: Tensor
    /// The rows' gradients, one for each index.
    public let values: Tensor
    /// The shape of the whole table.
    public let shape: Shape

    /// Traps unless there is one row of the table's shape for each index.
    ///
    /// - Parameters:
    ///   - indices: The indices of the rows, int64 (N).
    ///   - values: The rows, (N, …).
    ///   - shape: The shape of the whole table.
    public init(indices: Tensor, values: Tensor, shape: Shape) {
        guard indices.rank == 1, !shape.isEmpty, values.rank == shape.count, values.shape[0] == indices.shape[0],
            zip(values.shape, shape).dropFirst().allSatisfy(==)
        else {
            fail("SparseRows", "rows of \(values.shape) and indices of \(indices.shape) do not fit a table of \(shape)")
        }
        self.indices = indices.positiveIndices(below: shape[0], "SparseRows")
        self.values = values.detached()
        self.shape = shape
    }

    /// The number of rows, counting repeated ones repeatedly.
    public var count: Int { indices.elementCount }

    /// Each row once, in ascending order.
    public func coalesced() -> SparseRows {
        let numbers: [Int] = indices.scalars()
        let sorted = Set(numbers).sorted()
        if sorted == numbers { return self }
        let places = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
        var lengths = values.shape
        lengths[0] = sorted.count
        let targets = Tensor(numbers.map { places[$0]! }, device: values.device)
        let sums = Tensor.zeros(lengths, dtype: values.dtype, device: values.device)
            .scatterAdd(axis: 0, indices: targets.spread(along: 0, of: values.shape), values)
        return SparseRows(indices: Tensor(sorted, device: values.device), values: sums, shape: shape)
    }

    /// The gradient of the whole table.
    public func dense() -> Tensor {
        if indices.elementCount == 0 || values.elementCount == 0 {
            return .zeros(shape, dtype: values.dtype, device: values.device)
        }
        return Tensor.zeros(shape, dtype: values.dtype, device: values.device)
            .scatterAdded(axis: 0, indices.spread(along: 0, of: values.shape), values)
    }

    /// The rows of both.
    static func + (a: SparseRows, b: SparseRows) -> SparseRows {
        SparseRows(
            indices: .concatenated([a.indices, b.indices]), values: .concatenated([a.values, b.values]), shape: a.shape)
    }

    /// All rows except one.
    func without(_ row: Int) -> SparseRows {
        let numbers: [Int] = indices.scalars()
        let kept = numbers.indices.filter { numbers[$0] != row }
        if kept.count == numbers.count { return self }
        let places = Tensor(kept, device: indices.device)
        return SparseRows(
            indices: indices.indexSelect(axis: 0, indices: places),
            values: values.indexSelect(axis: 0, indices: places), shape: shape)
    }

    func mapped(_ transform: (Tensor) -> Tensor) -> SparseRows {
        let rows = coalesced()
        return SparseRows(indices: rows.indices, values: transform(rows.values), shape: shape)
    }
}

extension Tensor {
    /// Overwrites rows, in place if nothing else holds the memory; each row is listed once.
    package mutating func replaceRows(_ indices: Tensor, with rows: Tensor) {
        if indices.elementCount == 0 { return }
        self = detached().contiguous()
        makeUnique()
        body.storage.contentsChanged()
        let index = indices.spread(along: 0, of: rows.shape)
        backend.scatter(.assign, rows.detached().operand, axis: 0, index: index.operand, into: operand)
    }
}
