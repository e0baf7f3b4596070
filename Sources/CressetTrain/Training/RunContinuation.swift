import Cresset
import CressetNN
import CressetVision

/// A run that goes on where it was left: interrupted, killed, or ended after too few epochs.
///
/// ```swift
/// let continuation = try RunContinuation("runs/train-1", epochs: 20)
/// try continuation.run.train()
/// ```
///
/// With the same pictures and the same number of threads it gives the weights and figures of a run that was never
/// interrupted, to the bit.
public struct RunContinuation {
    public let run: TrainingRun
    /// Where the run goes on, for people.
    public let note: String

    /// Reads the state of a run, its pictures and its network.
    ///
    /// - Parameters:
    ///   - path: The run folder.
    ///   - epochs: The number of epochs in all; nil for as many as were asked for.
    ///   - data: Where the pictures are now; nil for where they were. The run remembers it.
    ///   - validation: Where the folder for validation is now that was given by itself; nil for where it was, or, if it is in
    ///     the folder of the data, in its new place.
    ///   - device: Where the model is trained.
    ///   - threads: The number of threads that compute; nil for as many as before.
    /// - Throws: ``Failure`` if the run cannot go on: it is under way or complete, has no state, or its pictures have
    ///   changed; `CheckpointError` if the state cannot be read.
    public init(
        _ path: some PathConvertible, epochs: Int? = nil, data: FilePath? = nil, validation: FilePath? = nil,
        device: Device = .current, threads: Int? = nil
    ) throws {
        // What is no run folder is said first; what counts is read when no other process can change it any more.
        _ = try RunRecord(readingFrom: RunFolder(path: path))
        let folder = try RunFolder.reopen(path.filePath)
        var record = try RunContinuation.record(of: folder, epochs: epochs)
        var state = try RunContinuation.state(of: folder)
        try RunContinuation.requireRest(state, record, folder)
        let earlier = try RunOrigin(state, in: folder)
        let origin = earlier.moved(to: data, validation: validation)
        setThreadCount(threads ?? origin.threads)
        let pictures = try RunContinuation.pictures(of: origin, record, in: folder)
        let generator = Generator(seed: record.options.seed)
        let model = try Generator.$current.withValue(generator) {
            try record.network(namedIn: folder.recordPath)
        }
        if record.options.freezesBody { model.freezeBody() }
        model.to(device)
        record.device = device.modelName
        record.state = .running
        record.data.setPlaces(of: pictures)
        // The names of pictures change with their place.
        state.place.reportedSamples.formUnion(DataFile.reportedNames(in: folder.dataPath, pictures))
        note = "going on \(state.description)"
        run = try TrainingRun(
            model: model, data: pictures, record: record, folder: folder, generator: generator, origin: origin,
            state: state)
        if origin != earlier { try state.keep(origin, in: folder) }
    }

    /// The record of the run, which is to have `epochs`.
    private static func record(of folder: RunFolder, epochs: Int?) throws(Failure) -> RunRecord {
        var record = try RunRecord(readingFrom: folder)
        if let problem = record.options.problem {
            throw Failure(
                "\(folder.recordPath): \(problem.message)", hint: "restore the file, or train again", kind: .badData)
        }
        if let epochs { record.options.epochs = epochs }
        if let problem = record.options.problem { throw problem }
        return record
    }

    /// The pictures, if they are those that the run was trained on.
    private static func pictures(
        of origin: RunOrigin, _ record: RunRecord, in folder: RunFolder
    ) throws -> TrainingData {
        try origin.requirePlaces()
        let pictures = try TrainingData(
            origin.data, validation: origin.validation, labels: origin.labels, preprocessing: record.preprocessing,
            options: record.options)
        if pictures.train.classes == record.classes, origin.pictures == RunOrigin.identity(of: pictures) {
            return pictures
        }
        throw Failure(
            "\(pictures.path): the pictures are not those that \(folder.path) was trained on",
            hint: "bring back the files that were there, or begin a new run from its weights with "
                + OptionName.weights.set(to: "\(folder.path)"), kind: .configuration)
    }

    private static func state(of folder: RunFolder) throws -> TrainingState {
        if !SystemFiles.exists(folder.statePath) {
            throw Failure(
                "\(folder.path): the run has no \(folder.statePath.name) to go on from",
                hint: "begin a new run from its weights with \(OptionName.weights.set(to: "\(folder.path)"))",
                kind: .inputMissing)
        }
        return try TrainingState(contentsOf: folder.statePath)
    }

    private static func requireRest(_ state: TrainingState, _ record: RunRecord, _ folder: RunFolder) throws(Failure) {
        let done = state.place.epoch - 1
        // A run that was killed after its last epoch may have more to write.
        if done < record.options.epochs || record.state != .finished { return }
        throw Failure(
            "\(folder.path): all \(done) epochs of the run are complete",
            hint: "ask for more with \(OptionName.epochs.set(to: "\(done + 5)"))", kind: .usage)
    }
}
