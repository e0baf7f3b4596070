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

            The weights of a run, model.safetensors, say what the network and its classes are and how pictures are prepared, \
            and so does what cresset export writes as safetensors: such a file alone is enough.

            A list on standard input has one name per line, or names separated by zero bytes:

              find photos -name '*.jpg' -print0 | cresset predict runs/train-1 -

            In output, bytes of a name that are not UTF-8 are written as \\xe9, and control characters as \\u{1b}. Where \
            that happens, or the name has a backslash itself, JSON also has the name's bytes in base64, as imageBytes.
            """)

    @Argument(
        help: ArgumentHelp(
            "A run folder, such as runs/train-1, or weights that describe themselves.", valueName: "run"),
        completion: .file())
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
        help: ArgumentHelp(
            "A file to which the predictions are written, as CSV; - for standard output instead of the lines.",
            discussion: """
                The columns are image, prediction and probability, prediction_2 and probability_2 and so on, and error for a \
                picture that cannot be read.
                """),
        completion: .file())
    var csv: String?

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

    @OptionGroup var damage: DamageOptions

    func validate() throws {
        if json, csv == "-" { throw ValidationError("--json and --csv - both write to standard output") }
        if topK < 1 { throw ValidationError("--top-k must be 1 or more, got \(topK)") }
    }

    func run() throws {
        computing.setThreads()
        let file = csv == "-" ? nil : csv.map { FilePath(argument: $0) }
        if let file { try AtomicFile.check(file) }
        let classifier = try Classifier(
            FilePath(argument: runFolder), device: computing.selected(),
            precision: computing.precision, allowsNonFinite: allowsNonFinite, truncated: damage.truncated,
            rejectsSuspect: damage.strict ?? false)
        let list = try PictureList(FilePath.arguments(images))
        let copies = try heatFolder.map { try ExplainedCopies(FilePath(argument: $0), classifier) }
        var output = PredictionOutput(
            json ? .json : csv == "-" ? .csv : .table, file: file, paths: list.paths, classes: classifier.classes,
            count: topK)
        let losses: Losses
        do {
            losses = try predict(list, classifier, copies, &output)
        } catch {
            // The rows until then are worth having.
            try? output.finish()
            throw error
        }
        try output.finish()
        if let copies { Terminal.standardError.writeLine("note: \(copies.summary)") }
        if let others = list.othersText { Terminal.standardError.writeLine("note: \(others): passed over") }
        if let failure = losses.summary(of: list.paths.count + list.failures.count) { throw failure }
    }

    /// Classifies the pictures; what cannot be read, and copies that cannot be written, are named and passed over.
    private func predict(
        _ list: PictureList, _ classifier: Classifier, _ copies: ExplainedCopies?, _ output: inout PredictionOutput
    ) throws -> Losses {
        var losses = Losses()
        func say(_ what: String, _ error: ImageFileError) {
            Terminal.standardError.writeLine("\(what): " + TerminalText.escaped("\(error)", keepsLines: true))
        }
        func skip(_ failure: ImageFileError) throws {
            losses.pictures.append(failure)
            say("skipped", failure)
            try output.write(failure)
        }
        func copy(_ path: FilePath, _ name: String) throws -> FilePath? {
            do {
                return try copies?.write(path, name)
            } catch let error as ImageFileError {
                losses.copies.append(error)
                say("no copy", error)
                return nil
            }
        }
        try classifier.predict(
            list.paths, count: topK,
            suspicion: { Terminal.standardError.writeLine("suspect: \($0): " + TerminalText.escaped($1)) }
        ) { path, result in
            switch result {
            case .success(let guesses): try output.write(path, guesses, copy: copy(path, guesses[0].name))
            case .failure(let failure): try skip(failure)
            }
        }
        for failure in list.failures { try skip(failure) }
        return losses
    }

    /// What could not be read or written, while the rest could.
    private struct Losses {
        var pictures: [ImageFileError] = []
        var copies: [ImageFileError] = []

        /// How the command ends; if all failures are of one kind, it has that kind's status.
        func summary(of count: Int) -> Failure? {
            let kinds = pictures.map(\.failureKind) + copies.map(Self.kind)
            guard let first = kinds.first else { return nil }
            let lost = [
                pictures.isEmpty ? nil : "\(pictures.count) of \(count.counted("picture")) could not be read",
                copies.isEmpty ? nil : "\(copies.count.counted("copy", "copies")) could not be written",
            ]
            return Failure(
                lost.compactMap { $0 }.joined(separator: "; "),
                kind: kinds.allSatisfy { $0 == first } ? first : .badData)
        }

        private static func kind(_ error: ImageFileError) -> Failure.Kind {
            if case .system(_, let code) = error.reason { Failure.kind(writing: code) } else { error.failureKind }
        }
    }
}
