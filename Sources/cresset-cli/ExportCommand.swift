import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain

/// `cresset export`.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the weights of a run to a file for other programs.",
        discussion: """
            The names are torchvision's, so that its networks load the file. A safetensors file also says what the network \
            is, which classes it tells apart and how pictures are prepared; PyTorch's format has no place for that.

              cresset export runs/train-1 pets.safetensors
              cresset export runs/train-1 pets.pth

            docs/load_in_pytorch.py loads such a file in PyTorch and compares what both programs say of pictures.
            """)

    @Argument(help: ArgumentHelp("A run folder, such as runs/train-1.", valueName: "run"), completion: .directory)
    var runFolder: String

    @Argument(help: "The file to write, which is replaced if it exists.", completion: .file())
    var file: String

    @Option(help: "The format of the file (default: that of its name).")
    var format: WeightFormat?

    @Flag(name: .customLong("allow-nonfinite"), help: "Write the weights even if they contain infinities or NaN.")
    var allowsNonFinite = false

    func run() throws {
        let path = FilePath(argument: file), format = try WeightFormat.of(path, wanted: format)
        try AtomicFile.check(path)
        let export = try WeightExport(
            RunFolder(naming: FilePath(argument: runFolder)), allowsNonFinite: allowsNonFinite)
        try Results.writeLine(export.write(to: path, format))
    }
}

extension WeightFormat: ExpressibleByArgument {}
