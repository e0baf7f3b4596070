import Cresset

/// What a stream needs from its reader, whatever the dataset.
protocol BatchReading: AnyObject, Sendable {
    /// Reads samples until there is nothing left to do: the body of a worker thread.
    func work()
    func next(readsItself: Bool) throws -> Batch?
    func cancel()
}

/// Reads one epoch. Workers take one sample after another, in order, across batches.
final class EpochReader<Source: Dataset>: BatchReading, @unchecked Sendable {
    private let dataset: Source
    private let batches: [[Int]]
    private let context: SampleContext
    private let ahead: Int
    private let problems: SampleProblems
    private let pinsMemory: Bool
    private let monitor = Monitor()

    // Guarded by the monitor.
    private var pending: [Int: PendingBatch] = [:]
    /// The next sample to be read.
    private var place: (batch: Int, row: Int)
    /// The next batch to be delivered.
    private var delivered: Int
    private var goodCount = 0
    private var triedCount = 0
    private var isCancelled = false
    /// The error that ends the epoch, and the batch it occurred in: earlier batches are still delivered.
    private var failure: (batch: Int, error: DataLoaderError)?

    init(
        dataset: Source, batches: [[Int]], start: Int, context: SampleContext, ahead: Int, problems: SampleProblems,
        pinsMemory: Bool
    ) {
        self.dataset = dataset
        self.batches = batches
        self.context = context
        self.ahead = ahead
        self.problems = problems
        self.pinsMemory = pinsMemory
        place = (start, 0)
        delivered = start
    }

    /// A sample to be read.
    private struct Ticket {
        let pending: PendingBatch
        let row: Int
    }

    func work() {
        while let ticket = monitor.locked({ takeTicket(waits: true) }) { read(ticket) }
    }

    func cancel() {
        monitor.locked {
            isCancelled = true
            monitor.wakeAll()
        }
    }

    func next(readsItself: Bool) throws -> Batch? {
        while true {
            if readsItself { readNextBatch() }
            guard let pending = try monitor.locked({ try waitForBatch() }) else { return nil }
            if let batch = pending.finish() { return batch }
        }
    }

    private func readNextBatch() {
        let number = monitor.locked { delivered }
        while let ticket = monitor.locked({ place.batch <= number ? takeTicket(waits: false) : nil }) { read(ticket) }
    }

    /// The next sample, or nil if none is left. Holds the lock, but releases it while too many batches are ready.
    private func takeTicket(waits: Bool) -> Ticket? {
        while true {
            if isCancelled || failure != nil || place.batch >= batches.count { return nil }
            if place.batch < delivered + ahead { break }
            if !waits { return nil }
            monitor.wait()
        }
        let (batch, row) = place
        let pending =
            pending[batch] ?? PendingBatch(number: batch, indices: batches[batch], pinsMemory: pinsMemory)
        self.pending[batch] = pending
        place = row + 1 < batches[batch].count ? (batch, row + 1) : (batch + 1, 0)
        return Ticket(pending: pending, row: row)
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
        monitor.locked {
            pending.complete(ticket.row, isGood: error == nil, fieldCount: writer.fieldCount)
            if let ending = error as? DataLoaderError ?? pending.disagreement,
                pending.number < failure?.batch ?? .max
            {
                failure = (pending.number, ending)
            }
            if pending.isWhole || failure != nil { monitor.wakeAll() }
        }
    }

    /// The next batch once it is complete, or nil after the last. Holds the lock.
    private func waitForBatch() throws -> PendingBatch? {
        while true {
            if let failure, failure.batch <= delivered { throw failure.error }
            if isCancelled { throw CancellationError() }
            if delivered >= batches.count {
                if triedCount > 0 && goodCount == 0 { throw everythingFailed() }
                return nil
            }
            if let batch = pending[delivered], batch.isWhole {
                pending[delivered] = nil
                delivered += 1
                triedCount += batch.indices.count
                goodCount += batch.goodCount
                monitor.wakeAll()
                return batch
            }
            monitor.wait()
        }
    }

    private func everythingFailed() -> DataLoaderError {
        let first = problems.skipped.first.map { "\($0)" } ?? "unknown"
        return .allSamplesBad(count: triedCount, first: first)
    }
}

/// A batch being read. Its state is guarded by the reader's monitor.
private final class PendingBatch: @unchecked Sendable {
    let number: Int
    let indices: [Int]
    let memory: BatchMemory
    private var isGood: [Bool]
    private var remaining: Int
    private var fieldCount: Int?
    private(set) var disagreement: DataLoaderError?

    init(number: Int, indices: [Int], pinsMemory: Bool) {
        self.number = number
        self.indices = indices
        memory = BatchMemory(rowCount: indices.count, isPinned: pinsMemory)
        isGood = Array(repeating: false, count: indices.count)
        remaining = indices.count
    }

    var isWhole: Bool { remaining == 0 }
    var goodCount: Int { isGood.count { $0 } }

    func complete(_ row: Int, isGood good: Bool, fieldCount count: Int) {
        isGood[row] = good
        remaining -= 1
        guard good else { return }
        if let fieldCount, fieldCount != count { disagreement = .fieldsDiffer }
        fieldCount = count
    }

    /// The batch of the rows that could be read; nil if there are none.
    func finish() -> Batch? {
        if goodCount == 0 { return nil }
        let good = indices.indices.filter { isGood[$0] }.map { indices[$0] }
        return Batch(fields: memory.finish(isGood: isGood), indices: good, number: number)
    }
}
