import ArgumentParser
import CressetCommands
import CressetVision

/// `cresset weights`.
struct WeightsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights",
        abstract: "List, download, import and verify published weights.",
        discussion: """
            Weights are kept in torch's cache folder, where PyTorch finds them too. What timm has downloaded into Hugging \
            Face's cache is used as it is. For a machine without a network:

              cresset weights where resnet18           # what to download
              cresset weights import Downloads/*.pth   # on that machine
            """,
        subcommands: [
            WeightsListCommand.self, WeightsFetchCommand.self, WeightsImportCommand.self, WeightsVerifyCommand.self,
            WeightsWhereCommand.self,
        ])
}

/// `cresset weights list`.
struct WeightsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the files of published weights.",
        discussion: """
            One line per file: the network, the name of the weights for --weights, the file, its size, the share of \
            ImageNet's validation pictures classified correctly, the licence, who publishes it, and whether this machine \
            has it. A star marks the weights that are used if none are named.
            """)

    @Argument(help: "Only networks whose names contain this, or match it as a shell's pattern.")
    var pattern = ""

    @Flag(help: "Print one JSON object per file.")
    var json = false

    @Flag(help: "Only files that this machine has.")
    var cached = false

    func run() throws {
        let list = WeightsList(
            try NamePattern(pattern).models(), cache: WeightsCache(), isCachedOnly: cached)
        for line in try json ? list.json() : list.lines { try Results.writeLine(line) }
    }
}

/// `cresset weights where`.
struct WeightsWhereCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "where",
        abstract: "Say where weights are kept and where they come from.",
        discussion: """
            Prints the cache folders with the variables that name them, the servers in the order in which they are tried, \
            and for each network given its files: path, addresses, SHA-256, and how to bring them to a machine without a \
            network by hand.
            """)

    @Argument(help: ArgumentHelp("Networks to describe, or patterns such as 'resnet*'.", valueName: "model"))
    var models: [String] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let weights = try NamePattern.models(named: models).flatMap(PretrainedWeights.available(for:))
        let places = WeightsPlaces(WeightsCache(), weights)
        if json { return try Results.writeLine(Results.json(places, isPretty: true)) }
        for line in places.lines { try Results.writeLine(line) }
    }
}

/// `cresset weights verify`.
struct WeightsVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the files of published weights against their hashes.",
        discussion: """
            One line per file that this machine has. The exit status is 65 if one is damaged, and 66 if there is none of \
            the networks given.
            """)

    @Argument(help: ArgumentHelp("The networks, or patterns such as 'resnet*' (default: all).", valueName: "model"))
    var models: [String] = []

    @Flag(help: "Print one JSON object per file.")
    var json = false

    func run() throws {
        let models = try NamePattern.models(named: models)
        let cache = WeightsCache()
        let inventory = WeightsInventory(try models.isEmpty ? NamePattern("").models() : models, cache: cache)
        for line in try json ? inventory.json() : inventory.lines { try Results.writeLine(line) }
        if let failure = inventory.failure { throw failure }
        if inventory.isEmpty, !models.isEmpty { throw inventory.missing(models, cache) }
        if inventory.isEmpty {
            Terminal.standardError.writeLine("no files of published weights in \(cache.folder)")
        }
    }
}
