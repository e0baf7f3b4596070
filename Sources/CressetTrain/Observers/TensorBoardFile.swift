import Cresset
import FoundationEssentials

/// Appends the figures of each epoch to an event file, which TensorBoard shows while a run goes on:
/// `tensorboard --logdir runs`.
///
/// The figures are the learning rate when the epoch began, as `lr`, and the loss and the task's scores of each pass, as
/// `loss/train`, `loss/val`, `accuracy/train` and so on; the step is the number of the epoch.
public final class TensorBoardFile: TrainingObserver {
    public let path: FilePath
    private let file: GrowingFile
    private let names: [String]

    private static let prefix = "events.out.tfevents."

    /// A new file in a folder.
    ///
    /// *Throws* ``Failure`` if it cannot be created.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - task: The task, for the names of its scores.
    public init(creatingIn folder: some PathConvertible, for task: any TrainingTask) throws(Failure) {
        names = ["loss"] + task.scoreNames
        path = Self.newPath(in: folder.filePath)
        file = try GrowingFile(creating: path, EventRecord.head(time: Self.now).bytes)
    }

    /// The file of a run that goes on, with the epochs so far: those that it has keep their times.
    init(continuingIn folder: FilePath, for task: any TrainingTask, history: [EpochResult]) throws {
        let names = ["loss"] + task.scoreNames
        self.names = names
        let earlier = Self.paths(in: folder).first
        path = earlier ?? Self.newPath(in: folder)
        let bytes = earlier.flatMap { try? SystemFiles.contents(of: $0, limit: 1 << 28) } ?? []
        let records = EventRecord.steps(in: bytes).filter { $0.step <= history.count }
        var kept = records.flatMap { bytes[$0.range] }
        if records.isEmpty { kept = EventRecord.head(time: Self.now).bytes }
        let known = Set(records.map(\.step))
        for epoch in history where !known.contains(epoch.epoch) { kept += Self.record(epoch, names).bytes }
        file = try GrowingFile(replacing: path, kept)
    }

    public func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        guard case .epochEnded(let epoch) = event else { return }
        try file.append(Self.record(epoch, names).bytes)
    }

    private static var now: Double { Date().timeIntervalSince1970 }

    /// TensorBoard knows event files by their names, and reads them in the order of these: of their times.
    private static func newPath(in folder: FilePath) -> FilePath {
        let seconds = String(Int(now))
        return folder.appending(
            prefix + String(repeating: "0", count: max(10 - seconds.count, 0)) + seconds + ".cresset")
    }

    /// The event files of a folder, the oldest first.
    static func paths(in folder: FilePath) -> [FilePath] {
        let names = (try? SystemFiles.names(in: folder)) ?? []
        return names.filter { $0.terminalText.hasPrefix(prefix) }.sorted { $0.terminalText < $1.terminalText }
            .map(folder.pushing)
    }

    private static func record(_ epoch: EpochResult, _ names: [String]) -> EventRecord {
        var figures = [EventRecord.Figure(name: "lr", value: epoch.learningRate)]
        for name in names {
            for result in [epoch.training, epoch.validation] {
                guard let result, let value = result.figures[name] else { continue }
                figures.append(EventRecord.Figure(name: "\(name)/\(result.phase.rawValue)", value: value))
            }
        }
        return EventRecord(time: now, step: epoch.epoch, figures: figures)
    }
}
