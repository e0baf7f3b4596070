import Cresset
import Synchronization

/// The memory of a batch being assembled: workers write each sample straight into its row.
///
/// The first sample to reach a field decides its type and shape; the others must agree.
final class BatchMemory: Sendable {
    let rowCount: Int
    private let isPinned: Bool
    private let fields = Mutex<[Field]>([])

    init(rowCount: Int, isPinned: Bool) {
        self.rowCount = rowCount
        self.isPinned = isPinned
    }

    /// One field's rows in a single tensor.
    struct Field: @unchecked Sendable {
        let dtype: DType
        /// The shape of one sample, in the order of its axes.
        let shape: Shape
        let isChannelsLast: Bool
        /// In the order of memory.
        let tensor: Tensor
        let base: UnsafeMutableRawPointer
        let rowByteCount: Int
    }

    /// The memory of field `index` in `row`; creates the field if it is new.
    func memory(
        field index: Int, row: Int, dtype: DType, shape: Shape, isChannelsLast: Bool
    ) throws -> UnsafeMutableRawBufferPointer {
        let field = try fields.withLock { fields in
            if index == fields.count { fields.append(makeField(dtype, shape, isChannelsLast)) }
            guard index < fields.count else { throw DataLoaderError.fieldsDiffer }
            let field = fields[index]
            guard field.dtype == dtype, field.shape == shape, field.isChannelsLast == isChannelsLast else {
                throw DataLoaderError.shapesDiffer(
                    field: index, expected: "\(field.dtype) \(field.shape)", found: "\(dtype) \(shape)")
            }
            return field
        }
        return UnsafeMutableRawBufferPointer(
            start: field.base + row * field.rowByteCount, count: field.rowByteCount)
    }

    private func makeField(_ dtype: DType, _ shape: Shape, _ isChannelsLast: Bool) -> Field {
        let ordered = isChannelsLast ? Shape(Array(shape.dropFirst()) + [shape[0]]) : shape
        var base: UnsafeMutableRawPointer?
        // The tensor keeps its memory in place for as long as it lives, and nothing reads it before the batch is
        // complete.
        let tensor = makeTensor(dtype, ordered.inserting(rowCount, at: 0)) { base = $0.baseAddress }
        let rowByteCount = shape.elementCount * dtype.itemSize
        return Field(
            dtype: dtype, shape: shape, isChannelsLast: isChannelsLast, tensor: tensor,
            base: base ?? UnsafeMutableRawPointer(bitPattern: 16)!, rowByteCount: rowByteCount)
    }

    /// The fields as tensors that contain the rows for which `isGood` is true, in order.
    func finish(isGood: [Bool]) -> [Tensor] {
        let rows = isGood.indices.filter { isGood[$0] }
        return fields.withLock { fields in
            fields.map { field in
                let tensor = rows.count == rowCount ? field.tensor : keeping(rows, of: field)
                return field.isChannelsLast ? tensor.permuted(BatchMemory.axesFromChannelsLast(tensor.rank)) : tensor
            }
        }
    }

    private func makeTensor(
        _ dtype: DType, _ shape: Shape, _ initializing: (UnsafeMutableRawBufferPointer) -> Void
    ) -> Tensor {
        isPinned
            ? Tensor(pinned: dtype, shape: shape, initializing: initializing)
            : Tensor(dtype: dtype, shape: shape, device: .cpu, initializing: initializing)
    }

    private func keeping(_ rows: [Int], of field: Field) -> Tensor {
        let ordered = Shape(Array(field.tensor.shape.dropFirst())).inserting(rows.count, at: 0)
        return makeTensor(field.dtype, ordered) { target in
            for (i, row) in rows.enumerated() where field.rowByteCount > 0 {
                (target.baseAddress! + i * field.rowByteCount).copyMemory(
                    from: field.base + row * field.rowByteCount, byteCount: field.rowByteCount)
            }
        }
    }

    /// (N, spatial…, C) to (N, C, spatial…).
    private static func axesFromChannelsLast(_ rank: Int) -> [Int] { [0, rank - 1] + Array(1..<(rank - 1)) }
}

/// Writes the fields of one sample to their places in a batch.
public struct SampleWriter {
    private let batch: BatchMemory
    private let row: Int
    private(set) var fieldCount = 0
    private(set) var suspicion: String?

    init(batch: BatchMemory, row: Int) {
        self.batch = batch
        self.row = row
    }

    /// Adds a field that `body` writes in place.
    ///
    /// - Parameters:
    ///   - dtype: The type of the elements.
    ///   - shape: The shape of this sample alone, such as `[3, 224, 224]`.
    ///   - isChannelsLast: Whether the memory is in (spatial…, channel) order, which convolutions read fastest. The
    ///     batch's tensor has the axes of `shape` in any case.
    ///   - body: Called with the memory of this sample, which it must fill.
    /// - Throws: Any error that `body` throws, and ``DataLoaderError`` if samples of the batch have different shapes.
    public mutating func append(
        dtype: DType, shape: Shape, isChannelsLast: Bool = false,
        writing body: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        let memory = try batch.memory(
            field: fieldCount, row: row, dtype: dtype, shape: shape, isChannelsLast: isChannelsLast)
        try body(memory)
        fieldCount += 1
    }

    /// Adds a copy of `tensor` as a field.
    public mutating func append(_ tensor: Tensor) throws {
        try append(dtype: tensor.dtype, shape: tensor.shape) { memory in
            tensor.withUnsafeBytes { memory.copyMemory(from: $0) }
        }
    }

    /// Adds a class index as a field: an int64 without axes.
    ///
    /// - Parameter label: The class's number.
    public mutating func append(label: Int) throws {
        try append(dtype: .int64, shape: []) { $0.storeBytes(of: Int64(label), as: Int64.self) }
    }

    /// Records that the sample was read but looks damaged; the loader reports it.
    ///
    /// - Parameter reason: What is wrong with the sample.
    public mutating func flag(_ reason: String) { suspicion = reason }
}
