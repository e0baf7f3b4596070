import CressetNN
import CressetVision
import Glibc

/// A training run from the user's options: data scanned, model created, folder started, header printed.
public struct TrainingRun {
    public let folder: RunFolder
    public let trainer: Trainer

    /// Prepares a run; nothing is written before data and weights are known to be usable.
    ///
    /// - Parameters:
    ///   - path: The folder that holds `train` and `val`.
    ///   - name: The name of the network.
    ///   - options: What the user chose.
    ///   - output: The run folder; the next free `runs/train-N` if nil.
    ///   - device: Where the model is trained.
    ///   - allowsNonFinite: Whether the initial weights may contain infinities or NaN.
    ///   - results: Where the lines about the run go.
    ///   - progress: Where progress bars and warnings go.
    public init(
        data path: some PathConvertible, model name: String, options: TrainingOptions,
        output: (any PathConvertible)? = nil, device: Device = .cpu, allowsNonFinite: Bool = false,
        results: Terminal = .standardOutput,
        progress: Terminal = .standardError
    ) throws {
        if let problem = options.problem { throw problem }
        let source = ModelStart.Source(options.weights)
        let preprocessing = try ModelStart.preprocessing(name, source: source)
        let data = try TrainingData(
            path, preprocessing: preprocessing, limit: options.badPictureLimit, workers: options.workers)
        let classes = data.train.classes
        Generator.current.manualSeed(options.seed)
        let start = try TrainingRun.namingOtherWeights {
            try TrainingRun.start(name, classes, source, allowsNonFinite, progress)
        }
        if options.freezesBody { start.model.freezeBody() }
        start.model.to(device)
        // Once the first file is in it, there is something to finish.
        StopRequest.listen()
        folder = if let output { try RunFolder.create(at: output.filePath) } else { try RunFolder.createNext() }
        let skipped = (data.train.skipped + data.validation.skipped).map(\.description)
        var record = RunRecord(
            model: RunRecord.Model(name: name, classCount: classes.count), classes: classes,
            preprocessing: preprocessing, options: options,
            data: RunRecord.Data(
                path: path.filePath.terminalText, trainCount: data.train.count, validationCount: data.validation.count,
                skipped: skipped))
        record.device = device.modelName
        let count = (Double(start.model.parameterCount) / 1e6).fixed(1)
        results.writeLine(
            "cresset \(cressetVersion)  \(name) (\(count) M parameters, \(start.note))  ->  \(folder.path)")
        results.writeLine("data    \(data.summary)")
        results.writeLine(
            "device  \(device.modelName), \(threadCount) threads, \(options.workers) workers, batch \(options.batchSize), seed "
                + "\(options.seed)")
        for warning in data.warnings + data.warnings(for: options) {
            progress.writeLine("warning: " + TerminalText.escaped(warning))
        }
        for line in skipped.prefix(10) { progress.writeLine("skipped: \(line)") }
        if skipped.count > 10 {
            progress.writeLine("… and \(skipped.count - 10) more, counted in \(folder.recordPath)")
        }
        trainer = try Trainer(
            model: start.model, data: data, record: record, folder: folder, device: device, results: results,
            progress: progress)
    }

    /// If weights cannot be fetched, the hint names those that need no network.
    private static func namingOtherWeights<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as WeightsError where error.kind == .offline || error.kind == .network {
            var failure = Failure(error)
            let others = "start from random weights with --weights none, or from a weight file with --weights FILE"
            failure.hint = failure.hint.map { "\($0); or \(others)" } ?? others
            throw failure
        }
    }

    /// Creates the model, with a progress bar while its weights are downloaded.
    private static func start(
        _ name: String, _ classes: [String], _ source: ModelStart.Source, _ allowsNonFinite: Bool,
        _ progress: Terminal
    ) throws -> ModelStart {
        let bar = ProgressLine(ProgressBar("downloading", total: 100, terminal: progress))
        defer { bar.clear() }
        return try ModelStart(name, classes: classes, source: source, allowsNonFinite: allowsNonFinite) { download in
            if let expected = download.expected, expected > 0 { bar.update(to: download.received * 100 / expected) }
        }
    }
}

extension Device {
    /// `cpu`, or `cuda:0 (NVIDIA H100 80GB HBM3)`.
    package var modelName: String {
        guard cudaIndex != nil else { return "\(self)" }
        return "\(self) (\(CUDA.properties(of: self).name))"
    }
}
