import Cresset

/// Appends the figures of each epoch to a table, `metrics.csv`.
///
/// The columns are the epoch, the learning rate when it began, the loss and the task's scores in training and in
/// validation, training samples per second, and seconds for both passes.
public final class MetricsFile: TrainingObserver {
    private let table: MetricsTable
    private let figures: [String]
    private let phases: [Phase]

    /// A new table with its header.
    ///
    /// *Throws* ``Failure`` if the file exists already (another run has begun in its folder) or cannot be created.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - task: The task, for the names of its scores.
    ///   - phases: The passes that each epoch has.
    public init(
        creating path: some PathConvertible, for task: any TrainingTask, phases: [Phase] = Phase.allCases
    ) throws(Failure) {
        let figures = ["loss"] + task.scoreNames
        self.figures = figures
        self.phases = phases
        table = try MetricsTable(creating: path, columns: Self.columns(figures, phases))
    }

    /// The table of a run that goes on, with the figures of its epochs so far, in place of the file at `path`.
    init(replacing path: FilePath, for task: any TrainingTask, history: [EpochResult]) throws {
        let figures = ["loss"] + task.scoreNames, phases = Phase.allCases
        self.figures = figures
        self.phases = phases
        table = try MetricsTable(
            replacing: path, columns: Self.columns(figures, phases),
            rows: history.map { Self.row($0, figures, phases) })
    }

    public func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        guard case .epochEnded(let epoch) = event else { return }
        try table.append(Self.row(epoch, figures, phases))
    }

    private static func columns(_ figures: [String], _ phases: [Phase]) -> [String] {
        let names = phases.flatMap { phase in figures.map { "\(phase.rawValue)_\($0)" } }
        return ["epoch", "lr"] + names + ["images_per_second", "seconds"]
    }

    private static func row(_ epoch: EpochResult, _ figures: [String], _ phases: [Phase]) -> [String] {
        let results = phases.map { $0 == .training ? epoch.training : epoch.validation }
        let values = results.flatMap { result in figures.map { result?.figures[$0] } }
        let rate = Double(epoch.training.figures.count) / max(epoch.training.seconds, 1e-9)
        let seconds = epoch.training.seconds + (epoch.validation?.seconds ?? 0)
        let measures = [(rate * 100).rounded() / 100, (seconds * 1000).rounded() / 1000]
        let numbers: [Double?] = [epoch.learningRate] + values + measures
        return [String(epoch.epoch)] + numbers.map { $0.map { "\($0)" } ?? "" }
    }
}
