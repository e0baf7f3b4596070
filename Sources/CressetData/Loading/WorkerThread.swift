import Cresset

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An operating-system thread that runs one function.
///
/// Not a task: reading waits for disks and decodes for milliseconds, which would starve Swift's own few threads.
package final class WorkerThread: @unchecked Sendable {
    private var handle = pthread_t()

    /// Starts a thread; nil if the system allows no more.
    ///
    /// - Parameter readsAhead: Whether it runs alongside threads that compute: if so, with a single compute thread and
    ///   a lower priority.
    package init?(readsAhead: Bool = true, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Work(readsAhead: readsAhead, body))
        let status = pthread_create(
            &handle, nil,
            { argument in
                let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
                if work.readsAhead { WorkerThread.prepare() }
                work.body()
                return nil
            }, box.toOpaque())
        if status != 0 {
            box.release()
            return nil
        }
    }

    /// Waits for the thread to end. Either this or ``abandon()`` must be called, once.
    package func join() { pthread_join(handle, nil) }

    /// Lets the thread end by itself, if it ever does; the system then frees what it had.
    package func abandon() { pthread_detach(handle) }

    private final class Work {
        let readsAhead: Bool
        let body: @Sendable () -> Void

        init(readsAhead: Bool, _ body: @escaping @Sendable () -> Void) {
            self.readsAhead = readsAhead
            self.body = body
        }
    }

    private static func prepare() {
        // Signals are for the main thread.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        // Workers run in parallel; a team for each would compete with the model's.
        setThreadCount(1)
        // A team of threads is as slow as its slowest member: threads that compute take precedence over threads that
        // read ahead. On Linux the "process" 0 is the calling thread.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    }
}
