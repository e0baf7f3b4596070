import Cresset
import CressetCommands
import CressetTrain
import CressetVision

/// Where predictions go: to standard output in one form, and to a file of rows if one is wanted.
struct PredictionOutput {
    /// What standard output gets.
    enum Form { case table, json, csv }

    private let form: Form
    private let file: FilePath?
    private let table: PredictionTable
    private let rows: PredictionRows
    /// How many classes are named for each picture.
    private let count: Int
    private var isEmpty = true
    /// The rows of the file so far.
    private var written: [String]
    /// Why standard output takes no more lines, where there is a file: that gets all rows before the command fails.
    private var failure: Failure?

    /// - Parameters:
    ///   - form: What standard output gets.
    ///   - file: The file of rows, which is written by ``finish()``.
    ///   - paths: The pictures.
    ///   - classes: The classes.
    ///   - count: How many of them are named for each picture.
    init(_ form: Form, file: FilePath?, paths: [FilePath], classes: [String], count: Int) {
        self.form = form
        self.file = file
        self.count = count
        table = PredictionTable(paths: paths, classes: classes)
        rows = PredictionRows(count: min(count, classes.count))
        written = [rows.header]
    }

    /// Writes the likeliest classes of a picture; `copy` shows what the network went by.
    mutating func write(_ path: FilePath, _ guesses: [Classifier.Guess], copy: FilePath?) throws {
        let row = rows.line(path, guesses)
        switch form {
        case .table: try write(table.line(path, guesses), below: table.head(count: count))
        case .json: try print(Results.json(PredictionObject(path, guesses, copy: copy)))
        case .csv: try write(row, below: rows.header)
        }
        if file != nil { written.append(row) }
    }

    /// Writes that a picture could not be read; a table for people is without it.
    mutating func write(_ failure: ImageFileError) throws {
        let row = rows.line(failure)
        switch form {
        case .table: break
        case .json: try print(Results.json(PredictionObject(failure)))
        case .csv: try write(row, below: rows.header)
        }
        if file != nil { written.append(row) }
    }

    private mutating func write(_ line: String, below head: String) throws {
        if isEmpty { try print(head) }
        isEmpty = false
        try print(line)
    }

    private mutating func print(_ line: String) throws(Failure) {
        if failure != nil { return }
        do {
            try Results.writeLine(line)
        } catch {
            if file == nil { throw error }
            failure = error
        }
    }

    /// Writes the file, completely or not at all.
    ///
    /// *Throws* ``Failure`` if that is impossible, or standard output did not take all lines.
    func finish() throws {
        if let file {
            try AtomicFile.write(to: file) { handle in
                for row in written { try handle.write(row + "\n") }
            }
        }
        if let failure { throw failure }
    }
}

/// Predictions as lines of a table.
private struct PredictionTable {
    private let table: TextTable

    /// A longer path pushes its line aside: a single long one should not widen all lines.
    private static let widestPath = 60

    init(paths: [FilePath], classes: [String]) {
        let path = paths.map { $0.terminalText.count }.filter { $0 <= Self.widestPath }.max() ?? 0
        let name = classes.map { TerminalText.escaped($0).count }.max() ?? 0
        table = TextTable([
            (max(path, "picture".count), .leading), (max(name, "class".count), .leading), ("100.0 %".count, .trailing),
            (0, .leading),
        ])
    }

    func head(count: Int) -> String { table.line(["picture", "class", "likely", count > 1 ? "then" : ""]) }

    func line(_ path: FilePath, _ guesses: [Classifier.Guess]) -> String {
        let named = guesses.map { (TerminalText.escaped($0.name), (Double($0.probability) * 100).fixed(1) + " %") }
        let next = named.dropFirst().map { "\($0) \($1)" }.joined(separator: ", ")
        return table.line([path.terminalText, named[0].0, named[0].1, next])
    }
}

/// Predictions as the rows of a CSV file.
private struct PredictionRows {
    /// How many classes each row names.
    let count: Int

    var header: String {
        let named = (1...max(count, 1)).map {
            $0 == 1 ? "prediction,probability" : "prediction_\($0),probability_\($0)"
        }
        return "image," + named.joined(separator: ",") + ",error"
    }

    func line(_ path: FilePath, _ guesses: [Classifier.Guess]) -> String {
        row(path, guesses.flatMap { [TerminalText.escaped($0.name), "\($0.probability)"] }, error: "")
    }

    func line(_ failure: ImageFileError) -> String {
        row(failure.path, Array(repeating: "", count: 2 * count), error: failure.reason.description)
    }

    private func row(_ path: FilePath, _ cells: [String], error: String) -> String {
        ([path.terminalText] + cells + [TerminalText.escaped(error)]).map(PredictionFile.cell).joined(separator: ",")
    }
}

/// A prediction as a line of JSON.
private struct PredictionObject: Encodable {
    /// The path, with odd bytes and characters written out.
    let image: String
    let imageBytes: String?
    var classes: [Classifier.Guess]?
    /// The copy that shows what the network went by.
    var gradcam: String?
    var error: String?

    init(_ path: FilePath, _ guesses: [Classifier.Guess], copy: FilePath?) {
        self.init(path)
        classes = guesses
        gradcam = copy?.terminalText
    }

    init(_ failure: ImageFileError) {
        self.init(failure.path)
        error = failure.reason.description
    }

    private init(_ path: FilePath) {
        image = path.terminalText
        imageBytes = path.exactBytes
    }
}
