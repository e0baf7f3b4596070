import ArgumentParser
import Cresset
import CressetCommands
import Glibc

/// The process of a command: what it inherits is made safe before anything else happens.
enum CommandProcess {
    private static let largestThreadCount = 1024

    /// Checks the option `--threads`.
    static func validate(threads: Int) throws {
        guard (1...largestThreadCount).contains(threads) else {
            throw ValidationError("--threads must be from 1 to \(largestThreadCount), got \(threads)")
        }
    }

    static func prepare() {
        openStandardDescriptors()
        // Text is laid out with it, and not all of that code expects nonsense.
        if let columns = getenv("COLUMNS"), !(1...10_000).contains(Int(String(cString: columns)) ?? 0) {
            unsetenv("COLUMNS")
        }
        // The environment may ask for more threads than there can be.
        if threadCount > largestThreadCount { setThreadCount(largestThreadCount) }
        // A file that grows beyond a limit is told of like a full disk, and a reader that has gone like one that was
        // never there; by themselves the signals would end the process.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        LastResort.prepare()
        StopRequest.catchSignals()
    }

    /// Where standard input, output or error was closed, the next file to be opened would take its place, and would be
    /// written to.
    private static func openStandardDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is taken: this one. Results cannot be written there, as before; errors may get lost.
            _ = open("/dev/null", (descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY))
        }
    }
}
