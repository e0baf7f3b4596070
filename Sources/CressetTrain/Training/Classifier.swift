import CressetData
import CressetNN
import CressetVision

/// A trained classifier, from nothing but its run folder.
///
/// ```swift
/// let classifier = try Classifier(RunFolder(path: "runs/train-1"))
/// for guess in try classifier.predict("photo.jpg", count: 3) { print(guess.name, guess.probability) }
/// ```
public final class Classifier {
    /// A class and how likely it is.
    public struct Guess: Sendable, Hashable, Codable {
        public let name: String
        public let probability: Double
    }

    public let record: RunRecord
    private let model: any Layer

    /// *Throws* ``Failure`` when the folder is no run folder, `CheckpointError` or `StateDict.Mismatch` when its weights
    /// cannot be used.
    public init(_ folder: RunFolder) throws {
        record = try RunRecord(readingFrom: folder)
        let state = try Checkpoint.load(folder.weightsPath)
        do {
            model = try ModelZoo.make(record.model.name, classes: record.model.classCount)
        } catch {
            throw Failure("\(folder.recordPath): \(error)", status: .badData)
        }
        try model.load(state)
        model.eval()
    }

    /// The likeliest classes of the picture in a file, the likeliest first.
    ///
    /// *Throws* `ImageFileError` when the picture cannot be read.
    public func predict(_ path: BytePath, count: Int = 1) throws -> [Guess] {
        let image = try Image(contentsOf: path)
        var random = SampleRandom(seed: 0, epoch: 0, index: 0)
        let picture = record.preprocessing.evaluation.apply(to: Picture(image), random: &random)
        let probabilities = withoutGradients { model(picture.tensor.unsqueezed(at: 0)).softmax(axis: 1) }
        let values = probabilities.scalars(as: Double.self)
        return values.indices.sorted { (values[$0], $1) > (values[$1], $0) }.prefix(count).map {
            Guess(name: record.classes[$0], probability: values[$0])
        }
    }
}
