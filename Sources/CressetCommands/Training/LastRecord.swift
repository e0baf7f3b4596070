import CressetTrain

/// Keeps a `run.json` that says `failed` ready, for a process that cannot write one any more.
package final class LastRecord: TrainingObserver {
    private let run: TrainingRun

    /// Prepares it for a run that begins.
    ///
    /// - Parameter run: The run.
    package init(_ run: TrainingRun) {
        self.run = run
        prepare()
    }

    package func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
        switch event {
        case .samplesFailed, .improved: prepare()
        case .runEnded, .runFailed: FailedRecord.prepare(nil, at: run.folder.recordPath)
        default: break
        }
    }

    private func prepare() {
        var record = run.record
        record.state = .failed
        FailedRecord.prepare(try? record.encoded(), at: run.folder.recordPath)
    }
}
