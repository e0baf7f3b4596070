import CressetTrain

/// The meaning of a command's exit status, following `sysexits.h` and the shells.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Success.
    case success = 0
    /// An unforeseen error: a bug.
    case bug = 1
    /// The command line is wrong.
    case usage = 64
    /// A file or the data is invalid.
    case badData = 65
    /// A named file or folder does not exist.
    case inputMissing = 66
    /// A device, the network or a port is not available.
    case unavailable = 69
    /// Training failed, for example because the loss is not a number.
    case trainingFailed = 70
    /// There is not enough memory.
    case outOfMemory = 71
    /// A file or folder cannot be created.
    case cannotCreate = 73
    /// Writing failed, for example on a full disk.
    case inputOutput = 74
    /// Stopped by a scheduler, with everything saved.
    case stoppedByScheduler = 75
    /// The permission to read or write something is missing.
    case permission = 77
    /// Settings contradict each other or the data, or a file of options cannot be used.
    case configuration = 78
    /// Stopped by Ctrl-C.
    case interrupted = 130
    /// Nobody reads the results any more: the status of what SIGPIPE ends.
    case brokenPipe = 141
    /// Ended by a scheduler's signal before anything could be saved.
    case terminated = 143
}

extension ExitStatus {
    /// The status of a command that ends with a failure of a kind.
    ///
    /// - Parameter kind: What went wrong, roughly.
    package init(_ kind: Failure.Kind) {
        self =
            switch kind {
            case .bug: .bug
            case .usage: .usage
            case .badData: .badData
            case .inputMissing: .inputMissing
            case .unavailable: .unavailable
            case .trainingFailed: .trainingFailed
            case .outOfMemory: .outOfMemory
            case .cannotCreate: .cannotCreate
            case .inputOutput: .inputOutput
            case .permission: .permission
            case .configuration: .configuration
            case .cancelled: StopRequest.current?.exitStatus(isSaved: true) ?? .interrupted
            case .brokenPipe: .brokenPipe
            }
    }
}
