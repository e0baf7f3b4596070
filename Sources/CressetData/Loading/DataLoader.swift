import Cresset

/// Reads a dataset batch by batch, ahead of time, on its own threads.
///
/// ```swift
/// let loader = DataLoader(pictures, batchSize: 16, shuffles: true, workers: 2, seed: 42)
/// for epoch in 0..<10 {
///     for try await batch in loader.batches(epoch: epoch) { … }
/// }
/// print(loader.problems.skipped)
/// ```
///
/// Order and augmentation depend only on the seed, the epoch and the sample's index, so that any number of workers
/// gives the same batches. Samples that cannot be read are skipped and reported in ``problems``.
///
/// At most ``prefetch`` batches are in memory besides those that the program holds, however slowly it takes them.
public struct DataLoader<Source: Dataset>: Sendable {
    public let dataset: Source
    /// Which samples make up each batch.
    public let batchSampler: any BatchOrder
    /// The number of reader threads; with 0, the caller of `next` reads.
    public let workers: Int
    /// The number of batches that may be read or held ahead of the caller.
    public let prefetch: Int
    /// Whether batches are put into memory that a GPU can read directly, if there is one.
    public let pinsMemory: Bool
    /// The seed of the samples' augmentation.
    public let seed: UInt64
    /// How long `next` waits for a batch before it throws ``DataLoaderError/timedOut(_:reading:)``; nil for ever.
    public let timeout: Duration?
    /// How samples become batches, where they are not simply stacked.
    public let collation: Collation?
    /// The samples that could not be read or looked damaged, over all epochs so far.
    public let problems = SampleProblems()

    /// Reads samples one after another, or shuffled.
    ///
    /// Traps if `batchSize` or `prefetch` is not positive, or `workers` is negative.
    ///
    /// - Parameters:
    ///   - dataset: The samples.
    ///   - batchSize: The number of samples in a batch; the last may have fewer.
    ///   - shuffles: Whether the order changes with each epoch.
    ///   - dropsLast: Whether an incomplete last batch is dropped.
    ///   - workers: The number of threads that read ahead; 0 to read when a batch is requested.
    ///   - prefetch: The number of batches that all workers together read ahead.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - pinsMemory: Whether batches are put into pinned memory, from which `batch.to(.cuda(0))` does not wait;
    ///     nothing changes where there is no GPU.
    ///   - timeout: How long a batch may take; a thread waits for it even where `workers` is 0. Default: any time.
    ///   - collation: How samples become batches. Default: they are stacked, and have the same shapes.
    public init(
        _ dataset: Source, batchSize: Int = 1, shuffles: Bool = false, dropsLast: Bool = false, workers: Int = 0,
        prefetch: Int = 3, seed: UInt64 = 0, pinsMemory: Bool = false, timeout: Duration? = nil,
        collation: Collation? = nil
    ) {
        let sampler: any Sampler =
            shuffles
            ? RandomSampler(count: dataset.count, seed: seed) : SequentialSampler(count: dataset.count)
        self.init(
            dataset, sampler: sampler, batchSize: batchSize, dropsLast: dropsLast, workers: workers,
            prefetch: prefetch, seed: seed, pinsMemory: pinsMemory, timeout: timeout, collation: collation)
    }

    /// Reads samples in the order of a sampler.
    ///
    /// Traps if `batchSize` or `prefetch` is not positive, or `workers` is negative.
    ///
    /// - Parameters:
    ///   - dataset: The samples.
    ///   - sampler: The order of the samples.
    ///   - batchSize: The number of samples in a batch; the last may have fewer.
    ///   - dropsLast: Whether an incomplete last batch is dropped.
    ///   - workers: The number of threads that read ahead; 0 to read when a batch is requested.
    ///   - prefetch: The number of batches that all workers together read ahead.
    ///   - seed: The random seed of the samples' augmentation.
    ///   - pinsMemory: Whether batches are in memory from which a GPU can copy while it works.
    ///   - timeout: How long a batch may take. Default: any time.
    ///   - collation: How samples become batches. Default: they are stacked.
    public init(
        _ dataset: Source, sampler: any Sampler, batchSize: Int = 1, dropsLast: Bool = false, workers: Int = 0,
        prefetch: Int = 3, seed: UInt64 = 0, pinsMemory: Bool = false, timeout: Duration? = nil,
        collation: Collation? = nil
    ) {
        self.init(
            dataset, batchSampler: BatchSampler(sampler, batchSize: batchSize, dropsLast: dropsLast), workers: workers,
            prefetch: prefetch, seed: seed, pinsMemory: pinsMemory, timeout: timeout, collation: collation)
    }

