import Cresset
import Glibc
import Synchronization

/// A request from outside to stop the work: Ctrl-C, or a scheduler's signal.
///
/// The work checks ``current`` after each step, saves, and ends on its own. A second Ctrl-C ends the process at once.
package enum StopRequest: Int32, Sendable, CaseIterable {
    /// SIGHUP: the terminal has gone.
    case hangUp = 1
    /// SIGINT: Ctrl-C.
    case interrupt = 2
    /// SIGUSR1: a scheduler's warning that time is running out.
    case warning = 10
    /// SIGTERM: a scheduler, or the system that shuts down.
    case terminate = 15

    /// The most recent request.
    package static var current: StopRequest? { StopRequest(rawValue: received.load(ordering: .relaxed)) }

    /// Catches the signals from here on; until ``listen()`` is called they end the process at once, with the status for
    /// it.
    ///
    /// Signals that whoever started the process has switched off (`nohup`, a shell's background jobs) stay so. SIGHUP is
    /// switched off, too, where there is a terminal but errors are not shown on it: then the work does not depend on it.
    package static func catchSignals() {
        _ = received.load(ordering: .relaxed)  // Made before a handler can need it.
        _ = listening.load(ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handle
        // System calls in progress continue.
        action.sa_flags = Int32(SA_RESTART)
        var caught = sigset_t()
        sigemptyset(&caught)
        for request in allCases {
            if request == .hangUp, outlivesItsTerminal { signal(request.rawValue, SIG_IGN) }
            var inherited = sigaction()
            sigaction(request.rawValue, nil, &inherited)
            if isIgnored(inherited) { continue }
            sigaction(request.rawValue, &action, nil)
            sigaddset(&caught, request.rawValue)
        }
        // A process started from a thread that blocks signals inherits that.
        pthread_sigmask(SIG_UNBLOCK, &caught, nil)
    }

    /// What is stopped, and what of it is kept.
    package enum Work: Int32, Sendable {
        case training = 1
        case download = 2
    }

    /// From now on there is something to save: a request is kept for ``current``.
    ///
    /// - Parameter work: What is being done.
    package static func listen(_ work: Work = .training) { listening.store(work.rawValue, ordering: .relaxed) }

    /// The exit status of a process that was asked to stop.
    ///
    /// - Parameter isSaved: Whether everything was saved.
    package func exitStatus(isSaved: Bool) -> ExitStatus {
        switch self {
        case .interrupt: .interrupted
        case .hangUp, .warning, .terminate: isSaved ? .stoppedByScheduler : .terminated
        }
    }

    private static let handle: @convention(c) (Int32) -> Void = { signal in
        // Only what POSIX allows in a handler: lock-free atomics, write and _exit.
        let interruptedErrno = errno
        defer { errno = interruptedErrno }
        let work = listening.load(ordering: .relaxed)
        if work == 0 {
            _exit(signal == SIGINT ? ExitStatus.interrupted.rawValue : ExitStatus.terminated.rawValue)
        }
        let isFirst = received.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged
        if isFirst, work == Work.download.rawValue {
            say("\nstopping; the part received is kept for the next attempt\n")
        } else if isFirst, signal == SIGINT {
            say("\nstopping after this step; the best weights so far are kept (Ctrl-C again: at once)\n")
        } else if isFirst {
            say("\nstopping after this step; the best weights so far are kept\n")
        } else if signal == SIGINT {
            _exit(ExitStatus.interrupted.rawValue)
        }
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN as __sighandler_t?, to: Int.self)
    }

    private static var outlivesItsTerminal: Bool {
        if isatty(STDERR_FILENO) == 1 { return false }
        let terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        if terminal >= 0 { close(terminal) }
        return terminal >= 0
    }
}

private let received = Atomic<Int32>(0)
/// The raw value of the ``StopRequest/Work`` that is being done; 0 if there is nothing to save.
private let listening = Atomic<Int32>(0)

private func say(_ text: StaticString) {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
}
