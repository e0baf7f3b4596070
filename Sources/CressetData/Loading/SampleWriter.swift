import Cresset

/// Writes the fields of one sample to their places in a batch.
public struct SampleWriter {
    private let batch: any SampleDestination
    private let row: Int
    private(set) var fieldCount = 0
    private(set) var suspicion: String?

    init(batch: any SampleDestination, row: Int) {
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
