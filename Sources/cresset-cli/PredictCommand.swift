import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain
import CressetVision
import FoundationEssentials

/// `cresset predict`.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Classify pictures with a trained run.",
        discussion: """
            Prints a line for each picture: its path, the likeliest class, its probability, and the next likeliest \
            ones. A picture that cannot be read is named and skipped; the exit status reports it. Of folders, files \
            without a picture's extension (.jpg, .png, .webp and so on) are passed over and counted.

            A list on standard input has one name per line, or names separated by zero bytes:

              find photos -name '*.jpg' -print0 | cresset predict runs/train-1 -

            In output, bytes of a name that are not UTF-8 are written as \\xe9, and control characters as \\u{1b}. Where \
            that happens, or the name has a backslash itself, JSON also has the name's bytes in base64, as imageBytes.
            """)

    @Argument(
        help: ArgumentHelp("A run folder, such as runs/train-1.", valueName: "run"), completion: .directory)
    var runFolder: String

    @Argument(
        help: "Pictures, folders that are searched for pictures, or - for a list of names on standard input.",
        completion: .file())
    var images: [String]

    @Option(help: "How many classes to print for each picture.")
    var topK = 3

    @Flag(help: "Print one JSON object per line, for each picture.")
    var json = false

    @Option(
        name: .customLong("gradcam"),
        help: ArgumentHelp(
            "A folder for copies of the pictures in which what speaks for the likeliest class glows (Grad-CAM).",
            discussion: """
                It is made if it is not there. A copy of photo.png is called photo.gradcam.jpg, or photo-2.gradcam.jpg if \
                there is another photo before it. What the network does not see is dark.
                """),
        completion: .directory)
    var heatFolder: String?

    @Flag(name: .customLong("allow-nonfinite"), help: "Use the weights even if they contain infinities or NaN.")
    var allowsNonFinite = false

    @OptionGroup var computing: DeviceOptions

    func validate() throws {
        if topK < 1 { throw ValidationError("--top-k must be 1 or more, got \(topK)") }
    }

    func run() throws {
        computing.setThreads()
        let classifier = try Classifier(
            RunFolder(naming: FilePath(argument: runFolder)), device: computing.selected(),
            precision: computing.precision, allowsNonFinite: allowsNonFinite)
        let list = try PictureList(FilePath.arguments(images))
        let table = PredictionTable(paths: list.paths, classes: classifier.record.classes)
        let copies = try heatFolder.map { try ExplainedCopies(FilePath(argument: $0), classifier) }
        var failures: [ImageFileError] = []
        var hasHead = json
        func skip(_ failure: ImageFileError) throws {
            failures.append(failure)
            Terminal.standardError.writeLine("skipped: " + TerminalText.escaped("\(failure)", keepsLines: true))
            if json { try Results.writeLine(Results.json(PredictionObject(failure))) }
        }
        try classifier.predict(
            list.paths, count: topK,
            suspicion: { Terminal.standardError.writeLine("suspect: \($0): " + TerminalText.escaped($1)) }
        ) { path, result in
            switch result {
            case .success(let guesses):
                if !hasHead { try Results.writeLine(table.head(count: topK)) }
                hasHead = true
                let copy = try copies?.write(path, guesses[0].name)
                try Results.writeLine(
                    json ? Results.json(PredictionObject(path, guesses, copy: copy)) : table.line(path, guesses))
            case .failure(let failure): try skip(failure)
            }
        }
        for failure in list.failures { try skip(failure) }
        if let copies { Terminal.standardError.writeLine("note: \(copies.summary)") }
        if let others = list.othersText { Terminal.standardError.writeLine("note: \(others): passed over") }
        if let failure = summary(failures, of: list.paths.count + list.failures.count) { throw failure }
    }

    /// How the command ends if pictures could not be read; if all failures are of one kind, it has that kind's status.
    private func summary(_ failures: [ImageFileError], of count: Int) -> Failure? {
        guard let first = failures.first else { return nil }
        let isOneKind = failures.allSatisfy { $0.failureKind == first.failureKind }
        return Failure(
            "\(failures.count) of \(count.counted("picture")) could not be read",
            kind: isOneKind ? first.failureKind : .badData)
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
