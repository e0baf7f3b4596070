import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain
import CressetVision

/// `cresset train`.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a classifier on a folder of pictures.",
        discussion: """
            DATA contains the folders train and val, each with one folder of pictures per class; or one folder of \
            pictures per class, of which every fifth picture is kept for validation (--val-split). The pictures for \
            validation may be elsewhere (--val). The run folder \
            receives the best weights (model.safetensors), everything needed to use them (run.json), the figures \
            of each epoch (metrics.csv), a page for people (report.html), and all options (config.json), to be used again \
            with --config.

            Options that are needed rarely are shown by --help-hidden. cresset check looks for what is wrong with DATA.

            Ctrl-C ends the run after the current step and keeps the best weights; a second Ctrl-C ends it at once.
            """)

    @OptionGroup var job: PlanOptions

    @OptionGroup(title: "Length") var ending: EndingOptions

    @Flag(
        name: .customLong("find-lr"), inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Look for a learning rate first, as cresset find-lr does, and train with it.")
    var findsRate = false

    @Option(help: "The run folder; new or empty (default: the next runs/train-N).", completion: .directory)
    var out: String?

    @Flag(help: "Do everything up to the first step, say what would be done, and leave nothing behind.")
    var dryRun = false

    @Flag(
        name: .customLong("no-report"),
        help: ArgumentHelp("Write no report.html; cresset report does it later.", visibility: .hidden))
    var hasNoReport = false

    private var options: TrainingOptions {
        var options = TrainingOptions()
        ending.apply(to: &options)
        job.apply(to: &options)
        return options
    }

    func validate() throws {
        if findsRate, job.recipe.lr != nil {
            throw ValidationError("--find-lr looks for what --lr says; leave one of them out")
        }
        guard let problem = options.problem else { return }
        throw ValidationError(problem.message + (problem.hint.map { "; \($0)" } ?? ""))
    }

    func run() throws {
        var plan = try job.plan(options)
        let output = out.map { FilePath(argument: $0) }
        // What cannot be written to is known before time is spent.
        if dryRun || findsRate { try RunFolder.checkFree(at: output) }
        if findsRate { try plan.use(plan.showingLearningRateCurve()) }
        if dryRun {
            try RehearsalReport(Rehearsal(plan, in: output), of: plan).write()
            return
        }
        // Once the first file is in its folder, there is something to finish.
        StopRequest.listen()
        let run = try plan.makeRun(in: output)
        let configuration = TrainingConfiguration(
            plan, validation: job.validation, allowsNonFinite: job.allowsNonFinite)
        let ending = try run.train(
            observers: [
                LastRecord(run), ConfigurationFile(configuration, in: run.folder), StopSignals(),
                TrainingReport(run, note: plan.note),
            ])
        if !hasNoReport { RunReport.write(after: run, ending) }
        if case .interrupted = ending { throw ExitCode(ExitStatus(.cancelled).rawValue) }
    }
}
