import Cresset

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

/// Visits samples in an order that is reshuffled each epoch.
///
/// ```swift
/// RandomSampler(count: 100, seed: 1)                             // all of them, each once
/// RandomSampler(count: 100, seed: 1, sampleCount: 250)           // each twice, half of them a third time
/// RandomSampler(count: 100, seed: 1, order: .pyTorchLoader)      // as DataLoader(shuffle=True, generator=g)
/// ```
///
/// The order depends only on the seed and the epoch.
public struct RandomSampler: Sampler {
    /// The number of indices in an epoch.
    public let count: Int
    /// The number of samples to choose from.
    public let datasetCount: Int
    public let seed: UInt64
    /// Whether each index is drawn from all samples, so that some come several times and others not at all.
    public let isReplacing: Bool
    public let order: RandomOrder
    private let draws: PyTorchDraws?

    /// Traps if `sampleCount` is not positive where there are samples, or positive where there are none.
    ///
    /// - Parameters:
    ///   - count: The number of samples.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - sampleCount: The number of indices in an epoch. Without replacement, whole passes follow each other until
    ///     there are enough. Default: `count`.
    ///   - isReplacing: Whether each index is drawn from all samples.
    ///   - order: Whose random numbers decide.
    public init(
        count: Int, seed: UInt64, sampleCount: Int? = nil, isReplacing: Bool = false, order: RandomOrder = .cresset
    ) {
        let wanted = sampleCount ?? count
        if count < 0 || wanted < 0 || (wanted == 0) != (count == 0) {
            fatalError("RandomSampler: cannot draw \(wanted) indices of \(count) samples")
        }
        self.count = wanted
        datasetCount = count
        self.seed = seed
        self.isReplacing = isReplacing
        self.order = order
        draws =
            order == .cresset
            ? nil
            : PyTorchDraws(seed: seed, order: order) { generator in
                // Without a generator of its own, PyTorch's sampler draws the seed of one.
                RandomSampler.drawn(
                    by: order == .pyTorchProcess ? Generator(seed: generator.nextSeed()) : generator, wanted,
                    of: count, isReplacing: isReplacing)
            }
    }

    public func indices(epoch: Int) -> [Int] {
        if let draws { return draws.indices(epoch: epoch) }
        if count == 0 { return [] }
        // No sample has index -1: this stream is reserved for the shuffle.
        var random = SampleRandom(seed: seed, epoch: epoch, index: -1)
        if isReplacing { return (0..<count).map { _ in random.integer(below: datasetCount) } }
        var indices: [Int] = []
        while indices.count < count {
            indices += (0..<datasetCount).shuffled(using: &random).prefix(count - indices.count)
        }
        return indices
    }

    /// PyTorch draws with replacement in parts of 32, and without in whole passes, of which it always draws one more than
    /// it uses whole.
    private static func drawn(by generator: Generator, _ wanted: Int, of count: Int, isReplacing: Bool) -> [Int] {
        if count == 0 { return [] }
        if isReplacing { return generator.integers(below: count, count: wanted) }
        var indices: [Int] = []
        for _ in 0..<(wanted / count) { indices += generator.permutation(count: count) }
        return indices + generator.permutation(count: count).prefix(wanted % count)
    }
}
