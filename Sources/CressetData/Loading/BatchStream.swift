import Cresset
import Synchronization

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
    private let timeout: Duration?
    // Whoever takes the threads joins them: the reader at the end, or another thread that cancels.
    private let threads: Mutex<[WorkerThread]>

    /// How long ``cancel()`` waits for threads where the loader has no timeout.
    private static let patience = Duration.seconds(10)

    init(_ reader: any BatchReading, workers: Int, timeout: Duration?) {
        self.reader = reader
        self.timeout = timeout
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

    /// The place after the batches that have been taken so far, to be saved and continued from with
    /// ``DataLoader/batches(resuming:)``.
    public var state: LoaderState { reader.state }

    /// The next batch, or nil after the last; waits until it is complete.
    ///
    /// Must be called from one thread at a time. A batch none of whose samples could be read is skipped. After
    /// ``DataLoaderError/timedOut(_:reading:)`` it may be called again, and waits again.
    ///
    /// - Throws: ``DataLoaderError``; `CancellationError` if the current task has been cancelled.
    public func next() throws -> Batch? {
        if Task.isCancelled {
            cancel()
            throw CancellationError()
        }
        let batch = try reader.next(readsItself: readsItself, timeout: timeout)
        if batch == nil { joinThreads() }
        return batch
    }

    /// Gives up the rest of the epoch and waits for the threads to end: usually the time of one sample.
    ///
    /// A thread cannot be forced to end. One that is still reading after the loader's timeout (10 seconds if it has none)
    /// is left to itself: it ends when its read returns, and until then keeps the dataset and one batch in memory. A
    /// process may exit nevertheless.
    public func cancel() {
        interrupt()
        joinThreads()
    }

    /// Gives up the rest of the epoch, without waiting.
    func interrupt() { reader.cancel() }

    private func joinThreads() {
        let joined = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        if joined.isEmpty { return }
        let haveEnded = reader.haveEnded(joined.count, by: Deadline(after: timeout ?? BatchStream.patience))
        for thread in joined { haveEnded ? thread.join() : thread.abandon() }
    }
}
