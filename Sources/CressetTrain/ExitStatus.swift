/// What a command's exit status says, after `sysexits.h` and the shells.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// All went well.
    case success = 0
    /// An error nobody foresaw: a bug.
    case bug = 1
    /// The command line is wrong.
    case usage = 64
    /// A file or the data is not what it should be.
    case badData = 65
    /// A file or folder that was named is not there.
    case inputMissing = 66
    /// A device, the network or a port cannot be had.
    case unavailable = 69
    /// Training came to nothing, such as a loss that is not a number.
    case trainingFailed = 70
    /// There is not enough memory.
    case outOfMemory = 71
    /// A file or folder cannot be made.
    case cannotCreate = 73
    /// Writing failed, such as on a full disk.
    case inputOutput = 74
    /// Stopped by a scheduler, with everything saved.
    case stoppedByScheduler = 75
    /// The rights to read or write something are missing.
    case permission = 77
    /// Settings contradict each other or the data.
    case configuration = 78
    /// Stopped by Ctrl-C.
    case interrupted = 130
    /// Nobody reads the results any more: the status of what SIGPIPE ends.
    case brokenPipe = 141
    /// Ended by a scheduler's signal before anything could be saved.
    case terminated = 143
}
