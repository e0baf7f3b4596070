import Cresset

extension BatchStream: AsyncSequence {
    public typealias Element = Batch

    /// Takes the batches from a stream, one after another.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let stream: BatchStream

        /// The next batch, or nil after the last.
        ///
        /// - Throws: See ``BatchStream/next()``.
        public mutating func next() async throws -> Batch? { try await next(isolation: #isolation) }

        /// The next batch, or nil after the last, without leaving the caller's actor.
        ///
        /// - Throws: See ``BatchStream/next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Batch? {
            let stream = stream
            // Cancelling the task also ends the wait for a batch that does not come.
            return try await withTaskCancellationHandler(
                operation: { try stream.next() }, onCancel: { stream.interrupt() }, isolation: actor)
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }
}
