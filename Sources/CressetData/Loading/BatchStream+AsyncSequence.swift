import Cresset

extension BatchStream: AsyncSequence {
    public typealias Element = Batch

    /// Takes the batches from a stream, one after another.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let stream: BatchStream

        /// The next batch, or nil after the last.
        ///
        /// - Throws: See ``BatchStream/next()``.
        public mutating func next() async throws -> Batch? { try stream.next() }

        /// The next batch, or nil after the last, without leaving the caller's actor.
        ///
        /// - Throws: See ``BatchStream/next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Batch? { try stream.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }
}
