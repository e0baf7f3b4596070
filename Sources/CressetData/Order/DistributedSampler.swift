import Cresset

/// Gives each of several processes its share of the samples, all shares of one size.
///
/// ```swift
/// let sampler = DistributedSampler(count: pictures.count, rank: rank, worldSize: 4, seed: 1)
/// let loader = DataLoader(pictures, sampler: sampler, batchSize: 32)
/// ```
///
/// Index i of the common order belongs to rank i modulo `worldSize`. Where the samples cannot be divided evenly, the first
/// ones of the order are used a second time, or with `dropsLast` the last ones are left out.
public struct DistributedSampler: Sampler {
    /// The common order of all ranks.
    public let base: any Sampler
    public let rank: Int
    public let worldSize: Int
    /// Whether samples that cannot be divided evenly are left out.
    public let dropsLast: Bool
    /// The number of indices of each rank in an epoch.
    public let count: Int

    /// Shares out a dataset, shuffled anew each epoch.
    ///
    /// Traps unless `rank` is from 0 up to, but not including, `worldSize`.
    ///
    /// - Parameters:
    ///   - count: The number of samples.
    ///   - rank: The number of this process, from 0.
    ///   - worldSize: The number of processes.
    ///   - shuffles: Whether the order changes with each epoch.
    ///   - seed: The random seed, the same for all ranks.
    ///   - dropsLast: Whether samples that cannot be divided evenly are left out.
    ///   - order: Whose random numbers decide. Any of PyTorch's is that of `DistributedSampler`, which starts a generator
    ///     from the sum of seed and epoch.
    public init(
        count: Int, rank: Int, worldSize: Int, shuffles: Bool = true, seed: UInt64 = 0, dropsLast: Bool = false,
        order: RandomOrder = .cresset
    ) {
        let base: any Sampler =
            if !shuffles {
                SequentialSampler(count: count)
            } else if order == .cresset {
                RandomSampler(count: count, seed: seed)
            } else {
                ShuffleByEpochSeed(count: count, seed: seed)
            }
        self.init(base, rank: rank, worldSize: worldSize, dropsLast: dropsLast)
    }

    /// Shares out the order of another sampler, such as a weighted one.
    ///
    /// Traps unless `rank` is from 0 up to, but not including, `worldSize`.
    ///
    /// - Parameters:
    ///   - base: The common order, the same on all ranks.
    ///   - rank: The number of this process, from 0.
    ///   - worldSize: The number of processes.
    ///   - dropsLast: Whether samples that cannot be divided evenly are left out.
    public init(_ base: any Sampler, rank: Int, worldSize: Int, dropsLast: Bool = false) {
        if worldSize < 1 || !(0..<worldSize).contains(rank) {
            fatalError("DistributedSampler: there is no rank \(rank) in a world of \(worldSize)")
        }
        self.base = base
        self.rank = rank
        self.worldSize = worldSize
        self.dropsLast = dropsLast
        count = dropsLast ? base.count / worldSize : (base.count + worldSize - 1) / worldSize
    }

    public func indices(epoch: Int) -> [Int] {
        let order = base.indices(epoch: epoch)
        if order.isEmpty { return [] }
        return (0..<count).map { order[($0 * worldSize + rank) % order.count] }
    }
}

/// PyTorch's order for several processes.
private struct ShuffleByEpochSeed: Sampler {
    let count: Int
    let seed: UInt64

    func indices(epoch: Int) -> [Int] {
        Generator(seed: seed &+ UInt64(bitPattern: Int64(epoch))).permutation(count: count)
    }
}
