import ArgumentParser
import Cresset
import CressetCommands

/// `cresset inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what is in a weight file.",
        discussion: """
            Prints the names, types, shapes and sizes of the tensors, the notes of a safetensors file, and what is no \
            tensor, in words; the file's SHA-256, and the network whose weights they seem to be. Nothing in a file is \
            ever executed.
            """)

    @Argument(help: "A weight file, or a run folder.", completion: .file())
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let inspection = try WeightInspection(FilePath(argument: file))
        if json { return try Results.writeLine(Results.json(inspection, isPretty: true)) }
        for line in inspection.lines { try Results.writeLine(line) }
    }
}
