import CKernels

/// The maximum number of threads used by operators called from this thread.
public var threadCount: Int { Int(cresset_thread_count()) }

/// Sets the number of threads for operators that this thread calls from now on.
///
/// A team belongs to the calling thread: other threads keep theirs. Values below 1 count as 1.
///
/// - Parameter count: The number of threads.
public func setThreadCount(_ count: Int) { cresset_set_thread_count(Int32(clamping: count)) }

/// Runs `body` with at most `count` threads for its operators, for example in a server with many callers.
public func withThreads<R>(_ count: Int, _ body: () throws -> R) rethrows -> R {
    let old = threadCount
    setThreadCount(count)
    defer { setThreadCount(old) }
    return try body()
}
