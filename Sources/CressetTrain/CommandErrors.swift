import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetVision
import Glibc

// How a command ends when it meets one of these errors.

extension CheckpointError: CommandError {
    public var exitStatus: ExitStatus {
        switch kind {
        case .unreadable: systemCode.map(Failure.status(ofSystemCode:)) ?? .inputMissing
        case .truncated, .notWeights, .corrupt, .unsupported, .hostile: .badData
        case .unwritable: systemCode.map(Failure.status(writing:)) ?? .inputOutput
        }
    }
}

extension AtomicFile.WriteError: CommandError {
    public var exitStatus: ExitStatus {
        Failure.status(writing: code)
    }
}

extension SystemError: CommandError {
    package var exitStatus: ExitStatus { Failure.status(ofSystemCode: code) }
}

extension StateDict.Mismatch: CommandError {
    public var exitStatus: ExitStatus { .badData }
}

extension WeightsError: CommandError {
    public var exitStatus: ExitStatus {
        switch kind {
        case .unknown: .usage
        case .offline, .network, .refused: .unavailable
        case .cancelled: StopRequest.current?.exitStatus(isSaved: true) ?? .interrupted
        case .damaged: systemCode.map(Failure.status(ofSystemCode:)) ?? .badData
        case .unwritable: Failure.status(writing: systemCode ?? EROFS)
        }
    }
}

extension UnknownModel: CommandError {
    public var exitStatus: ExitStatus { .usage }
}

extension DeviceError: CommandError {
    public var exitStatus: ExitStatus { isMisspelt ? .usage : .unavailable }
}

extension OptimizerError: CommandError {
    public var exitStatus: ExitStatus { .usage }
}

extension ImageError {
    var exitStatus: ExitStatus {
        switch self {
        case .system(_, let code): Failure.status(ofSystemCode: code)
        default: .badData
        }
    }
}

extension ImageFileError: CommandError {
    public var exitStatus: ExitStatus { reason.exitStatus }
}

extension ImageFolderError: CommandError {
    public var exitStatus: ExitStatus {
        switch self {
        case .cannotOpen(_, let reason): reason.exitStatus
        case .noClasses: .inputMissing
        case .emptyClasses, .ambiguousClasses, .unknownClasses: .badData
        }
    }
}

extension DataLoaderError: CommandError {
    public var exitStatus: ExitStatus { .badData }
}
