import Cresset
import CressetTrain
import Glibc
import Synchronization

/// How a command ends if it cannot continue: memory has run out, or a bug has caused a trap.
///
/// Either way the run's record says `failed`. Memory that has run out is told of like any other failure, and has a status
/// of its own; a trap stays what it is.
package enum LastResort {
    /// To be called when the command starts.
    package static func prepare() {
        // Created before a handler can need them.
        _ = isEnding.load(ordering: .relaxed)
        _ = speaker.load(ordering: .relaxed)
        FailedRecord.makeReady()
        OutOfMemory.handler = { message, hint in end(Failure(message, hint: hint, kind: .outOfMemory)) }
        atexit {
            // A library that cannot get what it needs, such as a thread, may end the process itself.
            if !LastResort.isEnding.load(ordering: .relaxed) {
                LastResort.endWithoutMemory("error: the system gives no more memory or threads\n")
            }
        }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            // An allocation that fails says so here, and those who cannot do without it spring a trap: Swift's runtime,
            // the C++ library.
            // A library that does not check, and a stack that cannot grow, leave no word: then the system is asked.
            if errno == ENOMEM || LastResort.isMemoryExhausted {
                LastResort.endWithoutMemory("error: there is not enough memory\n")
            }
            LastResort.becomeTheOnlyOne()
            FailedRecord.write()
            Glibc.signal(signal, SIG_DFL)
            raise(signal)
        }
        // The stack may be what is at its end.
        let size = 1 << 16
        var stack = stack_t(ss_sp: malloc(size), ss_flags: 0, ss_size: size)
        sigaltstack(&stack, nil)
        action.sa_flags = Int32(SA_ONSTACK)
        for signal in [SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE] { sigaction(signal, &action, nil) }
    }

    /// Ends the process with a failure, from anywhere.
    ///
    /// - Parameter failure: What is reported, and whose exit status the process has.
    package static func end(_ failure: Failure) -> Never {
        becomeTheOnlyOne()
        FailedRecord.write()
        if failure.kind != .brokenPipe { Terminal.standardError.writeLine(failure.description) }
        exit(ExitStatus(failure.kind))
    }

    /// Ends the process.
    ///
    /// - Parameter status: The exit status.
    package static func exit(_ status: ExitStatus) -> Never {
        isEnding.store(true, ordering: .relaxed)
        // Nothing of ours is buffered, and other threads are still using what an orderly exit would destroy.
        _exit(status.rawValue)
    }

    fileprivate static let isEnding = Atomic<Bool>(false)

    /// If several threads run out of memory at once, the first reports it; the others wait for the end.
    private static func becomeTheOnlyOne() {
        let current = UInt(pthread_self())
        let first = speaker.compareExchange(expected: 0, desired: current, ordering: .acquiringAndReleasing)
        if !first.exchanged, first.original != current { while true { pause() } }
    }

    /// The thread that ends the process.
    private static let speaker = Atomic<UInt>(0)

    /// Whether the system refuses even a small allocation.
    private static var isMemoryExhausted: Bool {
        let size = 1 << 20
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if memory == MAP_FAILED { return true }
        munmap(memory, size)
        return false
    }

    /// The same if nothing can be allocated.
    private static func endWithoutMemory(_ text: StaticString) -> Never {
        becomeTheOnlyOne()
        _ = Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        let hint: StaticString =
            "  hint: a smaller batch, smaller pictures, or fewer --workers and --threads need less\n"
        _ = Glibc.write(STDERR_FILENO, hint.utf8Start, hint.utf8CodeUnitCount)
        FailedRecord.write()
        _exit(ExitStatus.outOfMemory.rawValue)
    }
}
