import Cresset
import CressetNN
import CressetVision
import Glibc

/// Writes what the best weights make of the validation pictures, `predictions.csv`, when a run has come to its end: the
/// numbers of `Classifier.evaluate` in float32.
///
/// It comes after the observer that gives the network its best weights.
final class PredictionRecorder: TrainingObserver {
    private let folder: RunFolder
    private let data: TrainingData
    private let record: RunRecord
    /// What they make of them, with absolute paths; nil until the run has come to its end.
    private(set) var evaluation: Evaluation?

    /// An observer of a run that begins or goes on: what an earlier end has left no longer counts.
    init(_ folder: RunFolder, _ data: TrainingData, _ record: RunRecord) {
        self.folder = folder
        self.data = data
        self.record = record
        _ = folder.predictionsPath.withPlatformString { unlink($0) }
    }

    func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        guard case .runEnded(let ending) = event, !ending.isInterruption, SystemFiles.exists(folder.weightsPath),
            let network = loop.task.module as? any Layer
        else { return }
        let options = record.options
        let found = try Classifier(network, record, device: loop.device).evaluate(
            LabelledPictures(data.validation, limit: options.badPictureLimit), workers: options.workers)
        let places = PicturePlaces(data)
        let evaluation = Evaluation(
            classes: found.classes, pictures: found.pictures.map { $0.placed(at: places.absolute($0.path)) },
            skipped: found.skipped)
        self.evaluation = evaluation
        try PredictionFile.write(evaluation, to: folder.predictionsPath)
    }
}
