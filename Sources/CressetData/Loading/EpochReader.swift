import Cresset

/// What a stream needs from its reader, whatever the dataset.
protocol BatchReading: AnyObject, Sendable {
    /// The place of the next batch to be delivered.
    var state: LoaderState { get }
    /// Reads samples until there is nothing left to do: the body of a worker thread.
    func work()
    /// The next batch; waits for it at most until `deadline`.
    func next(readsItself: Bool, timeout: Duration?) throws -> Batch?
    /// Makes everybody give up who waits, and workers end after the sample they are reading.
    func cancel()
    /// Waits until `count` workers have ended; false if they have not by `deadline`.
    func haveEnded(_ count: Int, by deadline: Deadline) -> Bool
}

/// How an epoch is read.
struct ReadingOptions: Sendable {
    /// The number of batches that may be read or held ahead of the caller.
    let ahead: Int
    let pinsMemory: Bool
    let collation: Collation?
}

/// Reads one epoch. Workers take one sample after another, in order, across batches.
final class EpochReader<Source: Dataset>: BatchReading, @unchecked Sendable {
    private let dataset: Source
    private let batches: [[Int]]
    private let context: SampleContext
    private let options: ReadingOptions
    private let problems: SampleProblems
    private let monitor = Monitor()

    // Guarded by the monitor.
    private var pending: [Int: PendingBatch] = [:]
    /// The next sample to be read.
    private var place: (batch: Int, row: Int)
    /// The next batch to be delivered.
    private var delivered: LoaderState
    /// The samples that are being read, each with the moment when that began.
    private var reading: [Int: (index: Int, start: ContinuousClock.Instant)] = [:]
    private var ticketCount = 0
    private var endedWorkers = 0
    private var isCancelled = false
    /// The error that ends the epoch, and the batch it occurred in: earlier batches are still delivered.
    private var failure: (batch: Int, error: DataLoaderError)?

    init(
        dataset: Source, batches: [[Int]], from state: LoaderState, context: SampleContext, options: ReadingOptions,
        problems: SampleProblems
    ) {
        self.dataset = dataset
        self.batches = batches
        self.context = context
        self.options = options
        self.problems = problems
        place = (state.nextBatch, 0)
        delivered = state
    }

    /// A sample to be read.
    private struct Ticket {
        let number: Int
        let pending: PendingBatch
        let row: Int
    }

    var state: LoaderState { monitor.locked { delivered } }

    func work() {
        while let ticket = monitor.locked({ takeTicket(waits: true) }) { read(ticket) }
        monitor.locked {
            endedWorkers += 1
            monitor.wakeAll()
        }
    }

    func cancel() {
        monitor.locked {
            isCancelled = true
            monitor.wakeAll()
        }
    }

    func haveEnded(_ count: Int, by deadline: Deadline) -> Bool {
        monitor.locked {
            while endedWorkers < count { if !monitor.wait(until: deadline) { return endedWorkers >= count } }
            return true
        }
    }

    func next(readsItself: Bool, timeout: Duration?) throws -> Batch? {
        while true {
            if readsItself { readNextBatch() }
            let deadline = timeout.map { Deadline(after: $0) }
            switch try monitor.locked({ try waitForBatch(until: deadline) }) {
            case .end: return nil
            case .late(let indices): throw stalled(indices, after: timeout!)
            case .batch(let pending): if let batch = pending.batch { return batch }
            }
        }
    }

    private func readNextBatch() {
        let number = monitor.locked { delivered.nextBatch }
        while let ticket = monitor.locked({ place.batch <= number ? takeTicket(waits: false) : nil }) { read(ticket) }
    }

    /// The next sample, or nil if none is left. Holds the lock, but releases it while too many batches are ready.
    private func takeTicket(waits: Bool) -> Ticket? {
        while true {
            if isCancelled || failure != nil || place.batch >= batches.count { return nil }
            if place.batch < delivered.nextBatch + options.ahead { break }
            if !waits { return nil }
            monitor.wait()
        }
        let (batch, row) = place
        let pending = pending[batch] ?? PendingBatch(number: batch, indices: batches[batch], options)
        self.pending[batch] = pending
        place = row + 1 < batches[batch].count ? (batch, row + 1) : (batch + 1, 0)
        ticketCount += 1
        reading[ticketCount] = (pending.indices[row], .now)
        return Ticket(number: ticketCount, pending: pending, row: row)
    }

