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
    private let device: Device

    /// - Parameters:
    ///   - device: where pictures are classified.
    ///   - allowsNonFinite: whether the weights may hold infinities or NaN.
    ///
    /// *Throws* ``Failure`` when the folder is no run folder, or its weights are another model's or not finite; `CheckpointError` when
    /// they cannot be read.
    public init(_ folder: RunFolder, device: Device = .cpu, allowsNonFinite: Bool = false) throws {
        self.device = device
        record = try RunRecord(readingFrom: folder)
        let state = try Checkpoint.load(folder.weightsPath)
        try StartingWeights.requireFinite(state, in: folder.weightsPath, allowsNonFinite: allowsNonFinite)
        model = try Classifier.model(record.model, state, folder)
        model.to(device).eval()
    }

    /// The network of a record with the weights of its folder.
    private static func model(
        _ model: RunRecord.Model, _ state: StateDict, _ folder: RunFolder
    ) throws(Failure) -> any Layer {
        // A head is made as large as the record says; before it is a large one, the weights must say so too.
        guard model.classCount <= 10_000 || state.contains(where: { $0.tensor.shape.first == model.classCount }) else {
            throw Failure(
                "\(folder.weightsPath): no weights for the \(model.classCount) classes of \(folder.recordPath)",
                hint: "the two files belong to different runs; restore the one that was replaced", status: .badData)
        }
        do {
            let network = try ModelZoo.make(model.name, classes: model.classCount)
            try network.load(state)
            return network
        } catch let error as StateDict.Mismatch {
            if let found = PretrainedWeights.network(of: state), found != model.name {
                throw Failure(
                    "\(folder.weightsPath): holds the weights of \(found), not of \(model.name)",
                    hint: "the record and the weights belong to different runs; restore the one that was replaced",
                    status: .badData)
            }
            throw Failure(splitting: "\(folder.weightsPath): \(error)", status: .badData)
        } catch {
            throw Failure(splitting: "\(folder.recordPath): \(error)", status: .badData)
        }
    }

    /// The likeliest classes of the picture in a file, the likeliest first.
    ///
    /// *Throws* `ImageFileError` when the picture cannot be read, ``Failure`` when the network's answer is not finite.
    public func predict(_ path: some PathConvertible, count: Int = 1) throws -> [Guess] {
        let path = path.filePath
        let picture = try DecodedImage.reading(path) { decoded in
            try record.preprocessing.evaluation(decoded.image)
        }
        return try guesses(picture.tensor.unsqueezed(at: 0), of: [path], count: count)[0]
    }

    /// The likeliest classes of each picture of a batch, (N, 3, height, width), which come from `paths`.
    ///
    /// *Throws* ``Failure`` when the network's answer is not finite.
    func guesses(_ batch: Tensor, of paths: [FilePath], count: Int) throws(Failure) -> [[Guess]] {
        let probabilities = withoutGradients { model(batch.to(device)).softmax(axis: 1) }.scalars(as: Double.self)
        if let spoilt = probabilities.firstIndex(where: { !$0.isFinite }) {
            throw Failure(
                "\(paths[spoilt / record.classes.count]): the network's answer is not a finite number",
                hint: "its weights are spoilt, or too large: train again with a lower --lr", status: .badData)
        }
        return stride(from: 0, to: probabilities.count, by: record.classes.count).map { start in
            let values = Array(probabilities[start..<(start + record.classes.count)])
            return values.indices.sorted { (values[$0], $1) > (values[$1], $0) }.prefix(count).map {
                Guess(name: record.classes[$0], probability: values[$0])
            }
        }
    }
}
