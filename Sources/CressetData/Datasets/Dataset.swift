/// Samples that can be read by index, from several threads at once.
///
/// A sample is a list of fields, such as a picture and its label. The dataset passes them to a ``SampleWriter``, which
/// puts them where they belong in the batch:
///
/// ```swift
/// struct Squares: Dataset {
///     let count = 100
///     func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
///         try sample.append(Tensor([Float(index)], shape: [1]))
///         try sample.append(Tensor([Float(index * index)], shape: [1]))
///     }
/// }
/// ```
///
/// What `read` writes must depend only on the index and the context.
public protocol Dataset: Sendable {
    /// The number of samples.
    var count: Int { get }

    /// Writes the fields of sample `index`, in the same order and with the same shapes for all samples of a batch.
    ///
    /// - Parameters:
    ///   - index: The number of the sample, from 0.
    ///   - context: The source of random numbers.
    ///   - sample: The destination of the sample's tensors.
    /// - Throws: Any error makes the loader skip this sample, count it and report it.
    func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws

    /// A name by which people know the sample, such as its file: for reports. Default: its number.
    ///
    /// - Parameter index: The number of the sample, from 0.
    func name(of index: Int) -> String
}

extension Dataset {
    public func name(of index: Int) -> String { "sample \(index)" }
}

/// What a sample's augmentation may depend on besides the sample itself.
public struct SampleContext: Sendable, Hashable {
    public var seed: UInt64
    public var epoch: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - seed: The random seed.
    ///   - epoch: The number of the pass over the data, from 0.
    public init(seed: UInt64 = 0, epoch: Int = 0) {
        self.seed = seed
        self.epoch = epoch
    }

    /// The random numbers for sample `index`.
    public func random(for index: Int) -> SampleRandom { SampleRandom(seed: seed, epoch: epoch, index: index) }
}
