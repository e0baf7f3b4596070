import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain
import CressetVision

/// `cresset report`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the page that says what came of a run, with its pictures.",
        discussion: """
            cresset train writes this page as report.html into the run folder by itself. This command writes it anew: for a \
            run that was killed, or judged by other pictures. The page has the verdict in words, curves, the scores of each \
            class, the confusion matrix with the pictures behind each cell, the worst mistakes with what the network went \
            by, probably mislabelled files, the data, the recipe and the exact command. It is one file that needs nothing \
            else, not even a network.

              cresset report runs/train-1
              cresset report runs/train-1 --data pets/test --out pets.html
            """)

    @Argument(help: ArgumentHelp("The run folder, such as runs/train-1.", valueName: "run"), completion: .directory)
    var runFolder: String

    @Option(
        help: "The folder of pictures to judge it by, as for cresset evaluate (default: those it was validated with).",
        completion: .directory)
    var data: String?

    @Option(help: "The file to write (default: report.html in the run folder).", completion: .file())
    var out: String?

    @Option(help: "Threads that read pictures.")
    var workers = EvaluationRun.Options().workers

    @Option(
        help: "The share of pictures that may be unusable, such as 5% or 0.05 (default: 1%, and always one picture).")
    var maxBad: String?

    @OptionGroup var computing: DeviceOptions

    private var options: EvaluationRun.Options {
        var options = EvaluationRun.Options()
        options.workers = workers
        options.maxBad = maxBad
        return options
    }

    func validate() throws {
        if let problem = options.problem { throw ValidationError(problem.message) }
    }

    func run() throws {
        computing.setThreads()
        let folder = RunFolder(naming: FilePath(argument: runFolder))
        let path = out.map { FilePath(argument: $0) } ?? folder.path.appending(RunReport.fileName)
        // What is no run folder is said first.
        _ = try RunRecord(readingFrom: folder)
        try AtomicFile.check(path)
        let report = try RunReport(
            folder, data: data.map { FilePath(argument: $0) }, options: options, device: computing.selected(),
            precision: computing.precision)
        try report.write(to: path)
        try Results.writeLine("\(path.terminalText)")
    }
}
