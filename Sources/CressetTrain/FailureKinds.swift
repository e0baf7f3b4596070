import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetVision
import Glibc

// What kind of failure each of these errors is.

extension CheckpointError: ClassifiedError {
    public var failureKind: Failure.Kind {
        switch kind {
        case .unreadable: systemCode.map(Failure.kind(ofSystemCode:)) ?? .inputMissing
        case .truncated, .notWeights, .corrupt, .unsupported, .hostile: .badData
        case .unwritable: systemCode.map(Failure.kind(writing:)) ?? .inputOutput
        }
    }
}

extension AtomicFile.WriteError: ClassifiedError {
    public var failureKind: Failure.Kind {
        Failure.kind(writing: code)
    }
}

extension SystemError: ClassifiedError {
    package var failureKind: Failure.Kind { Failure.kind(ofSystemCode: code) }
}

extension StateDict.Mismatch: ClassifiedError {
    public var failureKind: Failure.Kind { .badData }
}

extension WeightsError: ClassifiedError {
    public var failureKind: Failure.Kind {
        switch kind {
        case .unknown: .usage
        case .offline, .network, .refused: .unavailable
        case .cancelled: .cancelled
        case .damaged: systemCode.map(Failure.kind(ofSystemCode:)) ?? .badData
        case .unwritable: Failure.kind(writing: systemCode ?? EROFS)
        }
    }
}

extension UnknownModel: ClassifiedError {
    public var failureKind: Failure.Kind { .usage }
}

extension UnsuitableInputSide: ClassifiedError {
    public var failureKind: Failure.Kind { .usage }
}

extension DeviceError: ClassifiedError {
    public var failureKind: Failure.Kind { isMisspelt ? .usage : .unavailable }
}

extension OptimizerError: ClassifiedError {
    public var failureKind: Failure.Kind { .usage }
}

extension ImageError {
    var failureKind: Failure.Kind {
        switch self {
        case .system(_, let code): Failure.kind(ofSystemCode: code)
        default: .badData
        }
    }
}

extension ImageFileError: ClassifiedError {
    public var failureKind: Failure.Kind { reason.failureKind }
}

extension ImageFolderError: ClassifiedError {
    public var failureKind: Failure.Kind {
        switch self {
        case .cannotOpen(_, let reason): reason.failureKind
        case .noClasses: .inputMissing
        case .emptyClasses, .ambiguousClasses, .unknownClasses: .badData
        }
    }
}

extension LabelFileError: ClassifiedError {
    public var failureKind: Failure.Kind { systemCode.map(Failure.kind(ofSystemCode:)) ?? .badData }
}

extension DataLoaderError: ClassifiedError {
    public var failureKind: Failure.Kind { .badData }
}

extension NoSamples: ClassifiedError {
    public var failureKind: Failure.Kind { .badData }
}

extension LossNotFinite: ClassifiedError {
    public var failureKind: Failure.Kind { .trainingFailed }
}

extension PlanError: ClassifiedError {
    public var failureKind: Failure.Kind { .configuration }
}

extension NoFeatureMap: ClassifiedError {
    public var failureKind: Failure.Kind { .configuration }
}
