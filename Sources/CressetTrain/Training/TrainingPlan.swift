import CressetNN
import CressetOptim
import CressetVision

/// What is to be trained, from a user's options: pictures that have been looked at and a network with its first
/// weights. Nothing is written yet.
public struct TrainingPlan {
    /// The name of the network.
    public let name: String
    public let model: any ClassificationModel
    /// Where the first weights come from, for people.
    public let note: String
    public let data: TrainingData
    public let preprocessing: Preprocessing
    /// What the user chose, where that was left to the device with what is best for it.
    public internal(set) var options: TrainingOptions
    /// The losses at the rates that were tried, if the learning rate was looked for.
    public internal(set) var search: LearningRateCurve?
    public let device: Device
    private let generator: Generator

    /// Scans the pictures, and creates the network.
    ///
    /// *Throws* ``Failure``, `ImageFolderError`, `LabelFileError`, `UnknownModel`, `UnsuitableInputSide`, `WeightsError`
    /// or `CheckpointError` if something cannot be used.
    ///
    /// - Parameters:
    ///   - path: The folder that holds `train` and `val`, or the folders of the classes.
    ///   - validation: A folder with the pictures for validation, one folder per class; nil for one in `path`.
    ///   - labels: A CSV file with the classes of the pictures, if they have no folders of their own.
    ///   - name: The name of the network.
    ///   - options: What the user chose. All random numbers of the run come from their seed.
    ///   - device: Where the model is trained.
    ///   - allowsNonFinite: Whether the initial weights may contain infinities or NaN.
    ///   - cache: Where published weights are kept.
    ///   - download: Called while weights are downloaded.
    public init(
        data path: some PathConvertible, validation: (any PathConvertible)? = nil,
        labels: (any PathConvertible)? = nil, model name: String,
        options: TrainingOptions, device: Device = .current, allowsNonFinite: Bool = false,
        cache: WeightsCache = WeightsCache(),
        download: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws {
        if let problem = options.problem { throw problem }
        let options = options.completed()
        let source = ModelStart.Source(options.weights)
        let preprocessing = options.preprocessing(try ModelStart.preprocessing(name, source: source))
        try TrainingPlan.check(preprocessing, name, options)
        let data = try TrainingData(
            path, validation: validation, labels: labels?.filePath, preprocessing: preprocessing, options: options)
        if min(options.batchSize, data.train.count) == 1 {
            try TrainingPlan.requireVariance(
                name, side: preprocessing.cropSize, freezesBody: options.freezesBody)
        }
        let generator = Generator(seed: options.seed)
        let start = try Generator.$current.withValue(generator) {
            try TrainingPlan.namingOtherWeights {
                try ModelStart(
                    name, classes: data.train.classes, source: source, imageSize: preprocessing.cropSize,
                    allowsNonFinite: allowsNonFinite, cache: cache, progress: download)
            }
        }
        if options.freezesBody { start.model.freezeBody() }
        start.model.to(device)
        self.name = name
        self.data = data
        self.preprocessing = preprocessing
        self.options = options
        self.options.precision = options.precision.resolved(on: device)
        self.device = device
        self.generator = generator
        model = start.model
        note = start.note
    }

    /// A run that follows the plan, with its folder.
    ///
    /// *Throws* ``Failure`` if the folder is in use, or cannot be written to, `OptimizerError` if the optimizer cannot work
    /// with the options. Nothing is left behind then.
    ///
    /// - Parameter output: The run folder, new or empty; the next free `runs/train-N` if nil.
    public func makeRun(in output: (any PathConvertible)? = nil) throws -> TrainingRun {
        try check(RunFolder.free(at: output?.filePath))
        let folder = if let output { try RunFolder.create(at: output.filePath) } else { try RunFolder.createNext() }
        do {
            if let search { try folder.write(search) }
            return try TrainingRun(model: model, data: data, record: record, folder: folder, generator: generator)
        } catch {
            folder.clear(isNumbered: output == nil)
            throw error
        }
    }

    /// Throws if a run in the folder, which need not be there, could not begin.
    func check(_ folder: RunFolder) throws {
        try folder.requireRoom(for: model.stateDict(sharedOnce: true).byteCount, state: options.stateCopies)
        _ = try options.recipe(for: model, batchCount: options.trainingLoader(data, device: device).batchCount)
    }

    /// Random numbers like those of the run, which stay untouched.
    var rehearsedGenerator: Generator {
        let copy = Generator(seed: options.seed)
        // It is the state of a generator, and fits.
        try! copy.restore(generator.state)
        return copy
    }

    /// What `run.json` says when the run begins.
    var record: RunRecord {
        let classes = data.train.classes
        var record = RunRecord(
            model: RunRecord.Model(name: name, classCount: classes.count), classes: classes,
            preprocessing: preprocessing, options: options, data: data.record)
        record.device = device.modelName
        record.rateSearch = search.map(RateSearch.init)
        let warnings = data.warnings + data.warnings(for: options)
        record.data.warnings = warnings.isEmpty ? nil : warnings
        return record
    }

    /// Throws unless the network can take pictures prepared like this.
    private static func check(_ preprocessing: Preprocessing, _ name: String, _ options: TrainingOptions) throws {
        guard Preprocessing.sides.contains(preprocessing.resizeSize) else {
            throw Failure(
                "\(OptionName.imageSize) \(preprocessing.cropSize): with the preprocessing of \(options.weights), pictures "
                    + "would first be resized to \(preprocessing.resizeSize) pixels, where "
                    + "\(Preprocessing.sides.lowerBound) to \(Preprocessing.sides.upperBound) are possible",
                kind: .usage)
        }
        do {
            try ModelZoo.requireSide(preprocessing.cropSize, of: name)
        } catch let error as UnsuitableInputSide where options.imageSize == nil {
            // The size is that of the weights.
            throw Failure(error.explanation.of(FilePath(argument: options.weights)), kind: .badData)
        }
    }

    /// If weights cannot be fetched, the hint names those that need no network.
    private static func namingOtherWeights<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as WeightsError where error.kind == .offline || error.kind == .network {
            var failure = Failure(error)
            let others =
                "start from random weights with \(OptionName.weights.set(to: "none")), or from a weight file with "
                + OptionName.weights.set(to: "FILE")
            failure.hint = failure.hint.map { "\($0); or \(others)" } ?? others
            throw failure
        }
    }
}
