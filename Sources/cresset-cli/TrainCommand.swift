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
            receives the best weights (model.safetensors), everything needed to use them (run.json), and the figures \
            of each epoch (metrics.csv).

            Options that are needed rarely are shown by --help-hidden.

            Ctrl-C ends the run after the current step and keeps the best weights; a second Ctrl-C ends it at once.
            """)

    @Argument(help: "The folder that contains train and val, or the folders of the classes.", completion: .directory)
    var data: String

    @Option(help: "The network, by torchvision's name.")
    var model = "resnet18"

    @Option(
        help:
            "The initial weights: imagenet (published ones, downloaded once), none, a weight file, or a run folder.")
    var weights = "imagenet"

    @Flag(
        name: .customLong("allow-nonfinite"),
        help: ArgumentHelp("Start from weights even if they contain infinities or NaN.", visibility: .hidden))
    var allowsNonFinite = false

    @Option(help: "Pictures per step.")
    var batchSize = TrainingOptions().batchSize

    @Option(help: "The random seed: the same seed gives the same run.")
    var seed = TrainingOptions().seed

    @OptionGroup(title: "Length") var ending: EndingOptions

    @OptionGroup(title: "Steps") var recipe: RecipeOptions

    @OptionGroup(title: "Pictures") var pictures: PictureOptions

    @OptionGroup var computing: DeviceOptions

    @Option(help: "Threads that read pictures.")
    var workers = TrainingOptions().workers

    @Option(help: "The run folder; new or empty (default: the next runs/train-N).", completion: .directory)
    var out: String?

    func validate() throws {
        guard let problem = options.problem else { return }
        throw ValidationError(problem.message + (problem.hint.map { "; \($0)" } ?? ""))
    }

    func run() throws {
        computing.setThreads()
        let plan = try plan()
        // Once the first file is in its folder, there is something to finish.
        StopRequest.listen()
        let run = try plan.makeRun(in: out.map { FilePath(argument: $0) })
        let ending = try run.train(
            observers: [LastRecord(run), StopSignals(), TrainingReport(run, note: plan.note)])
        if case .interrupted = ending { throw ExitCode(ExitStatus(.cancelled).rawValue) }
    }

    /// What is to be trained, with a progress bar while weights are downloaded.
    private func plan() throws -> TrainingPlan {
        let bar = ProgressLine(ProgressBar("downloading", total: 100))
        defer { bar.clear() }
        return try TrainingPlan(
            data: FilePath(argument: data), validation: pictures.validation.map { FilePath(argument: $0) },
            model: model,
            options: options, device: computing.selected(),
            allowsNonFinite: allowsNonFinite, cache: .endingOnSignals()
        ) { download in
            if let expected = download.expected, expected > 0 { bar.update(to: download.received * 100 / expected) }
        }
    }

    private var options: TrainingOptions {
        var options = TrainingOptions()
        ending.apply(to: &options)
        recipe.apply(to: &options)
        pictures.apply(to: &options)
        options.batchSize = batchSize
        options.precision = computing.precision
        options.seed = seed
        options.workers = workers
        options.weights = weights
        return options
    }
}
