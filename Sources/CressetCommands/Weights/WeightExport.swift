import Cresset
import CressetTrain
import CressetVision

/// What `cresset export` does: the weights of a run in a file for other programs, under torchvision's names.
package struct WeightExport {
    private let weights: TrainedWeights

    /// Reads a run, and makes sure that its weights are those that it wrote and fit its network.
    ///
    /// *Throws* ``Failure`` if they do not, or the folder is no run; `CheckpointError` if they cannot be read.
    ///
    /// - Parameters:
    ///   - folder: The run folder.
    ///   - allowsNonFinite: Whether the weights may contain infinities or NaN.
    package init(_ folder: RunFolder, allowsNonFinite: Bool = false) throws {
        weights = try TrainedWeights(.run(folder), allowsNonFinite: allowsNonFinite)
    }

    /// Writes the file at `path`. In safetensors' format it also says what the network is, which classes it tells apart and
    /// how pictures are prepared for it.
    ///
    /// *Throws* `CheckpointError` if that is impossible.
    ///
    /// - Parameters:
    ///   - path: The file, which is replaced if it exists.
    ///   - format: Its format.
    /// - Returns: A line about what was written.
    package func write(to path: FilePath, _ format: WeightFormat) throws -> String {
        let (record, checkpoint) = (weights.record, weights.checkpoint)
        try format.write(
            checkpoint.state, metadata: checkpoint.metadata.merging(record.notes) { $1 }, to: path)
        let state = checkpoint.state
        return "\(path.terminalText): \(record.model.name), \(record.classes.count) classes, \(state.count) tensors, "
            + "\(state.elementCount) numbers"
    }
}
