import Cresset
import Synchronization

/// Where the samples of a batch are put while they are read, by several threads.
protocol SampleDestination: Sendable {
    /// The memory of field `index` in `row`; creates the field if it is new.
    func memory(
        field index: Int, row: Int, dtype: DType, shape: Shape, isChannelsLast: Bool
    ) throws -> UnsafeMutableRawBufferPointer

    /// The batch's fields, of the rows for which `isGood` is true, in order.
    func finish(isGood: [Bool]) throws -> [Tensor]
}

/// The memory of a batch being assembled: workers write each sample straight into its row.
///
/// The first sample to reach a field decides its type and shape; the others must agree.
final class BatchMemory: SampleDestination {
    private let rowCount: Int
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
        private let base: UnsafeMutableRawPointer
        private let rowByteCount: Int

        /// A field of samples of one shape, in a tensor that `makeTensor` makes.
        ///
        /// - Parameter rows: The number of samples along a new first axis; nil for one sample without that axis.
        init(
            _ dtype: DType, _ shape: Shape, isChannelsLast: Bool, rows: Int?,
            _ makeTensor: (DType, Shape, (UnsafeMutableRawBufferPointer) -> Void) -> Tensor
        ) {
            self.dtype = dtype
            self.shape = shape
            self.isChannelsLast = isChannelsLast
            let ordered = isChannelsLast ? Shape(Array(shape.dropFirst()) + [shape[0]]) : shape
            var base: UnsafeMutableRawPointer?
            // The tensor keeps its memory in place for as long as it lives, and nothing reads it before the batch is
            // complete.
            tensor = makeTensor(dtype, rows.map { ordered.inserting($0, at: 0) } ?? ordered) { base = $0.baseAddress }
            self.base = base ?? UnsafeMutableRawPointer(bitPattern: 16)!
            rowByteCount = shape.elementCount * dtype.itemSize
        }

        func memory(row: Int) -> UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(start: base + row * rowByteCount, count: rowByteCount)
        }

        /// `tensor`, which is in the order of memory, with the axes in the order of ``shape``.
        func tensorInOrder(_ tensor: Tensor) -> Tensor {
            if !isChannelsLast { return tensor }
            // The channel is last, the first of a sample's axes, which may follow the batch's.
            let first = tensor.rank - shape.count
            return tensor.permuted(Array(0..<first) + [tensor.rank - 1] + Array(first..<(tensor.rank - 1)))
        }
    }

    func memory(
        field index: Int, row: Int, dtype: DType, shape: Shape, isChannelsLast: Bool
    ) throws -> UnsafeMutableRawBufferPointer {
        try fields.withLock { fields in
            if index == fields.count {
                fields.append(
                    Field(dtype, shape, isChannelsLast: isChannelsLast, rows: rowCount) { makeTensor($0, $1, $2) })
            }
            guard index < fields.count else { throw DataLoaderError.fieldsDiffer }
            let field = fields[index]
            guard field.dtype == dtype, field.shape == shape, field.isChannelsLast == isChannelsLast else {
                throw DataLoaderError.shapesDiffer(
                    field: index, expected: "\(field.dtype) \(field.shape)", found: "\(dtype) \(shape)")
            }
            return field
        }.memory(row: row)
    }

    func finish(isGood: [Bool]) -> [Tensor] {
        let rows = isGood.indices.filter { isGood[$0] }
        return fields.withLock { fields in
            fields.map { $0.tensorInOrder(rows.count == rowCount ? $0.tensor : keeping(rows, of: $0)) }
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
            for (i, row) in rows.enumerated() {
                let source = UnsafeRawBufferPointer(field.memory(row: row))
                if source.isEmpty { continue }
                UnsafeMutableRawBufferPointer(rebasing: target[(i * source.count)...]).copyMemory(from: source)
            }
        }
    }
}
