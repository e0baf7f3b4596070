import CKernels

/// The maximum number of threads used by operators called from this thread.
///
/// At first `OMP_NUM_THREADS`, if that is set, and otherwise the number of processors that the process may use: those of
/// its affinity mask, or fewer if the quota of its container allows less.
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
