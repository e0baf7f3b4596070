import Cresset

/// Which samples make up each batch of an epoch.
///
/// ``BatchSampler`` cuts the order of a ``Sampler`` into batches; a type of one's own may group samples of similar length,
/// say.
public protocol BatchOrder: Sendable {
    /// The number of batches in an epoch.
    var batchCount: Int { get }

    /// The batches of an epoch, in order, none of them empty. The same epoch always gives the same batches.
    ///
    /// - Parameter epoch: The number of the pass over the data, from 0.
    func batches(epoch: Int) -> [[Int]]
}

/// Groups a sampler's indices into batches.
public struct BatchSampler: BatchOrder {
    public let sampler: any Sampler
    public let batchSize: Int
    /// Whether an incomplete last batch is left out.
    public let dropsLast: Bool

    /// Traps if `batchSize` is not positive.
    ///
    /// - Parameters:
    ///   - sampler: The order of the samples.
    ///   - batchSize: The number of samples in a batch.
    ///   - dropsLast: Whether an incomplete last batch is dropped.
    public init(_ sampler: any Sampler, batchSize: Int, dropsLast: Bool = false) {
        if batchSize < 1 { fatalError("a batch has at least 1 sample, got \(batchSize)") }
        self.sampler = sampler
        self.batchSize = batchSize
        self.dropsLast = dropsLast
    }

    /// The number of batches in an epoch.
    public var batchCount: Int {
        dropsLast ? sampler.count / batchSize : (sampler.count + batchSize - 1) / batchSize
    }

    /// The batches of an epoch, in order.
    ///
    /// - Parameter epoch: The number of the pass over the data, from 0.
    public func batches(epoch: Int) -> [[Int]] {
        let indices = sampler.indices(epoch: epoch)
        return (0..<batchCount).map { Array(indices[($0 * batchSize)..<min(($0 + 1) * batchSize, indices.count)]) }
    }
}

/// The same given batches in every epoch.
///
/// ```swift
/// let loader = DataLoader(sentences, batchSampler: GivenBatches([[0, 4, 7], [1, 2], [3, 5, 6]]))
/// ```
public struct GivenBatches: BatchOrder {
    private let batches: [[Int]]

    /// Creates one from its batches.
    ///
    /// - Parameter batches: The indices of the samples of each batch; any sequence of arrays.
    public init(_ batches: some Sequence<[Int]>) { self.batches = Array(batches) }

    public var batchCount: Int { batches.count }

    public func batches(epoch: Int) -> [[Int]] { batches }
}
