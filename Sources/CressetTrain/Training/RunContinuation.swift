import Cresset
import CressetNN
import CressetVision
import FoundationEssentials

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
    ///   - data: Where the pictures are now; nil for where they were.
    ///   - device: Where the model is trained.
    ///   - threads: The number of threads that compute; nil for as many as before.
    /// - Throws: ``Failure`` if the run cannot go on: it is under way or complete, has no state, or its pictures have
    ///   changed; `CheckpointError` if the state cannot be read.
    public init(
        _ path: some PathConvertible, epochs: Int? = nil, data: FilePath? = nil, device: Device = .current,
        threads: Int? = nil
    ) throws {
        let found = RunFolder(path: path)
        var record = try RunRecord(readingFrom: found)
        let folder = try RunFolder.reopen(found.path)
        let state = try RunContinuation.state(of: folder)
        if let epochs { record.options.epochs = epochs }
        if let problem = record.options.problem { throw problem }
        try RunContinuation.requireRest(state, record, folder)
        let origin = try RunOrigin(state, in: folder)
        setThreadCount(threads ?? origin.threads)
        let options = record.options
        let pictures = try TrainingData(
            data ?? origin.data, validation: data == nil ? origin.validation : nil,
            labels: origin.labels(ifMovedTo: data), preprocessing: record.preprocessing, options: options)
        guard pictures.train.classes == record.classes, origin.pictures == RunOrigin.identity(of: pictures) else {
            throw Failure(
                "\(pictures.path): the pictures are not those that \(folder.path) was trained on",
                hint: "bring back the files that were there, or begin a new run from its weights with "
                    + OptionName.weights.set(to: "\(folder.path)"), kind: .configuration)
        }
        let generator = Generator(seed: options.seed)
        let model = try Generator.$current.withValue(generator) {
            try ModelZoo.make(
                record.model.name, classes: record.classes.count, imageSize: record.preprocessing.cropSize)
        }
        if options.freezesBody { model.freezeBody() }
        model.to(device)
        record.device = device.modelName
        record.state = .running
        note = "going on \(state.description)"
        do {
            run = try TrainingRun(
                model: model, data: pictures, record: record, folder: folder, generator: generator, origin: origin,
                state: state)
        } catch let error as any ExplainedError where !(error is any ClassifiedError) {
            throw Failure(error.explanation.of(folder.statePath), kind: .badData)
        }
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

/// What a run's state says of where it came from.
struct RunOrigin: Codable {
    /// The folder of the pictures, absolute.
    let dataPath: [UInt8]
    /// That of the pictures for validation, if it was given by itself.
    let validationPath: [UInt8]?
    /// That of the table of their classes, if there is one.
    let labelsPath: [UInt8]?
    /// A number that stands for the pictures' names, classes and order.
    let pictures: UInt64
    /// The threads that computed.
    let threads: Int

    static let key = "run"

    /// The origin of a run that begins.
    init(_ data: TrainingData) {
        func bytes(_ path: FilePath) -> [UInt8] { (SystemFiles.realPath(path) ?? path).bytes }
        dataPath = bytes(data.path)
        validationPath = data.givenValidation.map(bytes)
        labelsPath = data.labels.map(bytes)
        pictures = RunOrigin.identity(of: data)
        threads = threadCount
    }

    /// The origin that a saved state names.
    init(_ state: TrainingState, in folder: RunFolder) throws(Failure) {
        guard let text = state.texts[RunOrigin.key],
            let origin = try? JSONDecoder().decode(RunOrigin.self, from: FoundationEssentials.Data(text.utf8)),
            (1...1024).contains(origin.threads), !origin.dataPath.contains(0), !origin.dataPath.isEmpty
        else {
            throw Failure(
                "\(folder.statePath): does not say what the run was trained on", hint: "restore the file",
                kind: .badData)
        }
        self = origin
    }

    var data: FilePath { FilePath(bytes: dataPath) }
    var validation: FilePath? { validationPath.map { FilePath(bytes: $0) } }

    /// Where the table of classes is if the folder of the pictures is now at `place`: in it, if it was there.
    func labels(ifMovedTo place: FilePath?) -> FilePath? {
        guard var path = labelsPath.map({ FilePath(bytes: $0) }), let place else {
            return labelsPath.map { FilePath(bytes: $0) }
        }
        return path.removePrefix(data) ? place.pushing(path) : path
    }

    var metadata: [String: String] {
        let encoder = JSONEncoder()
        // Otherwise the order, and so the file, would differ from process to process.
        encoder.outputFormatting = [.sortedKeys]
        guard let text = try? encoder.encode(self) else { return [:] }
        return [RunOrigin.key: String(decoding: text, as: UTF8.self)]
    }

    /// A number that changes if a picture is added, removed, renamed or moved to another class.
    static func identity(of data: TrainingData) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for folder in [data.train, data.validation] {
            for sample in folder.samples {
                for byte in "\(sample.label)/\(sample.path.name)".utf8 { add(byte) }
                add(0)
            }
            add(1)
        }
        return hash
    }
}
