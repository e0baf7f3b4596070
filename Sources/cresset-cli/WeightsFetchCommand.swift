import ArgumentParser
import Cresset
import CressetCommands
import CressetVision

/// `cresset weights fetch`.
struct WeightsFetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Download published weights, and print where they are.",
        discussion: """
            Files that this machine has are verified and not downloaded again. Ctrl-C keeps the part received, with which \
            the next attempt goes on.

              cresset weights fetch resnet18 efficientnet_lite0
              cresset weights fetch resnet50 --weights IMAGENET1K_V1
            """)

    @Argument(help: ArgumentHelp("The networks, or patterns such as 'resnet*'.", valueName: "model"))
    var models: [String]

    @Option(help: "The name of the weights; DEFAULT are the best.")
    var weights = "DEFAULT"

    func run() throws {
        let wanted = try NamePattern.models(named: models).map { try PretrainedWeights.named($0, weights) }
        let cache = WeightsCache.endingOnSignals()
        for weights in wanted {
            if StopRequest.current != nil { throw ExitCode(ExitStatus(.cancelled).rawValue) }
            let bar = ProgressLine(ProgressBar(weights.fileName, total: 100))
            defer { bar.clear() }
            let path = try cache.location(of: weights) { download in
                if let expected = download.expected, expected > 0 { bar.update(to: download.received * 100 / expected) }
            }
            bar.clear()
            try Results.writeLine("\(path)")
        }
    }
}