    /// Reads given batches.
    ///
    /// Traps if `prefetch` is not positive, or `workers` is negative.
    ///
    /// - Parameters:
    ///   - dataset: The samples.
    ///   - batchSampler: Which samples make up each batch.
    ///   - workers: The number of threads that read ahead; 0 to read when a batch is requested.
    ///   - prefetch: The number of batches that all workers together read ahead.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - pinsMemory: Whether batches are in memory from which a GPU can copy while it works.
    ///   - timeout: How long a batch may take. Default: any time.
    ///   - collation: How samples become batches. Default: they are stacked.
    public init(
        _ dataset: Source, batchSampler: any BatchOrder, workers: Int = 0, prefetch: Int = 3, seed: UInt64 = 0,
        pinsMemory: Bool = false, timeout: Duration? = nil, collation: Collation? = nil
    ) {
        if workers < 0 || prefetch < 1 {
            fatalError("DataLoader: needs at least 0 workers and 1 batch ahead, got \(workers) and \(prefetch)")
        }
        self.dataset = dataset
        self.batchSampler = batchSampler
        self.workers = workers
        self.prefetch = prefetch
        self.seed = seed
        self.pinsMemory = pinsMemory
        self.timeout = timeout
        self.collation = collation
    }

    /// The number of batches in an epoch.
    public var batchCount: Int { batchSampler.batchCount }

    /// The batches of an epoch, starting with `start`; reading begins at once.
    ///
    /// Traps if the order names a sample that the dataset does not have, or has an empty batch.
    ///
    /// - Parameters:
    ///   - epoch: The number of the pass over the data, from 0.
    ///   - start: The number of the first batch, to continue within an epoch.
    public func batches(epoch: Int = 0, startingAt start: Int = 0) -> BatchStream {
        let batches = batches(of: epoch)
        return stream(batches, from: state(of: batches, epoch: epoch, startingAt: start))
    }

    /// The batches that were left when `state` was taken from a stream of this loader, or of one with the same data and
    /// options; reading begins at once.
    ///
    /// The numbers of workers and of batches read ahead may differ. Samples that were skipped before the state was taken
    /// are not in this loader's ``problems``.
    ///
    /// - Parameter state: The place to continue from: ``BatchStream/state``.
    /// - Throws: ``LoaderStateError`` if the dataset's count, the seed, the batch size or the order differ.
    public func batches(resuming state: LoaderState) throws(LoaderStateError) -> BatchStream {
        guard state.epoch >= 0 else { throw LoaderStateError("the epoch", saved: "\(state.epoch)", now: "0 or more") }
        let batches = batches(of: state.epoch)
        try state.check(against: self.state(of: batches, epoch: state.epoch, startingAt: 0))
        return stream(batches, from: state)
    }

    private func batches(of epoch: Int) -> EpochBatches {
        EpochBatches(batchSampler, epoch: epoch, datasetCount: dataset.count)
    }

    private func state(of batches: EpochBatches, epoch: Int, startingAt start: Int) -> LoaderState {
        LoaderState(epoch: epoch, startingAt: start, batches, seed: seed, datasetCount: dataset.count)
    }

    private func stream(_ batches: EpochBatches, from state: LoaderState) -> BatchStream {
        let reader = EpochReader(
            dataset: dataset, batches: batches.indices, from: state,
            context: SampleContext(seed: seed, epoch: state.epoch),
            options: ReadingOptions(ahead: prefetch, pinsMemory: pinsMemory, collation: collation), problems: problems)
        // Whoever reads cannot watch the clock.
        return BatchStream(reader, workers: timeout == nil ? workers : max(workers, 1), timeout: timeout)
    }
}
