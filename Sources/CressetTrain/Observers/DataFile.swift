import Cresset
import CressetData
import CressetVision

/// Keeps `data.csv`: every file of the folders that a run was given, a row each, and what became of it.
///
/// The columns are the file, the part (`train` or `val`), the class (empty outside the classes' folders), the status and
/// the reason. The status is `used`; `suspect`, for a picture that was used but looks damaged; or `skipped`.
final class DataFile: TrainingObserver {
    private let path: FilePath
    private let data: TrainingData
    /// What was found of pictures as they were read, by their names.
    private var findings: [String: Finding]

    private struct Finding {
        let status: String
        let reason: String
    }

    static let columns = ["image", "split", "class", "status", "reason"]

    /// Writes the file for the first time, or, if a run goes on, with what was found before.
    ///
    /// *Throws* `AtomicFile.WriteError` if that is impossible.
    init(_ path: FilePath, _ data: TrainingData, goesOn: Bool) throws {
        self.path = path
        self.data = data
        findings = goesOn ? Self.findings(in: path) : [:]
        try write()
    }

    func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        guard case .samplesFailed(let problems) = event else { return }
        let found = Dictionary(problems.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let places = PicturePlaces(data)
        for sample in data.train.samples + data.validation.samples {
            guard let problem = found[sample.path.terminalText] else { continue }
            findings[places.text(sample.path)] = Finding(
                status: problem.isSkipped ? "skipped" : "suspect", reason: TerminalText.escaped(problem.reason))
        }
        try write()
    }

    /// What an earlier process found; nothing if its file cannot be read.
    private static func findings(in path: FilePath) -> [String: Finding] {
        guard let bytes = try? SystemFiles.contents(of: path, limit: CSVTable.byteLimit),
            let rows = try? CSVTable(bytes).rows, rows.first?.fields == columns
        else { return [:] }
        let found = rows.dropFirst().filter { $0.fields[3] != "used" }
            .map { ($0.fields[0], Finding(status: $0.fields[3], reason: $0.fields[4])) }
        return Dictionary(found, uniquingKeysWith: { $1 })
    }

    /// How many pictures of each class the file at `path` lists as used in training; empty if it cannot be read.
    fileprivate static func trainingCounts(in path: FilePath, of classes: [String]) -> [Int] {
        guard let bytes = try? SystemFiles.contents(of: path, limit: CSVTable.byteLimit),
            let rows = try? CSVTable(bytes).rows, rows.first?.fields == columns
        else { return [] }
        let labels = Dictionary(
            zip(classes.map { PredictionFile.text(TerminalText.escaped($0)) }, classes.indices),
            uniquingKeysWith: { first, _ in first })
        var counts = classes.map { _ in 0 }
        for row in rows.dropFirst() where row.fields[1] == Phase.training.rawValue && row.fields[3] != "skipped" {
            if let label = labels[row.fields[2]] { counts[label] += 1 }
        }
        return counts
    }

    private func write() throws {
        let places = PicturePlaces(data)
        try AtomicFile.write(to: path) { file in
            try file.write(Self.columns.joined(separator: ",") + "\n")
            for (split, folder) in [(Phase.training, data.train), (.validation, data.validation)] {
                let classes = folder.classes.map { TerminalText.escaped($0) }
                func write(_ path: FilePath, _ label: Int?, _ status: String, _ reason: String) throws {
                    let cells = [places.text(path), split.rawValue, label.map { classes[$0] } ?? "", status, reason]
                    try file.write(cells.map(PredictionFile.cell).joined(separator: ",") + "\n")
                }
                for sample in folder.samples {
                    let finding = findings[places.text(sample.path)]
                    try write(sample.path, sample.label, finding?.status ?? "used", finding?.reason ?? "")
                }
                for skipped in folder.skipped {
                    try write(skipped.path, skipped.label, "skipped", TerminalText.escaped(skipped.reason))
                }
            }
        }
    }
}

extension RunFolder {
    /// How many pictures of each class the run learned from, as its `data.csv` says; empty if that cannot be read.
    ///
    /// - Parameter classes: The run's classes.
    package func trainingCounts(of classes: [String]) -> [Int] { DataFile.trainingCounts(in: dataPath, of: classes) }
}
