import Cresset
import CressetTrain
import CressetVision

// What a run was asked for, to ask for it again.

extension TrainingConfiguration {
    /// The options that lead to a run like that of `plan`, with values for all that was left to the program.
    ///
    /// - Parameters:
    ///   - plan: What is trained.
    ///   - validation: The folder for validation, if it was named by itself.
    ///   - allowsNonFinite: Whether the initial weights may contain infinities or NaN.
    package init(_ plan: TrainingPlan, validation: FilePath?, allowsNonFinite: Bool) {
        let options = plan.options
        values = Self.steps(options).merging(Self.pictures(options)) { $1 }.merging(Self.files(plan)) { $1 }
        values["data"] = Self.place(plan.data.path)
        if let validation { values["val"] = Self.place(validation) }
        if let labels = plan.data.labels { values["labels"] = Self.place(labels) }
        values["model"] = .string(plan.name)
        values["weights"] = .string(options.weights)
        if case .file(let path) = ModelStart.Source(options.weights) { values["weights"] = Self.place(path) }
        if allowsNonFinite { values["allow-nonfinite"] = .bool(true) }
        values["device"] = .string("\(plan.device)")
        values["precision"] = .string(options.precision.rawValue)
        values["threads"] = .integer(Int64(threadCount))
        values["workers"] = .integer(Int64(options.workers))
        values["seed"] = .unsigned(options.seed)
        values["epochs"] = .integer(Int64(options.epochs))
        values["metric"] = .string(options.metric.rawValue)
        values["patience"] = options.patience.map { .integer(Int64($0)) }
        values["time-limit"] = options.timeLimit.map { .string($0) }
    }

    /// The options in the folder of a run that goes on, with its epochs, and where its pictures are now; nil if there are
    /// none that can be read.
    ///
    /// - Parameter run: The run.
    package init?(continuing run: TrainingRun) {
        guard let saved = try? TrainingConfiguration(contentsOf: run.folder.configurationPath) else { return nil }
        values = saved.values
        values["epochs"] = .integer(Int64(run.record.options.epochs))
        values["data"] = Self.place(run.data.path)
        if let validation = run.data.givenValidation { values["val"] = Self.place(validation) }
        if let labels = run.data.labels { values["labels"] = Self.place(labels) }
    }

    /// The absolute path without links, as a value.
    private static func place(_ path: FilePath) -> JSONValue {
        .string(SystemFiles.realOrSamePath(path).description)
    }

    private static func steps(_ options: TrainingOptions) -> [String: JSONValue] {
        var values: [String: JSONValue] = [
            "batch-size": .integer(Int64(options.batchSize)),
            "optimizer": .string(options.optimizer.rawValue),
            "momentum": .number(options.momentum),
            "step-size": .integer(Int64(options.stepSize)),
            "gamma": .number(options.gamma),
            "warmup-epochs": .number(options.warmupEpochs),
            "freeze": .bool(options.freezesBody),
            "accumulate": .integer(Int64(options.accumulatedBatches)),
        ]
        values["scheduler"] = options.scheduler.map { .string($0.rawValue) }
        values["freeze-epochs"] = options.frozenEpochs.map { .integer(Int64($0)) }
        values["layer-decay"] = options.layerDecay.map { .number($0) }
        values["lr"] = options.learningRate.map { .number($0) }
        values["weight-decay"] = options.weightDecay.map { .number($0) }
        values["clip"] = options.largestNorm.map { .number($0) }
        values["ema"] = options.averageDecay.map { .number($0) }
        return values
    }

    private static func pictures(_ options: TrainingOptions) -> [String: JSONValue] {
        var values: [String: JSONValue] = [
            "augment": .string(options.augmentation.rawValue),
            "mixup": .number(options.mixUp),
            "cutmix": .number(options.cutMix),
            "label-smoothing": .number(options.labelSmoothing),
            "class-weights": .string(options.classWeights.rawValue),
        ]
        values["img-size"] = options.imageSize.map { .integer(Int64($0)) }
        values["max-bad"] = options.maxBad.map { .string($0) }
        values["val-split"] = options.validationShare.map { .number($0) }
        return values
    }

    /// Which files are used, and how they are read.
    private static func files(_ plan: TrainingPlan) -> [String: JSONValue] {
        let options = plan.options
        var values: [String: JSONValue] = [
            "allow-empty": .bool(options.allowsEmptyClasses),
            "ignore-unknown-classes": .bool(options.ignoresUnknownClasses),
            "truncated": .string(options.truncated.rawValue),
            "strict": .bool(options.rejectsSuspect),
        ]
        // Otherwise as the weights say.
        values["alpha"] = options.alpha.map { .string($0.rawValue) }
        values["exif"] = options.appliesOrientation.map { .string($0 ? "apply" : "ignore") }
        return values
    }

    /// Writes `config.json` into a run folder.
    ///
    /// - Parameter folder: The folder of a run.
    /// - Throws: An error if the file cannot be written.
    package func write(to folder: RunFolder) throws {
        let text = try Results.json(values, isPretty: true) + "\n"
        try AtomicFile.write(to: folder.configurationPath) { try $0.write(text) }
    }
}
