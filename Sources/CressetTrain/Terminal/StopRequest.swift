import Glibc
import Synchronization

/// A wish from outside that the work come to an end: Ctrl-C, or a scheduler's SIGTERM.
///
/// The work asks ``current`` after each step, saves, and ends by itself. A second Ctrl-C ends the process at once.
public enum StopRequest: Int32, Sendable {
    /// Ctrl-C: SIGINT.
    case interrupt = 2
    /// A scheduler: SIGTERM.
    case terminate = 15

    /// What has been asked for so far.
    public static var current: StopRequest? { StopRequest(rawValue: received.load(ordering: .relaxed)) }

    /// Catches SIGINT and SIGTERM from here on.
    ///
    /// Call it when there is something to save; before, the system's own way of ending a process is right.
    public static func listen() {
        _ = received.load(ordering: .relaxed)  // Made before a handler can need it.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            // Only what POSIX allows in a handler: atomics without locks, write and _exit.
            let interruptedErrno = errno
            defer { errno = interruptedErrno }
            let isFirst = received.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged
            if isFirst {
                say("\nstopping after this step; the best weights so far are kept (Ctrl-C again: at once)\n")
            } else if signal == SIGINT {
                _exit(ExitStatus.interrupted.rawValue)
            }
        }
        // Reading and writing under way go on.
        action.sa_flags = Int32(SA_RESTART)
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        // Whoever started the process from a thread that takes no signals has handed that on to it.
        var both = sigset_t()
        sigemptyset(&both)
        sigaddset(&both, SIGINT)
        sigaddset(&both, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &both, nil)
    }

    /// The status with which a process ends that was asked to stop.
    ///
    /// - Parameter isSaved: Whether everything was saved.
    public func exitStatus(isSaved: Bool) -> ExitStatus {
        switch self {
        case .interrupt: .interrupted
        case .terminate: isSaved ? .stoppedByScheduler : .terminated
        }
    }
}

private let received = Atomic<Int32>(0)

private func say(_ text: StaticString) {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
}
