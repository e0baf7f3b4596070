import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain

/// What is trained, and how: the options of `cresset train` that `cresset find-lr` has, too.
struct PlanOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The folder that contains train and val, or the folders of the classes.", valueName: "data"),
        completion: .directory)
    var folder: String?

    @Option(help: ArgumentHelp("The same as the argument, for --config.", visibility: .hidden), completion: .directory)
    var data: String?

    @Option(
        help: ArgumentHelp(
            "A file of options, such as the config.json of a run; options on the command line win.",
            discussion: """
                A JSON object whose keys are the names of options: {"data": "pets", "epochs": 20, "freeze": true}. \
                Comments are allowed. What an option on the line takes the place of is left out, such as lr with --find-lr, or \
                freeze-epochs and layer-decay with --freeze.
                """),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Option(help: "The network, by torchvision's name.")
    var model = "resnet18"

    @Option(
        help:
            "The initial weights: imagenet (published ones, downloaded once), none, a weight file, or a run folder.")
    var weights = "imagenet"

    @Flag(
        name: .customLong("allow-nonfinite"), inversion: .prefixedNo, exclusivity: .chooseLast,
        help: ArgumentHelp("Start from weights even if they contain infinities or NaN.", visibility: .hidden))
    var allowsNonFinite = false

    @Option(help: "Pictures per step.")
    var batchSize = TrainingOptions().batchSize

    @Option(help: "The random seed: the same seed gives the same run.")
    var seed = TrainingOptions().seed

    @OptionGroup(title: "Steps") var recipe: RecipeOptions

    @OptionGroup(title: "Pictures") var pictures: PictureOptions

    @OptionGroup var computing: DeviceOptions

    @Option(help: "Threads that read pictures.")
    var workers = TrainingOptions().workers

    /// The folder of pictures for validation, if it was named by itself.
    var validation: FilePath? { pictures.validation.map { FilePath(argument: $0) } }

    func validate() throws {
        if folder == nil, data == nil { throw ValidationError("Missing expected argument '<data>'") }
    }

    func apply(to options: inout TrainingOptions) {
        recipe.apply(to: &options)
        pictures.apply(to: &options)
        options.batchSize = batchSize
        options.precision = computing.precision
        options.seed = seed
        options.workers = workers
        options.weights = weights
    }

    /// What is to be trained, with a progress bar while weights are downloaded.
    func plan(_ options: TrainingOptions) throws -> TrainingPlan {
        computing.setThreads()
        let bar = ProgressLine(ProgressBar("downloading", total: 100))
        defer { bar.clear() }
        return try TrainingPlan(
            data: FilePath(argument: folder ?? data ?? ""), validation: validation, labels: pictures.folders.table,
            model: model, options: options, device: computing.selected(), allowsNonFinite: allowsNonFinite,
            cache: .endingOnSignals()
        ) { download in
            if let expected = download.expected, expected > 0 { bar.update(to: download.received * 100 / expected) }
        }
    }
}
