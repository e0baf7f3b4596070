import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain

/// `cresset resume`.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was interrupted or killed, or train for more epochs.",
        discussion: """
            RUN goes on after its last complete epoch; if Ctrl-C or a scheduler's signal ended it, after the last step. \
            With the same pictures and threads, its weights and figures are those of a run that was never interrupted, to \
            the bit.

              cresset resume runs/train-1
              cresset resume runs/train-1 --epochs 30
              cresset resume runs/train-1 --data /new/place/of/pets
            """)

    @Argument(help: ArgumentHelp("The run folder, such as runs/train-1.", valueName: "run"), completion: .directory)
    var runFolder: String

    @Option(help: "Passes over the training pictures in all (default: as many as the run was asked for).")
    var epochs: Int?

    @Option(
        help: "Where the pictures are now, which the run remembers (default: where they were).", completion: .directory)
    var data: String?

    @Option(
        name: .customLong("val"),
        help: "Where the folder for validation is now, if the run was given one by --val (default: where it was).",
        completion: .directory)
    var validation: String?

    @Option(help: "The device: cpu, cuda:0 and so on, or auto, which is the first GPU if there is one.")
    var device = "auto"

    @Option(help: "Threads that compute; another number changes the last digits (default: as many as before).")
    var threads: Int?

    @Flag(
        name: .customLong("no-report"),
        help: ArgumentHelp("Write no report.html; cresset report does it later.", visibility: .hidden))
    var hasNoReport = false

    func validate() throws {
        if let threads { try CommandProcess.validate(threads: threads) }
        if let epochs, epochs < 1 { throw ValidationError("--epochs must be 1 or more, got \(epochs)") }
    }

    func run() throws {
        let folder = RunFolder(naming: FilePath(argument: runFolder))
        let continuation = try RunContinuation(
            folder.path, epochs: epochs, data: data.map { FilePath(argument: $0) },
            validation: validation.map { FilePath(argument: $0) }, device: Device(device), threads: threads)
        StopRequest.listen()
        let run = continuation.run
        var observers: [any TrainingObserver] = [
            LastRecord(run), StopSignals(), TrainingReport(run, note: continuation.note),
        ]
        if let options = TrainingConfiguration(continuing: run) {
            observers.insert(ConfigurationFile(options, in: run.folder), at: 1)
        }
        let ending = try run.train(observers: observers)
        if !hasNoReport { RunReport.write(after: run, ending) }
        if case .interrupted = ending { throw ExitCode(ExitStatus(.cancelled).rawValue) }
    }
}
