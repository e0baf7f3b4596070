import CressetNN
import CressetVision

/// A network before its first step, and where its weights come from.
public struct ModelStart {
    public let model: ResNet
    /// What is said about the weights at the beginning of a run.
    public let note: String

    /// Where weights come from.
    public enum Source: Sendable, Hashable {
        /// None: the network starts from random numbers.
        case random
        /// Torchvision's published weights, by name, such as `DEFAULT` or `IMAGENET1K_V1`.
        case published(String)
        /// A weight file, or the folder of a run.
        case file(FilePath)

        /// What `--weights` means by `text`: `none`, `imagenet`, a published name, or else a file or a run.
        public init(_ text: String) {
            switch text {
            case "none": self = .random
            case "imagenet", "DEFAULT": self = .published("DEFAULT")
            case _ where text.hasPrefix("IMAGENET1K"): self = .published(text)
            default: self = .file(FilePath(argument: text))
            }
        }

        /// The run that made the weights, where its record is beside them.
        private var run: RunFolder? { if case .file(let path) = self { .holdingWeights(path) } else { nil } }

        /// The record of the run that made the weights of the network `name`; nil where they are of no run.
        fileprivate func record(_ name: String) throws(Failure) -> RunRecord? {
            guard let run else { return nil }
            let record = try RunRecord(readingFrom: run)
            guard record.model.name == name else { throw .otherNetwork(run.path, holds: record.model.name, not: name) }
            return record
        }
    }

    /// How the network wants its pictures: as the run that goes on had them, as the published weights were made, or as is
    /// usual for ImageNet.
    ///
    /// *Throws* `WeightsError` when there are no such weights, ``Failure`` when the run's record cannot be used.
    public static func preprocessing(_ name: String, source: Source) throws -> Preprocessing {
        switch source {
        case .random: Preprocessing()
        case .published(let weightsName): try PretrainedWeights.named(name, weightsName).preprocessing
        case .file: try source.record(name)?.preprocessing ?? Preprocessing()
        }
    }

    /// A network of the zoo with an output for each of `classes`.
    ///
    /// Of weights for other classes the head is taken over where the names of classes are known and agree; elsewhere it
    /// starts from random numbers. ``note`` says so.
    ///
    /// - Parameter allowsNonFinite: Whether weights with infinities or NaN are taken.
    ///
    /// *Throws* `UnknownModel`, `WeightsError`, `CheckpointError`, or ``Failure`` if the weights belong to another
    /// model.
    public init(
        _ name: String, classes: [String], source: Source, allowsNonFinite: Bool = false,
        progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws {
        // Weights are read first: what is wrong with them is told before time goes into random numbers.
        switch source {
        case .random:
            model = try ModelZoo.make(name, classes: classes.count)
            note = "random weights"
        case .published(let weightsName):
            let weights = try PretrainedWeights.named(name, weightsName)
            // What has come of a download is kept.
            StopRequest.listen()
            var cache = WeightsCache()
            cache.isStopped = { StopRequest.current != nil }
            let state = try weights.load(from: cache, progress: progress)
            model = try ModelZoo.make(name, classes: classes.count)
            let head = HeadTransfer(state, known: nil, own: model.stateDict(), classes: classes)
            try model.load(head.state)
            note = "\(weights.name), \(head.remark)"
        case .file(let path):
            let record = try source.record(name)
            let weights = try StartingWeights(path, of: record.map { _ in RunFolder(naming: path) })
            model = try ModelZoo.make(name, classes: classes.count)
            note = try weights.load(
                into: model, name, known: record?.classes, classes: classes, allowsNonFinite: allowsNonFinite)
        }
    }
}
