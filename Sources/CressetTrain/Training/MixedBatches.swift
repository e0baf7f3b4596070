import CressetData
import CressetVision

/// Batches whose samples are mixed with each other, in one of several ways: each batch in one that is drawn for it.
///
/// ```swift
/// let training = MixedBatches(loader, [MixUp(alpha: 0.2, classes: 10), CutMix(classes: 10)], seed: 0)
/// ```
///
/// The numbers drawn depend on the seed, the epoch and the batch's number alone. Labels become probabilities, which
/// ``ClassificationTask`` accepts.
public struct MixedBatches<Source: BatchSource>: BatchSource {
    public let source: Source
    /// The ways in which a batch may be mixed, all equally likely.
    public let transforms: [any BatchTransform]
    /// The seed: equal seeds give equal mixtures.
    public let seed: UInt64

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - source: The batches, in an order that changes with the epoch.
    ///   - transforms: The ways in which a batch may be mixed; with none, batches stay as they are.
    ///   - seed: The random seed.
    public init(_ source: Source, _ transforms: [any BatchTransform], seed: UInt64 = 0) {
        self.source = source
        self.transforms = transforms
        self.seed = seed
    }

    public var batchCount: Int { source.batchCount }
    public var unusableSamples: [SampleProblem] { source.unusableSamples }

    public func batches(epoch: Int, startingAt start: Int) -> Batches {
        Batches(batches: source.batches(epoch: epoch, startingAt: start), mixing: self, epoch: epoch)
    }

    /// The mixed batches of an epoch.
    public struct Batches: BatchIterator {
        fileprivate let batches: Source.Batches
        fileprivate let mixing: MixedBatches
        fileprivate let epoch: Int

        public func next() throws -> Batch? {
            guard let batch = try batches.next() else { return nil }
            if mixing.transforms.isEmpty { return batch }
            // Neither the numbers of a sample nor those with which the batch is mixed.
            var random = SampleRandom(seed: ~mixing.seed, epoch: epoch, index: ~batch.number)
            let transform = mixing.transforms[random.integer(below: mixing.transforms.count)]
            return transform(batch, seed: mixing.seed, epoch: epoch)
        }

        public func cancel() { batches.cancel() }
    }
}
