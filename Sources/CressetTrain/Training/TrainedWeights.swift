import Cresset
import CressetNN
import CressetVision

/// Where a trained network is: in the folder of its run, or in a weight file that says itself what it is.
package enum TrainedSource: Sendable {
    case run(RunFolder)
    /// A file that stands alone: there is no record beside it.
    case file(FilePath)

    /// What `path` refers to: a run, by its folder or a file in it; or a weight file.
    ///
    /// - Parameter path: The folder, or the file.
    package init(_ path: some PathConvertible) {
        let path = path.filePath, run = RunFolder(naming: path)
        let isWeightFile =
            (path.extension == "safetensors" || Checkpoint.isPyTorchName(path))
            && SystemFiles.exists(path) && !SystemFiles.isFolder(path)
        self = isWeightFile && !SystemFiles.exists(run.recordPath) ? .file(path) : .run(run)
    }

    /// The folder, or the file.
    package var path: FilePath {
        switch self {
        case .run(let folder): folder.path
        case .file(let path): path
        }
    }

    /// The file of the weights.
    var weightsPath: FilePath { if case .run(let folder) = self { folder.weightsPath } else { path } }

    /// The file that says what they are.
    var recordPath: FilePath { if case .run(let folder) = self { folder.recordPath } else { path } }

    /// What is known of the network: the run's record, or what the notes of the file say.
    ///
    /// *Throws* ``Failure`` if the folder is no run folder or has no weights, or the file does not describe itself.
    package func record() throws(Failure) -> RunRecord {
        switch self {
        case .run(let folder):
            let record = try RunRecord(readingFrom: folder)
            try folder.requireWeights(record)
            return record
        case .file(let path):
            if let record = Checkpoint.notes(of: path).flatMap({ RunRecord(notes: $0) }) { return record }
            throw Failure(
                "\(path): does not say what its classes are and how pictures are prepared",
                hint:
                    "name the folder of its run, or a .safetensors file that cresset train or cresset export has written",
                kind: .badData)
        }
    }
}

/// The weights of a trained network, which have been found to be those that were written, to be finite, and to fit.
package struct TrainedWeights {
    package let record: RunRecord
    /// The file of the weights.
    package let checkpoint: Checkpoint
    /// The network with them, on the CPU.
    let model: any Layer

    /// Reads the weights.
    ///
    /// *Throws* ``Failure`` if there is no record of them, or they are another network's or not finite; `CheckpointError` if
    /// they cannot be read.
    ///
    /// - Parameters:
    ///   - source: Where they are.
    ///   - allowsNonFinite: Whether they may contain infinities or NaN.
    package init(_ source: TrainedSource, allowsNonFinite: Bool = false) throws {
        record = try source.record()
        checkpoint = try Checkpoint(contentsOf: source.weightsPath)
        try WeightsDigest.check(checkpoint, source.weightsPath)
        try StartingWeights.requireFinite(
            checkpoint.state, in: source.weightsPath, allowsNonFinite: allowsNonFinite)
        model = try TrainedWeights.network(record, checkpoint.state, source)
    }

    /// The network of a record with its weights.
    private static func network(
        _ record: RunRecord, _ state: StateDict, _ source: TrainedSource
    ) throws(Failure) -> any Layer {
        let model = record.model
        // A head is made as large as the record says; before it is a large one, the weights must agree.
        guard model.classCount <= 10_000 || state.contains(where: { $0.tensor.shape.first == model.classCount }) else {
            throw Failure(
                "\(source.weightsPath): no weights for the \(model.classCount) classes of \(source.recordPath)",
                hint: "the two files belong to different runs; restore the one that was replaced", kind: .badData)
        }
        let network = try record.network(namedIn: source.recordPath)
        do throws(StateDict.Mismatch) {
            try network.load(state)
            return network
        } catch {
            if let found = PretrainedWeights.network(of: state), found != model.name {
                throw Failure(
                    "\(source.weightsPath): holds the weights of \(found), not of \(model.name)",
                    hint: "the record and the weights belong to different runs; restore the one that was replaced",
                    kind: .badData)
            }
            throw Failure(error.explanation.of(source.weightsPath), kind: .badData)
        }
    }
}
