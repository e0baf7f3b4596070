import Cresset

/// Visits given samples, and no others, in an order that is reshuffled each epoch.
///
/// ```swift
/// let loader = DataLoader(pictures, sampler: SubsetRandomSampler([3, 5, 8, 13], seed: 1), batchSize: 2)
/// ```
public struct SubsetRandomSampler: Sampler {
    /// The samples that are visited.
    public let samples: [Int]
    private let shuffle: RandomSampler

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - samples: The indices of the samples. One that is listed twice is visited twice.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - order: Whose random numbers decide. PyTorch's sampler draws no seed of its own, so that
    ///     ``RandomOrder/pyTorchProcess`` and ``RandomOrder/pyTorchLoader`` are the same here.
    public init(_ samples: some Sequence<Int>, seed: UInt64, order: RandomOrder = .cresset) {
        let samples = Array(samples)
        self.samples = samples
        shuffle = RandomSampler(count: samples.count, seed: seed)
        draws =
            order == .cresset
            ? nil : PyTorchDraws(seed: seed, order: order) { $0.permutation(count: samples.count) }
    }

    private let draws: PyTorchDraws?

    public var count: Int { samples.count }

    public func indices(epoch: Int) -> [Int] {
        (draws?.indices(epoch: epoch) ?? shuffle.indices(epoch: epoch)).map { samples[$0] }
    }
}
