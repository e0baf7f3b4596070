import CressetData
import CressetNN
import CressetOptim
import CressetVision

/// A run that trains a classifier on folders of pictures and leaves a ``RunFolder``.
///
/// Its options say how; by default stochastic gradient descent with momentum. From trained weights the new last layer is
/// trained first and then all layers, those at the beginning more slowly, while the learning rate falls along a cosine; from
/// random ones it falls every few epochs: see ``TrainingOptions/completed()``. The folder is consistent at any moment:
/// weights are replaced atomically, figures are appended row by row.
public final class TrainingRun {
    public let folder: RunFolder
    public let data: TrainingData
    public let loop: TrainingLoop
    private let training: DataLoader<ImageFolder>
    private let validation: DataLoader<ImageFolder>
    /// If only the head is trained.
    private let body: FrozenBody?
    private let weights: BestWeightsFile
    private let recorder: RunRecorder
    private let metrics: MetricsFile
    private let events: TensorBoardFile
    private let files: DataFile
    private let predictions: PredictionRecorder
    private let checks: PictureChecks
    private let state: StateFile

    /// A run that is ready to begin; `run.json` and the header of `metrics.csv` have been written.
    ///
    /// *Throws* ``Failure`` if that was impossible, `OptimizerError` if the optimizer cannot work with the options.
    ///
    /// - Parameters:
    ///   - model: The network, on the device where it is trained.
    ///   - data: The pictures.
    ///   - record: The contents of `run.json`; its options are those of the run.
    ///   - folder: The folder for weights and figures.
    ///   - generator: The source of random numbers during the run.
    public convenience init(
        model: any Layer, data: TrainingData, record: RunRecord, folder: RunFolder, generator: Generator = .current
    ) throws {
        try self.init(
            model: model, data: data, record: record, folder: folder, generator: generator, origin: RunOrigin(data),
            state: nil)
    }

    /// A run that begins, or goes on from `saved`.
    init(
        model: any Layer, data: TrainingData, record: RunRecord, folder: RunFolder, generator: Generator,
        origin: RunOrigin, state saved: TrainingState?
    ) throws {
        let options = record.options
        var task = options.task(model, data)
        body = FrozenBody(model, options, side: record.preprocessing.cropSize, device: task.device)
        task.featurePhases = body?.phases ?? []
        try folder.requireRoom(for: model.stateDict(sharedOnce: true).byteCount, state: options.stateCopies)
        training = options.trainingLoader(data, device: task.device)
        validation = DataLoader(
            data.validation, batchSize: options.batchSize, workers: options.workers, seed: options.seed,
            pinsMemory: task.device != .cpu)
        var recipe = try options.recipe(for: model, batchCount: training.batchCount)
        recipe.smallestBatch = options.smallestBatch(data)
        loop = TrainingLoop(task, recipe, generator: generator)
        self.folder = folder
        self.data = data
        weights = BestWeightsFile(folder.weightsPath, metadata: try record.notes)
        state = StateFile(folder.statePath, metadata: origin.metadata)
        var record = record
        if let saved {
            try Self.load(saved, into: loop, training, folder)
            try weights.resume(loop, saved)
            metrics = try MetricsFile(replacing: folder.metricsPath, for: task, history: saved.history)
            events = try TensorBoardFile(continuingIn: folder.path, for: task, history: saved.history)
            record.best = loop.best.map(RunRecord.Best.init)
        } else {
            // If two runs have entered one folder, the first file stops one of them.
            metrics = try MetricsFile(creating: folder.metricsPath, for: task)
            events = try TensorBoardFile(creatingIn: folder, for: task)
            // Where there is a record, there is a state to go on from.
            try state.save(loop)
        }
        files = try DataFile(folder.dataPath, data, goesOn: saved != nil)
        try RunEnvironment(firstEpoch: saved?.place.epoch ?? 1, device: task.device, precision: options.precision)
            .write(to: folder.environmentPath, goesOn: saved != nil)
        predictions = PredictionRecorder(folder, data, record)
        recorder = try RunRecorder(record, in: folder)
        checks = PictureChecks(data, record, loaders: [training, validation])
    }

    /// Takes over a saved state. Throws unless it is one of such a run.
    private static func load(
        _ state: TrainingState, into loop: TrainingLoop, _ loader: DataLoader<ImageFolder>, _ folder: RunFolder
    ) throws(Failure) {
        let place = state.place, pictures = loader.dataset.count
        func unusable(_ problem: String) -> Failure {
            Failure("\(folder.statePath): \(problem)", hint: "restore the file, or train again", kind: .badData)
        }
        guard place.nextBatch <= loader.batchCount, place.sampleCount <= pictures else {
            throw unusable(
                "after batch \(place.nextBatch) and \(place.sampleCount) pictures of an epoch of \(loader.batchCount) and "
                    + "\(pictures)")
        }
        do {
            try loop.load(state)
        } catch {
            throw unusable((error as? any ExplainedError)?.explanation.problem ?? "\(error)")
        }
    }

    /// The contents of `run.json`.
    public var record: RunRecord { recorder.record }

    /// Whether weights of this run are in its folder.
    public var hasWeights: Bool { weights.hasWeights }

    /// What the best weights make of the validation pictures; nil until the run has come to an end of its own.
    package var evaluation: Evaluation? { predictions.evaluation }

    /// Trains; the network then has the best weights.
    ///
    /// - Parameter observers: Those who follow the run. They are told of an event when weights and record are saved, and
    ///   before the figures of an epoch are.
    ///
    /// *Throws* ``LossNotFinite``; ``Failure`` if a file cannot be written or too many pictures are unusable,
    /// `DataLoaderError` if none can be read. The best weights so far are in the run folder even then.
    @discardableResult
    public func train(observers: [any TrainingObserver] = []) throws -> Ending {
        defer { loop.observers = [] }
        let options = record.options
        loop.observers =
            [state, weights, files, predictions, recorder] + observers + [metrics, events, checks] + options.enders
        let mixed = MixedBatches(training, options.mixing(classes: record.classes.count), seed: options.seed)
        return try loop.run(
            training: body?.source(.training, training, batchSize: options.batchSize) ?? mixed,
            validation: body?.source(.validation, validation, batchSize: options.batchSize) ?? validation)
    }
}
