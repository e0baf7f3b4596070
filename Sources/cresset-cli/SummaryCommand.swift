import ArgumentParser
import CressetCommands
import CressetNN
import CressetTrain
import CressetVision

/// `cresset summary`.
struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Show the layers of a network with shapes, parameters and operations.",
        discussion: """
            The network is called once, on the CPU. Multiply-adds are those of convolutions and \
            matrix products; the results of layers are about what a training step keeps for its backward pass.
            """)

    @Argument(help: "The network, by torchvision's name.")
    var model: String

    @Option(name: .customLong("img-size"), help: "The side of the pictures in pixels (default: as for its weights).")
    var imageSize: Int?

    @Option(help: "Pictures in the batch.")
    var batchSize = 1

    @Option(help: "The number of classes.")
    var classes = 1000

    @Option(help: "How deep to go: 1 shows the parts of the network itself (default: all).")
    var depth: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        for (name, value, range) in [
            ("--batch-size", batchSize, 1...1024), ("--classes", classes, 1...1_000_000),
            ("--depth", depth ?? 1, 0...64),
            ("--img-size", imageSize ?? 1, 1...4096),
        ] where !range.contains(value) {
            throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound), got \(value)")
        }
    }

    func run() throws {
        let usual = PretrainedWeights.available(for: model).first(where: \.isDefault)?.preprocessing ?? Preprocessing()
        let side = imageSize ?? usual.cropSize
        try ModelZoo.requireSide(side, of: model)
        let network = try withoutInitialValues { try ModelZoo.make(model, classes: classes, imageSize: side) }
        let summary = network.summary(of: [batchSize, 3, side, side])
        try Results.writeLine(json ? Results.json(summary, isPretty: true) : summary.description(depth: depth ?? .max))
    }
}
