import CressetData

/// Whatever gives batches to train on, epoch by epoch: a `DataLoader`, or a type of one's own.
public protocol BatchSource {
    associatedtype Batches: BatchIterator

    /// The number of batches in an epoch.
    var batchCount: Int { get }

    /// The batches of an epoch.
    ///
    /// - Parameters:
    ///   - epoch: The number of the pass over the data, from 0.
    ///   - start: The number of the first batch, to continue within an epoch.
    func batches(epoch: Int, startingAt start: Int) -> Batches

    /// The samples that could not be used, or looked damaged, so far. Default: none.
    var unusableSamples: [SampleProblem] { get }
}

extension BatchSource {
    public var unusableSamples: [SampleProblem] { [] }
}

/// The batches of an epoch, one after another.
public protocol BatchIterator {
    /// The next batch, or nil after the last.
    func next() throws -> Batch?

    /// Gives up the rest. Default: does nothing.
    func cancel()
}

extension BatchIterator {
    public func cancel() {}
}

extension BatchStream: BatchIterator {}

extension DataLoader: BatchSource {
    public var unusableSamples: [SampleProblem] { problems.all }
}
