/// Keeps the record of a run, `run.json`, up to date.
public final class RunRecorder: TrainingObserver {
    public private(set) var record: RunRecord
    private let folder: RunFolder

    /// Writes the record for the first time.
    ///
    /// *Throws* ``Failure`` if that is impossible.
    ///
    /// - Parameters:
    ///   - record: The record of a run that begins.
    ///   - folder: The folder of the run.
    public init(_ record: RunRecord, in folder: RunFolder) throws {
        self.record = record
        self.folder = folder
        try record.write(to: folder)
    }

    public func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        switch event {
        case .samplesFailed(let problems): record.data.addSkipped(problems.filter(\.isSkipped).map(\.description))
        case .improved(let epoch): record.best = RunRecord.Best(epoch)
        case .runEnded(.interrupted): record.state = .interrupted
        case .runEnded: record.state = .finished
        case .runFailed: record.state = .failed
        default: return
        }
        try record.write(to: folder)
    }
}

extension RunRecord.Best {
    /// What a record says of the best epoch.
    init(_ epoch: EpochResult) {
        self.init(
            epoch: epoch.epoch, validationAccuracy: epoch.figures["accuracy"] ?? 0,
            validationLoss: epoch.figures.loss)
        validationCount = epoch.figures.count
    }
}
