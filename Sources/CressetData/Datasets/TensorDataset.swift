import Cresset

/// Samples that are the rows of tensors in memory: sample i is row i of each.
///
/// ```swift
/// let loader = DataLoader(TensorDataset(pictures, labels), batchSize: 32, shuffles: true)
/// ```
public struct TensorDataset: Dataset {
    public let tensors: [Tensor]
    public let count: Int

    /// Traps if there is no tensor, or if they differ in their number of rows.
    ///
    /// - Parameter tensors: Tensors with the same number of samples along their first axis.
    public init(_ tensors: Tensor...) {
        guard let count = tensors.first?.shape.first, tensors.allSatisfy({ $0.shape.first == count }) else {
            fatalError("TensorDataset: tensors of shapes \(tensors.map(\.shape)) must all have the same number of rows")
        }
        self.tensors = tensors.map { $0.detached().contiguous() }
        self.count = count
    }

    public func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        for tensor in tensors { try sample.append(tensor.selected(axis: 0, index: index)) }
    }
}
