import ArgumentParser
import CressetCommands
import CressetVision

/// `cresset models`.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the networks, by family.",
        discussion: """
            One line per network, with its name for --model of cresset train. The figures are those of its best \
            published weights: the share of ImageNet's validation pictures classified correctly, the number of \
            parameters, billions of multiply-adds per picture, the side of the square that the network sees, the size \
            and the licence of the file, and whether this machine has it. cresset weights list has all weights.

              cresset models
              cresset models 'regnet_y_*'
            """)

    @Argument(help: "Only networks whose names contain this, or match it as a shell's pattern.")
    var pattern = ""

    @Flag(help: "Print one JSON object per network, with all weights published for it.")
    var json = false

    func run() throws {
        let list = ModelList(try NamePattern(pattern).models(), cache: WeightsCache())
        for line in try json ? list.json() : list.lines { try Results.writeLine(line) }
    }
}
