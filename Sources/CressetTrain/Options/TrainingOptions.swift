import CressetVision

/// How a model is trained.
///
/// What is nil depends on other choices; ``completed()`` says on what.
public struct TrainingOptions: Sendable, Hashable, Codable {
    /// Passes over the training pictures.
    public var epochs = 10
    public var batchSize = 16
    /// The side of the square that the network sees, in pixels; that of its weights if nil.
    public var imageSize: Int?

    /// What moves the weights.
    public var optimizer = OptimizerName.sgd
    /// The learning rate before any schedule; if nil, that of ``OptimizerName/usualRate``, or 0.005 for `sgd` from trained
    /// weights.
    public var learningRate: Double?
    /// The momentum of the optimizers that have one of their own: `sgd` and `rmsprop`.
    public var momentum = 0.9
    /// The weight decay; PyTorch's default for the optimizer if nil.
    public var weightDecay: Double?
    /// How the learning rate changes; if nil, `cosine` from trained weights, otherwise `step`.
    public var scheduler: SchedulerName?
    /// The number of epochs after which `step` multiplies the learning rate by ``gamma``, repeatedly.
    public var stepSize = 7
    public var gamma = 0.1
    /// Epochs, or parts of one, in which the learning rate rises from a tenth to all of it.
    public var warmupEpochs = 0.0
    /// The number of batches whose gradients make one step.
    public var accumulatedBatches = 1
    /// The largest norm that the gradients of a step may have together; nil for any.
    public var largestNorm: Double?
    /// The share of the earlier weights in the exponential average that is used instead of the last weights; nil for no
    /// average.
    public var averageDecay: Double?

    /// Whether only the new last layer is trained.
    public var freezesBody = false
    /// The number of epochs at the beginning in which only the new last layer is trained; if nil, 1 from trained weights,
    /// otherwise 0.
    public var frozenEpochs: Int?
    /// The learning rate of each layer as a share of that of the layer after it, 1 for the same rate everywhere; if nil, 0.8
    /// from trained weights, otherwise 1.
    public var layerDecay: Double?

    /// What is done to training pictures.
    public var augmentation = AugmentationName.light
    /// The concentration of MixUp's shares; 0 for no MixUp.
    public var mixUp = 0.0
    /// The concentration of CutMix's shares; 0 for no CutMix.
    public var cutMix = 0.0
    /// The share of each target that is spread evenly over all classes.
    public var labelSmoothing = 0.0
    /// What each class counts in the loss.
    public var classWeights = ClassWeighting.none

    /// The figure for the validation pictures by which the best epoch is chosen.
    public var metric = MetricName.accuracy
    /// The number of epochs without improvement after which training ends; nil for never.
    public var patience: Int?
    /// How long training may take, such as `30m`; nil for any time.
    public var timeLimit: String?

    /// The type of products, in validation too.
    public var precision = Precision.float32
    /// The seed for weights, order and augmentation.
    public var seed: UInt64 = 42
    /// Threads that read pictures.
    public var workers = 2
    /// Where the initial weights come from: `imagenet`, `none`, or a file.
    public var weights = "imagenet"

    /// The share of pictures that may be unusable, as `--max-bad` gives it; nil for ``BadPictureLimit/standard``.
    public var maxBad: String?

    /// What happens to the transparency of pictures; as the initial weights expect it if nil.
    public var alpha: ImageReadingOptions.AlphaRule?
    /// Whether pictures are turned as their cameras noted; as the initial weights expect it if nil.
    public var appliesOrientation: Bool?
    /// What becomes of files that end before their pictures do.
    public var truncated = ImageReadingOptions.TruncationRule.skip
    /// Whether pictures that look damaged are skipped.
    public var rejectsSuspect = false
    /// Whether a class may have a folder without pictures.
    public var allowsEmptyClasses = false
    /// Whether classes for validation that are not for training are left out.
    public var ignoresUnknownClasses = false

    /// The share of each class that validation gets where the pictures are not divided yet; nil for a fifth. It must be nil
    /// where there is a folder for validation.
    public var validationShare: Double?

    public init() {}

    /// How many pictures may be unusable.
    var badPictureLimit: BadPictureLimit { maxBad.flatMap { BadPictureLimit($0) } ?? .standard }

    /// Which pictures are used, but for a table of their classes.
    package var selection: PictureSelection {
        var selection = PictureSelection()
        selection.allowsEmptyClasses = allowsEmptyClasses
        selection.ignoresUnknownClasses = ignoresUnknownClasses
        selection.truncated = truncated
        selection.rejectsSuspect = rejectsSuspect
        return selection
    }

