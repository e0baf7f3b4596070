/// An order in which samples are visited.
public protocol Sampler: Sendable {
    /// The number of indices in an epoch.
    var count: Int { get }

    /// The indices of an epoch, in order. The same epoch always gives the same indices.
    ///
    /// - Parameter epoch: The number of the pass over the data, from 0.
    func indices(epoch: Int) -> [Int]
}

/// Visits all samples from first to last.
public struct SequentialSampler: Sampler {
    public let count: Int

    /// Creates one with these options.
    ///
    /// - Parameter count: The number of samples.
    public init(count: Int) { self.count = count }

    public func indices(epoch: Int) -> [Int] { Array(0..<count) }
}

/// Visits all samples in an order that is reshuffled each epoch.
///
/// The order depends only on the seed and the epoch.
public struct RandomSampler: Sampler {
    public let count: Int
    public let seed: UInt64

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - count: The number of samples.
    ///   - seed: The random seed: equal seeds give equal numbers.
    public init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
    }

    public func indices(epoch: Int) -> [Int] {
        // No sample has index -1: this stream is reserved for the shuffle.
        var random = SampleRandom(seed: seed, epoch: epoch, index: -1)
        return (0..<count).shuffled(using: &random)
    }
}

/// Groups a sampler's indices into batches.
public struct BatchSampler: Sendable {
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
