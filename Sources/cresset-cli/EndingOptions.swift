import ArgumentParser
import CressetTrain

/// The options of `cresset train` that say when it ends, and which epoch is the best.
struct EndingOptions: ParsableArguments {
    @Option(help: "Passes over the training pictures.")
    var epochs = TrainingOptions().epochs

    @Option(help: "Epochs in a row without a better one after which training ends (default: never).")
    var patience: Int?

    @Option(
        help: ArgumentHelp(
            "How long training may take, such as 30m or 1h30m (default: any time).",
            discussion: """
                No epoch begins that would not end in time, judging by the longest so far; an epoch that takes too long is \
                cut off.
                """))
    var timeLimit: String?

    @Option(help: "The figure for the validation pictures by which the best epoch is chosen.")
    var metric = TrainingOptions().metric

    func apply(to options: inout TrainingOptions) {
        options.epochs = epochs
        options.patience = patience
        options.timeLimit = timeLimit
        options.metric = metric
    }
}
