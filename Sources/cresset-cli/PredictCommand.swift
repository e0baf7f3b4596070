import ArgumentParser
import Cresset
import CressetTrain
import CressetVision
import Foundation

/// `cresset predict`.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Classify pictures with a trained run.",
        discussion: """
            Prints a line for each picture: its path, the class, how likely it is, then the next likely ones. A picture \
            that cannot be read is reported and passed over.
            """)

    @Argument(
        help: ArgumentHelp("A run folder, such as runs/train-1.", valueName: "run"), completion: .directory)
    var runFolder: String

    @Argument(help: "Pictures.", completion: .file())
    var images: [String]

    @Option(help: "How many classes to name for each picture.")
    var topK = 3

    @Flag(help: "Print a JSON object for each picture, a line each.")
    var json = false

    @Option(help: "Threads that compute (default: one for each core).")
    var threads: Int?

    func validate() throws {
        if topK < 1 { throw ValidationError("--top-k must be 1 or more, got \(topK)") }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads must be from 1 to 1024, got \(threads)")
        }
    }

    func run() throws {
        if let threads { setThreadCount(threads) }
        let classifier = try Classifier(RunFolder(path: runFolder))
        var failures = 0
        for image in images {
            do {
                let guesses = try classifier.predict(BytePath(image), count: topK)
                Terminal.standardOutput.writeLine(try json ? object(image, guesses) : line(image, guesses))
            } catch let error as ImageFileError {
                failures += 1
                Terminal.standardError.writeLine("skipped: " + TerminalText.escaped("\(error)", keepsLines: true))
            }
        }
        if failures > 0 {
            throw Failure(
                "\(failures) of \(images.count) picture\(images.count == 1 ? "" : "s") could not be read",
                status: .badData)
        }
    }

    private func line(_ image: String, _ guesses: [Classifier.Guess]) -> String {
        let named = guesses.map {
            "\(TerminalText.escaped($0.name)) \(String(format: "%.1f %%", $0.probability * 100))"
        }
        return "\(BytePath(image)): \(named.joined(separator: ", "))"
    }

    private func object(_ image: String, _ guesses: [Classifier.Guess]) throws -> String {
        struct Prediction: Encodable {
            let image: String
            let classes: [Classifier.Guess]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Prediction(image: image, classes: guesses)), as: UTF8.self)
    }
}
