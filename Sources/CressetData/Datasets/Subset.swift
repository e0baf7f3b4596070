import Cresset

/// Some samples of a dataset, in a given order.
///
/// ```swift
/// let few = pictures.subset(0..<100)
/// let (train, held) = (pictures.randomSplit(fractions: [0.8, 0.2], seed: 1)[0], …)
/// ```
///
/// A sample is augmented as it would be in the whole dataset.
public struct Subset<Source: Dataset>: Dataset {
    public let dataset: Source
    /// The index in ``dataset`` of each sample.
    public let indices: [Int]

    /// Traps if the dataset has no sample of one of the indices.
    ///
    /// - Parameters:
    ///   - dataset: The whole.
    ///   - indices: The index of each sample in it.
    public init(_ dataset: Source, indices: some Sequence<Int>) {
        let indices = Array(indices)
        if let bad = indices.first(where: { $0 < 0 || $0 >= dataset.count }) {
            fatalError("Subset: there is no sample \(bad) in a dataset of \(dataset.count)")
        }
        self.dataset = dataset
        self.indices = indices
    }

    public var count: Int { indices.count }

    public func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        try dataset.read(indices[index], context: context, into: &sample)
    }

    public func name(of index: Int) -> String { dataset.name(of: indices[index]) }
}

extension Dataset {
    /// Some samples, in the given order.
    ///
    /// Traps if there is no sample of one of the indices.
    ///
    /// - Parameter indices: The index of each sample.
    public func subset(_ indices: some Sequence<Int>) -> Subset<Self> { Subset(self, indices: indices) }

    /// Parts of the given sizes, drawn at random, that share no sample.
    ///
    /// Traps unless `counts` sum to the number of samples.
    ///
    /// - Parameters:
    ///   - counts: The number of samples of each part.
    ///   - seed: The random seed: equal seeds give equal parts.
    ///   - order: Whose random numbers decide. Any of PyTorch's is that of `torch.utils.data.random_split` with
    ///     `generator=torch.Generator().manual_seed(seed)`.
    public func randomSplit(counts: [Int], seed: UInt64, order: RandomOrder = .cresset) -> [Subset<Self>] {
        if counts.contains(where: { $0 < 0 }) || counts.reduce(0, +) != count {
            fatalError("randomSplit: the parts \(counts) do not sum to the \(count) samples")
        }
        let indices =
            order == .cresset
            ? RandomSampler(count: count, seed: seed).indices(epoch: 0)
            : Generator(seed: seed).permutation(count: count)
        var start = 0
        return counts.map { count in
            defer { start += count }
            return Subset(self, indices: indices[start..<start + count])
        }
    }

    /// Parts of the given shares, drawn at random, that share no sample.
    ///
    /// Each part has its share rounded down; the samples that are then left go to the parts in turn, one each. Traps unless
    /// the fractions are from 0 to 1 and sum to 1.
    ///
    /// - Parameters:
    ///   - fractions: The share of each part.
    ///   - seed: The random seed: equal seeds give equal parts.
    ///   - order: Whose random numbers decide, as above.
    public func randomSplit(fractions: [Double], seed: UInt64, order: RandomOrder = .cresset) -> [Subset<Self>] {
        guard fractions.allSatisfy({ (0...1).contains($0) }), abs(fractions.reduce(0, +) - 1) < 1e-9 else {
            fatalError("randomSplit: the fractions \(fractions) are not from 0 to 1 with sum 1")
        }
        var counts = fractions.map { Int((Double(count) * $0).rounded(.down)) }
        for i in 0..<max(count - counts.reduce(0, +), 0) { counts[i % counts.count] += 1 }
        return randomSplit(counts: counts, seed: seed, order: order)
    }
}
