import Cresset
import Synchronization

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
public struct DataLoader<Source: Dataset>: Sendable {
    public let dataset: Source
    public let batchSampler: BatchSampler
    /// The number of reader threads; with 0, the caller of `next` reads.
    public let workers: Int
    /// The number of batches that may be read or held ahead of the caller.
    public let prefetch: Int
    /// Whether batches are put into memory that a GPU can read directly, if there is one.
    public let pinsMemory: Bool
    /// The seed of the samples' augmentation.
    public let seed: UInt64
    /// The samples that could not be read or looked damaged, over all epochs so far.
    public let problems = SampleProblems()

    /// Traps if `batchSize` or `prefetch` is not positive, or `workers` is negative.
    ///
    /// - Parameters:
    ///   - dataset: The samples.
    ///   - batchSize: The number of samples in a batch; the last may have fewer.
    ///   - shuffles: Whether the order changes with each epoch.
    ///   - dropsLast: Whether an incomplete last batch is dropped.
    ///   - workers: The number of threads that read ahead; 0 to read when a batch is requested.
    ///   - prefetch: The number of batches that each worker reads ahead.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - pinsMemory: Whether batches are put into pinned memory, from which `batch.to(.cuda(0))` does not wait;
    ///     nothing changes where there is no GPU.
    public init(
        _ dataset: Source, batchSize: Int = 1, shuffles: Bool = false, dropsLast: Bool = false, workers: Int = 0,
        prefetch: Int = 3, seed: UInt64 = 0, pinsMemory: Bool = false
    ) {
        let sampler: any Sampler =
            shuffles
            ? RandomSampler(count: dataset.count, seed: seed) : SequentialSampler(count: dataset.count)
        self.init(
            dataset, batchSampler: BatchSampler(sampler, batchSize: batchSize, dropsLast: dropsLast), workers: workers,
            prefetch: prefetch, seed: seed, pinsMemory: pinsMemory)
    }

    /// Traps if `prefetch` is not positive, or `workers` is negative.
    ///
    /// - Parameters:
    ///   - dataset: The samples.
    ///   - batchSampler: Which samples make up each batch.
    ///   - workers: The number of threads that read ahead; 0 to read when a batch is requested.
    ///   - prefetch: The number of batches that each worker reads ahead.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - pinsMemory: Whether batches are in memory from which a GPU can copy while it works.
    public init(
        _ dataset: Source, batchSampler: BatchSampler, workers: Int = 0, prefetch: Int = 3, seed: UInt64 = 0,
        pinsMemory: Bool = false
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
    }

    /// The number of batches in an epoch.
    public var batchCount: Int { batchSampler.batchCount }

    /// The batches of an epoch, starting with `start`; reading begins at once.
    ///
    /// - Parameters:
    ///   - epoch: The number of the pass over the data, from 0.
    ///   - start: The number of the first batch, to continue within an epoch.
    public func batches(epoch: Int = 0, startingAt start: Int = 0) -> BatchStream {
        let reader = EpochReader(
            dataset: dataset, batches: batchSampler.batches(epoch: epoch), start: start,
            context: SampleContext(seed: seed, epoch: epoch), ahead: prefetch, problems: problems,
            pinsMemory: pinsMemory)
        return BatchStream(reader, workers: workers)
    }
}

/// The batches of one epoch, in order.
///
/// Reading can fail, so the loop over them says `try`; in code that is not asynchronous ``next()`` does the same:
///
/// ```swift
/// for try await batch in loader.batches() { … }
///
/// let batches = loader.batches()
/// while let batch = try batches.next() { … }
/// ```
///
/// Either way the caller's own thread waits for a batch, and reads it where the loader has no workers: nothing hops
/// between threads. Leaving the loop, letting go of the stream and ``cancel()`` end its threads; cancelling the task
/// ends the loop with `CancellationError`.
public final class BatchStream: @unchecked Sendable {
    private let reader: any BatchReading
    private let readsItself: Bool
    // Whoever takes the threads joins them: the reader at the end, or another thread that cancels.
    private let threads: Mutex<[WorkerThread]>

    init(_ reader: any BatchReading, workers: Int) {
        self.reader = reader
        var threads: [WorkerThread] = []
        for _ in 0..<workers {
            // With fewer threads than requested, reading is slower; with none, the caller reads.
            guard let thread = WorkerThread({ reader.work() }) else { break }
            threads.append(thread)
        }
        readsItself = threads.isEmpty
        self.threads = Mutex(threads)
    }

    deinit { cancel() }

    /// The next batch, or nil after the last; waits until it is complete.
    ///
    /// Must be called from one thread at a time. A batch none of whose samples could be read is skipped.
    ///
    /// - Throws: ``DataLoaderError``; `CancellationError` if the current task has been cancelled.
    public func next() throws -> Batch? {
        if Task.isCancelled {
            cancel()
            throw CancellationError()
        }
        let batch = try reader.next(readsItself: readsItself)
        if batch == nil { joinThreads() }
        return batch
    }

    /// Gives up the rest of the epoch and waits for the threads to end: at most the time of one sample.
    public func cancel() {
        reader.cancel()
        joinThreads()
    }

    private func joinThreads() {
        let joined = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in joined { thread.join() }
    }
}
