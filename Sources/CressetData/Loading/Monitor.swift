#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A lock with a condition: threads sleep in ``wait()`` until another one calls ``wakeAll()``.
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        // Deadlines must not move when somebody sets the clock.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func locked<R>(_ body: () throws -> R) rethrows -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Releases the lock, sleeps, and takes the lock again. Only inside ``locked(_:)``.
    func wait() { pthread_cond_wait(condition, mutex) }

    /// Like ``wait()``, but at most until `deadline`; false if that has passed.
    func wait(until deadline: Deadline?) -> Bool {
        guard let deadline else {
            wait()
            return true
        }
        var time = deadline.time
        return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }

    func wakeAll() { pthread_cond_broadcast(condition) }
}

/// A moment of the clock that nobody can set.
struct Deadline {
    fileprivate let time: timespec

    /// The moment in `duration` from now, at most some decades.
    init(after duration: Duration) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let (seconds, attoseconds) = duration.components
        let nanoseconds = now.tv_nsec + Int(attoseconds / 1_000_000_000)
        now.tv_sec += Int(min(max(seconds, 0), 1 << 30)) + nanoseconds / 1_000_000_000
        now.tv_nsec = max(nanoseconds % 1_000_000_000, 0)
        time = now
    }
}
