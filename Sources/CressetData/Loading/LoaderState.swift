import Cresset

/// A place in an epoch, to be saved and continued from.
///
/// ```swift
/// let state = stream.state                               // at any moment
/// let text = try JSONEncoder().encode(state)
/// …
/// for try await batch in try loader.batches(resuming: state) { … }
/// ```
///
/// The batches that follow equal those of the uninterrupted stream to the bit, whatever the number of workers. The place
/// is that of the batches taken from the stream; what has been read ahead is read again.
public struct LoaderState: Codable, Sendable, Hashable {
    /// The number of the pass over the data, from 0.
    public var epoch: Int
    /// The number of the next batch within the epoch, from 0; the number of batches at the end.
    public var nextBatch: Int
    /// How many samples have been delivered in this epoch.
    public var deliveredCount: Int
    /// How many samples of the batches before the next one could not be read.
    public var skippedCount: Int
    /// The seed of the samples' augmentation.
    public var seed: UInt64
    /// The number of samples in the dataset.
    public var datasetCount: Int
    /// The number of samples in the epoch's largest batch.
    public var batchSize: Int
    /// The number of batches in the epoch.
    public var batchCount: Int
    /// A number that identifies the epoch's order: which samples make up each batch.
    public var order: UInt64

    /// The state at the beginning of batch `start`.
    init(epoch: Int, startingAt start: Int, _ batches: EpochBatches, seed: UInt64, datasetCount: Int) {
        self.epoch = epoch
        nextBatch = start
        deliveredCount = 0
        skippedCount = 0
        self.seed = seed
        self.datasetCount = datasetCount
        batchSize = batches.largestCount
        batchCount = batches.indices.count
        order = batches.identity
    }

    /// Whether the epoch has been read to its end: nothing is left to resume, the next epoch is due.
    public var isAtEnd: Bool { nextBatch >= batchCount }

    /// Throws unless a loader whose own state is `own` can continue from this one.
    func check(against own: LoaderState) throws(LoaderStateError) {
        func compare(_ what: String, _ saved: some Equatable, _ now: some Equatable) throws(LoaderStateError) {
            if "\(saved)" != "\(now)" { throw LoaderStateError(what, saved: "\(saved)", now: "\(now)") }
        }
        try compare("the number of samples", datasetCount, own.datasetCount)
        try compare("the seed", seed, own.seed)
        try compare("the batch size", batchSize, own.batchSize)
        try compare("the number of batches", batchCount, own.batchCount)
        if order != own.order {
            throw LoaderStateError("the order", saved: "another", now: "that of this loader's sampler")
        }
        guard (0...batchCount).contains(nextBatch), deliveredCount >= 0, skippedCount >= 0 else {
            throw LoaderStateError("the place", saved: "batch \(nextBatch)", now: "0 to \(batchCount)")
        }
    }
}

/// Why a loader cannot continue from a saved place: the rest of the epoch would not be what it was.
public struct LoaderStateError: ExplainedError, Sendable, Hashable {
    /// What differs, such as "the batch size".
    public let difference: String
    /// What it was when the state was taken.
    public let saved: String
    /// What it is now.
    public let now: String

    init(_ difference: String, saved: String, now: String) {
        self.difference = difference
        self.saved = saved
        self.now = now
    }

    public var explanation: Explanation {
        Explanation(
            "cannot resume in the middle of the epoch: \(difference) was \(saved), now it is \(now)",
            hint: "resume with the same data and options, or begin the epoch anew: batches(epoch:)")
    }
}

/// The batches of one epoch, checked.
struct EpochBatches: Sendable {
    let indices: [[Int]]
    let largestCount: Int
    /// A hash of all indices and of where batches begin.
    let identity: UInt64

    /// Traps if a batch is empty or names a sample that the dataset does not have.
    init(_ order: any BatchOrder, epoch: Int, datasetCount: Int) {
        indices = order.batches(epoch: epoch)
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ number: Int) {
            hash = (hash ^ UInt64(bitPattern: Int64(number))) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
        }
        var largest = 0
        for (number, batch) in indices.enumerated() {
            if batch.isEmpty { fatalError("DataLoader: batch \(number) of the given order is empty") }
            largest = max(largest, batch.count)
            add(batch.count)
            for index in batch {
                if index < 0 || index >= datasetCount {
                    fatalError("DataLoader: the order names sample \(index), the dataset has \(datasetCount)")
                }
                add(index)
            }
        }
        largestCount = largest
        identity = hash
    }
}
