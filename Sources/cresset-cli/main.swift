import ArgumentParser

struct CressetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cresset", abstract: "Image classifiers by transfer learning.",
        subcommands: [BenchCommand.self])
}

CressetCommand.main()
