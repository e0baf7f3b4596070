import ArgumentParser
import Cresset
import CressetCommands

/// `cresset convert`.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write the tensors of a weight file in another format.",
        discussion: """
            Reads safetensors and every format of torch.save, and writes what the new name asks for: .safetensors, .pth \
            or .pt. Names, types and numbers stay the same; what is no tensor is left out, and named. Nothing in a file \
            is ever executed.

              cresset convert resnet18-f37072fd.pth resnet18.safetensors
            """)

    @Argument(help: "The weight file to read.", completion: .file())
    var input: String

    @Argument(help: "The file to write, which is replaced if it exists.", completion: .file())
    var output: String

    func run() throws {
        let path = FilePath(argument: output), format = try WeightFormat.of(path)
        try AtomicFile.check(path)
        let (line, losses) = try WeightConversion(FilePath(argument: input)).write(to: path, format)
        for loss in losses { Terminal.standardError.writeLine(loss) }
        try Results.writeLine(line)
    }
}
