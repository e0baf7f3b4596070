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
    /// What was found of pictures as they were read.
    private var findings: [Place: Finding]

    private struct Finding {
        let status: String
        let reason: String
    }

    /// A picture by its number in its part, which it keeps when the folder moves.
    private struct Place: Hashable {
        let split: Phase
        let index: Int
    }

    static let columns = ["image", "split", "class", "status", "reason"]

    /// Writes the file for the first time, or, if a run goes on, with what was found before.
    ///
    /// *Throws* `AtomicFile.WriteError` if that is impossible.
    init(_ path: FilePath, _ data: TrainingData, goesOn: Bool) throws {
        self.path = path
        self.data = data
        findings = goesOn ? Self.findings(in: path, data) : [:]
        try write()
    }

    func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        guard case .samplesFailed(let problems) = event else { return }
        let found = Dictionary(problems.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        for (split, folder) in Self.parts(of: data) {
            for (index, sample) in folder.samples.enumerated() {
                guard let problem = found[sample.path.terminalText] else { continue }
                findings[Place(split: split, index: index)] = Finding(
                    status: problem.isSkipped ? "skipped" : "suspect", reason: TerminalText.escaped(problem.reason))
            }
        }
        try write()
    }

    private static func parts(of data: TrainingData) -> [(split: Phase, folder: ImageFolder)] {
        [(.training, data.train), (.validation, data.validation)]
    }

    /// The rows of a file, without those that name the columns; none if it cannot be read.
    static func rows(in path: FilePath) -> ArraySlice<CSVTable.Row> {
        guard let bytes = try? SystemFiles.contents(of: path, limit: CSVTable.byteLimit),
            let rows = try? CSVTable(bytes).rows, rows.first?.fields == columns
        else { return [] }
        return rows.dropFirst()
    }

    /// What an earlier process found of the same pictures, wherever they were; nothing if its file cannot be read.
    private static func findings(in path: FilePath, _ data: TrainingData) -> [Place: Finding] {
        var found: [Place: Finding] = [:]
        let all = rows(in: path)
        for (split, folder) in parts(of: data) {
            // The pictures come first, in the order of the folder.
            for (index, (row, sample)) in zip(all.lazy.filter { $0.fields[1] == split.rawValue }, folder.samples)
                .enumerated()
            where row.fields[3] != "used" && row.fields[0].hasSuffix("/" + sample.path.name) {
                found[Place(split: split, index: index)] = Finding(status: row.fields[3], reason: row.fields[4])
            }
        }
        return found
    }

    /// The names of the pictures of which the file at `path` says that something was found as they were read.
    static func reportedNames(in path: FilePath, _ data: TrainingData) -> [String] {
        let folders = Dictionary(uniqueKeysWithValues: parts(of: data).map { ($0.split, $0.folder) })
        return findings(in: path, data).keys.compactMap { folders[$0.split]?.name(of: $0.index) }
    }

    private func write() throws {
        let places = PicturePlaces(data)
        try AtomicFile.write(to: path) { file in
            try file.write(Self.columns.joined(separator: ",") + "\n")
            for (split, folder) in Self.parts(of: data) {
                let classes = folder.classes.map { TerminalText.escaped($0) }
                func write(_ path: FilePath, _ label: Int?, _ status: String, _ reason: String) throws {
                    let cells = [places.text(path), split.rawValue, label.map { classes[$0] } ?? "", status, reason]
                    try file.write(cells.map(PredictionFile.cell).joined(separator: ",") + "\n")
                }
                for (index, sample) in folder.samples.enumerated() {
                    let finding = findings[Place(split: split, index: index)]
                    try write(sample.path, sample.label, finding?.status ?? "used", finding?.reason ?? "")
                }
                for skipped in folder.skipped {
                    try write(skipped.path, skipped.label, "skipped", TerminalText.escaped(skipped.reason))
                }
            }
        }
    }
}