    /// The preprocessing that weights expect, with what the user chose.
    func preprocessing(_ expected: Preprocessing) -> Preprocessing {
        var preprocessing = expected
        if let imageSize { preprocessing = preprocessing.scaled(to: imageSize) }
        preprocessing.alpha = alpha ?? preprocessing.alpha
        preprocessing.appliesOrientation = appliesOrientation ?? preprocessing.appliesOrientation
        return preprocessing
    }

    /// The same with a value for what depends on other choices: the optimizer, and whether weights were trained before.
    ///
    /// From trained weights, the new last layer is trained first, then all layers, those at the beginning more slowly; see
    /// `docs/recipes.md` for what came of that and of others.
    public func completed() -> TrainingOptions {
        var options = self
        let isTrained = weights != "none"
        options.learningRate = learningRate ?? (isTrained && optimizer == .sgd ? 0.005 : optimizer.usualRate)
        options.weightDecay = weightDecay ?? optimizer.usualWeightDecay
        options.scheduler = scheduler ?? (isTrained ? .cosine : .step)
        options.frozenEpochs = frozenEpochs ?? (isTrained && !freezesBody ? 1 : 0)
        options.layerDecay = layerDecay ?? (isTrained && !freezesBody ? 0.8 : 1)
        return options
    }
}

extension TrainingOptions {
    /// What a record does not have, or has with a name that this version does not know, is as by default.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func name<Name: RawRepresentable<String>>(_ key: CodingKeys, or standard: Name) throws -> Name {
            try fields.decodeIfPresent(String.self, forKey: key).flatMap(Name.init) ?? standard
        }
        epochs = try fields.value(.epochs, or: epochs)
        batchSize = try fields.value(.batchSize, or: batchSize)
        imageSize = try fields.decodeIfPresent(Int.self, forKey: .imageSize)
        optimizer = try name(.optimizer, or: optimizer)
        learningRate = try fields.decodeIfPresent(Double.self, forKey: .learningRate)
        momentum = try fields.value(.momentum, or: momentum)
        weightDecay = try fields.decodeIfPresent(Double.self, forKey: .weightDecay)
        scheduler = try fields.decodeIfPresent(String.self, forKey: .scheduler).flatMap(SchedulerName.init)
        stepSize = try fields.value(.stepSize, or: stepSize)
        gamma = try fields.value(.gamma, or: gamma)
        warmupEpochs = try fields.value(.warmupEpochs, or: warmupEpochs)
        accumulatedBatches = try fields.value(.accumulatedBatches, or: accumulatedBatches)
        largestNorm = try fields.decodeIfPresent(Double.self, forKey: .largestNorm)
        averageDecay = try fields.decodeIfPresent(Double.self, forKey: .averageDecay)
        freezesBody = try fields.value(.freezesBody, or: freezesBody)
        frozenEpochs = try fields.decodeIfPresent(Int.self, forKey: .frozenEpochs)
        layerDecay = try fields.decodeIfPresent(Double.self, forKey: .layerDecay)
        augmentation = try name(.augmentation, or: augmentation)
        mixUp = try fields.value(.mixUp, or: mixUp)
        cutMix = try fields.value(.cutMix, or: cutMix)
        labelSmoothing = try fields.value(.labelSmoothing, or: labelSmoothing)
        classWeights = try name(.classWeights, or: classWeights)
        metric = try name(.metric, or: metric)
        patience = try fields.decodeIfPresent(Int.self, forKey: .patience)
        timeLimit = try fields.decodeIfPresent(String.self, forKey: .timeLimit)
        precision = try name(.precision, or: precision)
        seed = try fields.value(.seed, or: seed)
        workers = try fields.value(.workers, or: workers)
        weights = try fields.value(.weights, or: weights)
        maxBad = try fields.decodeIfPresent(String.self, forKey: .maxBad)
        alpha = try fields.decodeIfPresent(String.self, forKey: .alpha).flatMap(ImageReadingOptions.AlphaRule.init)
        appliesOrientation = try fields.decodeIfPresent(Bool.self, forKey: .appliesOrientation)
        truncated = try name(.truncated, or: truncated)
        rejectsSuspect = try fields.value(.rejectsSuspect, or: rejectsSuspect)
        allowsEmptyClasses = try fields.value(.allowsEmptyClasses, or: allowsEmptyClasses)
        ignoresUnknownClasses = try fields.value(.ignoresUnknownClasses, or: ignoresUnknownClasses)
        validationShare = try fields.decodeIfPresent(Double.self, forKey: .validationShare)
    }
}
