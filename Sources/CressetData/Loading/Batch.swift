import Cresset

/// Samples that go through a model together.
public struct Batch: Sendable {
    /// Each field of all samples, stacked along a new first axis.
    public let fields: [Tensor]
    /// The samples' indices in the dataset, row by row.
    public let indices: [Int]
    /// The batch's number within its epoch, from 0.
    public let number: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - fields: Each field of all samples, stacked along a first axis.
    ///   - indices: The samples' indices in the dataset, row by row.
    ///   - number: The batch's number within its epoch, from 0.
    public init(fields: [Tensor], indices: [Int], number: Int) {
        self.fields = fields
        self.indices = indices
        self.number = number
    }

    /// The number of samples, less than the batch size if some could not be read.
    public var count: Int { indices.count }

    /// The batch on `device`; from pinned memory (`DataLoader(pinsMemory:)`) the copy is asynchronous.
    public func to(_ device: Device) -> Batch {
        Batch(fields: fields.map { $0.to(device) }, indices: indices, number: number)
    }

    /// The first field. Traps if the dataset writes none.
    public var inputs: Tensor { fields[0] }

    /// The second field. Traps if the dataset writes fewer than two.
    public var labels: Tensor { fields[1] }
}