    private func read(_ ticket: Ticket) {
        let pending = ticket.pending
        let index = pending.indices[ticket.row]
        var writer = SampleWriter(batch: pending.memory, row: ticket.row)
        var error: (any Error)?
        do {
            try dataset.read(index, context: context, into: &writer)
        } catch let thrown {
            error = thrown
        }
        if let message = error.map({ "\($0)" }) ?? writer.suspicion, !(error is DataLoaderError) {
            let name = dataset.name(of: index)
            problems.record(SampleProblem(index: index, name: name, message: message, isSkipped: error != nil))
        }
        let isComplete = monitor.locked {
            reading[ticket.number] = nil
            pending.complete(ticket.row, isGood: error == nil, fieldCount: writer.fieldCount)
            if let ending = error as? DataLoaderError ?? pending.disagreement { fail(pending, ending) }
            return pending.isComplete
        }
        if isComplete { assemble(pending) }
    }

    /// Makes the batch of the samples that have been read, on the thread that read the last one.
    private func assemble(_ pending: PendingBatch) {
        var ending: DataLoaderError?
        do {
            // Where somebody has given up, or the batch has failed, nobody will take it.
            if monitor.locked({ !isCancelled && pending.number < failure?.batch ?? .max }) { try pending.assemble() }
        } catch let error {
            ending =
                error as? DataLoaderError
                ?? .collationFailed(first: dataset.name(of: pending.indices[0]), reason: "\(error)")
        }
        monitor.locked {
            if let ending { fail(pending, ending) }
            pending.isWhole = true
            monitor.wakeAll()
        }
    }

    /// Notes that a batch ends the epoch. Holds the lock.
    private func fail(_ pending: PendingBatch, _ error: DataLoaderError) {
        if pending.number < failure?.batch ?? .max { failure = (pending.number, error) }
        monitor.wakeAll()
    }

    private enum Arrival {
        case batch(PendingBatch)
        case end
        /// The time is up; the samples that are being read, the one begun first in front.
        case late([(index: Int, start: ContinuousClock.Instant)])
    }

    /// Waits until the next batch is complete. Holds the lock.
    private func waitForBatch(until deadline: Deadline?) throws -> Arrival {
        var hasTime = true
        while true {
            if let failure, failure.batch <= delivered.nextBatch { throw failure.error }
            if isCancelled { throw CancellationError() }
            if delivered.isAtEnd {
                if delivered.skippedCount > 0 && delivered.deliveredCount == 0 { throw everythingFailed() }
                return .end
            }
            if let batch = pending[delivered.nextBatch], batch.isWhole {
                pending[delivered.nextBatch] = nil
                delivered.nextBatch += 1
                delivered.deliveredCount += batch.goodCount
                delivered.skippedCount += batch.indices.count - batch.goodCount
                monitor.wakeAll()
                return .batch(batch)
            }
            if !hasTime { return .late(reading.values.sorted { $0.start < $1.start }) }
            hasTime = monitor.wait(until: deadline)
        }
    }

    private func stalled(
        _ samples: [(index: Int, start: ContinuousClock.Instant)], after timeout: Duration
    ) -> DataLoaderError {
        let now = ContinuousClock.now
        return .timedOut(
            timeout,
            reading: samples.map { .init(name: dataset.name(of: $0.index), duration: now - $0.start) })
    }

    private func everythingFailed() -> DataLoaderError {
        let first = problems.skipped.first.map { "\($0)" } ?? "unknown"
        return .allSamplesBad(count: delivered.skippedCount, first: first)
    }
}

/// A batch being read. Its state is guarded by the reader's monitor, and belongs to one thread while it is assembled.
private final class PendingBatch: @unchecked Sendable {
    let number: Int
    let indices: [Int]
    let memory: any SampleDestination
    private let isStacked: Bool
    private var isGood: [Bool]
    private var remaining: Int
    private var fieldCount: Int?
    private(set) var disagreement: DataLoaderError?
    /// Whether ``batch`` is what it will be.
    var isWhole = false
    /// The batch of the rows that could be read, once assembled; nil if there are none.
    private(set) var batch: Batch?

    init(number: Int, indices: [Int], _ options: ReadingOptions) {
        self.number = number
        self.indices = indices
        memory =
            options.collation.map {
                SeparateSamples(rowCount: indices.count, collation: $0, isPinned: options.pinsMemory)
            }
            ?? BatchMemory(rowCount: indices.count, isPinned: options.pinsMemory)
        isStacked = options.collation == nil
        isGood = Array(repeating: false, count: indices.count)
        remaining = indices.count
    }

    /// Whether all samples have been read, or tried.
    var isComplete: Bool { remaining == 0 }
    var goodCount: Int { isGood.count { $0 } }

    func complete(_ row: Int, isGood good: Bool, fieldCount count: Int) {
        isGood[row] = good
        remaining -= 1
        guard good, isStacked else { return }
        if let fieldCount, fieldCount != count { disagreement = .fieldsDiffer }
        fieldCount = count
    }

    func assemble() throws {
        if goodCount == 0 { return }
        let good = indices.indices.filter { isGood[$0] }.map { indices[$0] }
        batch = Batch(fields: try memory.finish(isGood: isGood), indices: good, number: number)
    }
}
