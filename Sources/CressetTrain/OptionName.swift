/// An option of a run as messages name it: in words for the author of a program, as a flag for the user of a command.
package struct OptionName: Sendable, CustomStringConvertible {
    /// Whether messages are for the user of a command.
    @TaskLocal package static var areFlags = false

    private let words: String
    private let flag: String

    private init(_ words: String, _ flag: String) {
        self.words = words
        self.flag = flag
    }

    package var description: String { OptionName.areFlags ? flag : words }

    /// The option with a value: `batch size 2`, `--batch-size 2`.
    func set(to value: String) -> String { "\(self) \(value)" }

    static let accumulatedBatches = OptionName("accumulatedBatches", "--accumulate")
    static let allowsEmptyClasses = OptionName("allowsEmptyClasses", "--allow-empty")
    static let allowsNonFinite = OptionName("allowsNonFinite", "--allow-nonfinite")
    static let averageDecay = OptionName("averageDecay", "--ema")
    static let batchSize = OptionName("batch size", "--batch-size")
    static let classWeights = OptionName("classWeights", "--class-weights")
    static let cutMix = OptionName("cutMix", "--cutmix")
    static let data = OptionName("data", "--data")
    static let epochs = OptionName("epochs", "--epochs")
    static let freezesBody = OptionName("freezesBody", "--freeze")
    static let frozenEpochs = OptionName("frozenEpochs", "--freeze-epochs")
    static let gamma = OptionName("gamma", "--gamma")
    static let ignoresUnknownClasses = OptionName("ignoresUnknownClasses", "--ignore-unknown-classes")
    static let imageSize = OptionName("image size", "--img-size")
    static let labelSmoothing = OptionName("label smoothing", "--label-smoothing")
    static let labels = OptionName("labels", "--labels")
    static let largestNorm = OptionName("largestNorm", "--clip")
    static let layerDecay = OptionName("layerDecay", "--layer-decay")
    static let learningRate = OptionName("learning rate", "--lr")
    static let maxBad = OptionName("maxBad", "--max-bad")
    static let metric = OptionName("metric", "--metric")
    static let mixUp = OptionName("mixUp", "--mixup")
    static let model = OptionName("model", "--model")
    static let momentum = OptionName("momentum", "--momentum")
    static let patience = OptionName("patience", "--patience")
    static let rejectsSuspect = OptionName("rejectsSuspect", "--strict")
    static let stepSize = OptionName("step size", "--step-size")
    static let timeLimit = OptionName("time limit", "--time-limit")
    static let truncated = OptionName("truncated", "--truncated")
    static let validation = OptionName("validation", "--val")
    static let validationShare = OptionName("validation share", "--val-split")
    static let warmupEpochs = OptionName("warmupEpochs", "--warmup-epochs")
    static let weightDecay = OptionName("weight decay", "--weight-decay")
    static let weights = OptionName("weights", "--weights")
    static let workers = OptionName("workers", "--workers")
}
