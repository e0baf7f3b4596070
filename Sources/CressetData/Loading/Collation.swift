import Cresset
import Synchronization

/// How the samples of a batch become its fields, where they are not simply stacked.
///
/// Without one, each sample is written straight into its row of the batch, and all must have the same shapes. With one,
/// samples may differ: each field of a sample is a tensor of its own, and the closure makes the batch's fields of them.
///
/// ```swift
/// // Sentences of different lengths, padded with zeros to the longest of the batch:
/// let loader = DataLoader(sentences, batchSize: 32, collation: .padding())
///
/// // Boxes of each picture in one list, with their numbers:
/// let collation = Collation { samples in
///     let boxes = samples.map { $0[1] }
///     return [
///         .stacked(samples.map { $0[0] }), .concatenated(boxes),
///         Tensor(boxes.map { Int64($0.shape[0]) }),
///     ]
/// }
/// ```
///
/// It runs on the loader's threads, where tensors are created on the CPU unless it says otherwise, and its result must
/// depend on the samples alone. With `pinsMemory`, its result is copied into pinned memory. An error that it throws ends
/// the epoch.
public struct Collation: Sendable {
    let fields: @Sendable ([[Tensor]]) throws -> [Tensor]

    /// A collation by a closure.
    ///
    /// - Parameter fields: Makes the batch's fields; its argument is the list of samples that could be read, each a list of
    ///   its fields. The batch's rows must be in the same order.
    public init(_ fields: @escaping @Sendable (_ samples: [[Tensor]]) throws -> [Tensor]) { self.fields = fields }

    /// Pads each field at the end of its axes to the largest of the batch, and stacks the results.
    ///
    /// Samples whose fields differ in type or number of axes end the epoch with ``DataLoaderError``.
    ///
    /// - Parameters:
    ///   - value: What the added elements are.
    ///   - addsLengths: Whether a last field, int64, holds each sample's length along the first axis of its first field.
    public static func padding(with value: Double = 0, addsLengths: Bool = false) -> Collation {
        Collation { samples in
            guard let first = samples.first else { return [] }
            var fields: [Tensor] = []
            for field in first.indices {
                guard samples.allSatisfy({ $0.count == first.count }) else { throw DataLoaderError.fieldsDiffer }
                fields.append(try padded(samples.map { $0[field] }, field, with: value))
            }
            if addsLengths { fields.append(Tensor(samples.map { Int64($0.first?.shape.first ?? 1) }, device: .cpu)) }
            return fields
        }
    }

    private static func padded(_ tensors: [Tensor], _ field: Int, with value: Double) throws -> Tensor {
        let first = tensors[0]
        var largest = Array(first.shape)
        for tensor in tensors {
            guard tensor.rank == first.rank, tensor.dtype == first.dtype else {
                throw DataLoaderError.shapesDiffer(
                    field: field, expected: "\(first.dtype) \(first.shape)", found: "\(tensor.dtype) \(tensor.shape)")
            }
            for axis in largest.indices { largest[axis] = max(largest[axis], tensor.shape[axis]) }
        }
        return .stacked(
            tensors.map { tensor in
                // Before and after each axis, the last axis first.
                let amounts = largest.indices.reversed().flatMap { [0, largest[$0] - tensor.shape[$0]] }
                return amounts.allSatisfy { $0 == 0 } ? tensor : tensor.padded(amounts, .constant(value))
            })
    }
}

/// The samples of a batch that a ``Collation`` will join: each field in a tensor of its own.
final class SeparateSamples: SampleDestination {
    private let collation: Collation
    private let isPinned: Bool
    private let rows: Mutex<[[Tensor]]>

    init(rowCount: Int, collation: Collation, isPinned: Bool) {
        self.collation = collation
        self.isPinned = isPinned
        rows = Mutex(Array(repeating: [], count: rowCount))
    }

    func memory(
        field index: Int, row: Int, dtype: DType, shape: Shape, isChannelsLast: Bool
    ) throws -> UnsafeMutableRawBufferPointer {
        let field = BatchMemory.Field(dtype, shape, isChannelsLast: isChannelsLast, rows: nil) {
            Tensor(dtype: $0, shape: $1, device: .cpu, initializing: $2)
        }
        rows.withLock { $0[row].append(field.tensorInOrder(field.tensor)) }
        return field.memory(row: 0)
    }

    func finish(isGood: [Bool]) throws -> [Tensor] {
        let samples = rows.withLock { rows in
            defer { rows = [] }
            return isGood.indices.filter { isGood[$0] }.map { rows[$0] }
        }
        // Without workers this is the caller's thread, whose device may be a GPU.
        let fields = try withDevice(.cpu) { try collation.fields(samples) }
        return isPinned ? fields.map { $0.pinned() } : fields
    }
}
