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

    @Flag(name: .customLong("allow-nonfinite"), help: "Start from weights even if they contain infinities or NaN.")
    var allowsNonFinite = false

    @Option(help: "Passes over the training pictures.")
    var epochs = TrainingOptions().epochs

    @Option(help: "Pictures per step.")
    var batchSize = TrainingOptions().batchSize

    @Option(
        name: .customLong("img-size"),
        help: "The side in pixels of the square that the network sees (default: as its weights were trained).")
    var imageSize: Int?

    @Option(help: "The initial learning rate.")
    var lr = TrainingOptions().learningRate

    @Option(help: "The momentum of stochastic gradient descent.")
    var momentum = TrainingOptions().momentum

    @Option(help: "The weight decay of stochastic gradient descent.")
    var weightDecay = TrainingOptions().weightDecay

    @Option(help: "Epochs after which the learning rate is multiplied by --gamma.")
    var stepSize = TrainingOptions().stepSize

    @Option(help: "The factor by which the learning rate is multiplied.")
    var gamma = TrainingOptions().gamma

    @Flag(help: "Train only the new last layer; all other weights stay fixed.")
    var freeze = false

    @Option(help: "The random seed: the same seed gives the same run.")
    var seed = TrainingOptions().seed

    @OptionGroup var computing: DeviceOptions

    @Option(help: "Threads that read pictures.")
    var workers = TrainingOptions().workers

    @Option(
        help: ArgumentHelp(
            "The share of pictures that may be unusable, such as 5% or 0.05 (default: 1%, and always one picture).",
            discussion: """
                Files that should be pictures but are damaged, cut off or in an unsupported format, and folders that \
                cannot be opened, count as unusable. The share is taken of the training folder and of the validation \
                folder separately. The beginning and end of every file are checked before the first epoch; problems \
                found later count too, and end the run after the epoch. A class without a usable picture always ends it.
                """))
    var maxBad: String?

    @Option(
        name: .customLong("val"),
        help: ArgumentHelp(
            "The folder of pictures for validation, with the classes of DATA (default: val in DATA).",
            discussion: """
                DATA then contains train, or the folders of the classes. A class without a folder here is named in a \
                warning, and one that DATA lacks is an error.
                """),
        completion: .directory)
    var validation: String?

    @Option(
        name: .customLong("val-split"),
        help: ArgumentHelp(
            "The share of each class for validation, if there is no folder for it (default: 0.2).",
            discussion: """
                The division depends on the seed and on the contents of the pictures, not on their names. Pictures that \
                are the same, or look the same, stay on one side.
                """))
    var validationShare: Double?

    @Option(help: "The run folder; new or empty (default: the next runs/train-N).", completion: .directory)
    var out: String?

    func validate() throws {
        if let problem = options.problem { throw ValidationError(problem.message) }
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
            data: FilePath(argument: data), validation: validation.map { FilePath(argument: $0) }, model: model,
            options: options, device: computing.selected(),
            allowsNonFinite: allowsNonFinite, cache: .endingOnSignals()
        ) { download in
            if let expected = download.expected, expected > 0 { bar.update(to: download.received * 100 / expected) }
        }
    }

    private var options: TrainingOptions {
        var options = TrainingOptions()
        options.epochs = epochs
        options.batchSize = batchSize
        options.imageSize = imageSize
        options.learningRate = lr
        options.momentum = momentum
        options.weightDecay = weightDecay
        options.stepSize = stepSize
        options.gamma = gamma
        options.freezesBody = freeze
        options.seed = seed
        options.workers = workers
        options.weights = weights
        options.maxBad = maxBad
        options.validationShare = validationShare
        return options
    }
}
