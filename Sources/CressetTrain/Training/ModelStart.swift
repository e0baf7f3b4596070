import Cresset
import CressetNN
import CressetVision
import Glibc

/// A network before its first step, and where its weights come from.
public struct ModelStart {
    public let model: any ClassificationModel
    /// What is reported about the weights at the beginning of a run.
    public let note: String

    /// Where weights come from.
    public enum Source: Sendable, Hashable {
        /// None: the network starts from random numbers.
        case random
        /// Published weights, by name, such as `DEFAULT` or `IMAGENET1K_V1`.
        case published(String)
        /// A weight file, or the folder of a run.
        case file(FilePath)

        /// The meaning of `text` in `--weights`: `none`, `imagenet`, a published name, or else a file or a run.
        public init(_ text: String) {
            switch text {
            case "none": self = .random
            case "imagenet", "DEFAULT": self = .published("DEFAULT")
            case _ where text.hasPrefix("IMAGENET1K"): self = .published(text)
            default: self = .file(FilePath(argument: text))
            }
        }

        /// The run that produced the weights, if its record is next to them.
        private var run: RunFolder? { if case .file(let path) = self { .holdingWeights(path) } else { nil } }

        /// The record of the run that produced the weights of the network `name`; nil if they are not from a run.
        fileprivate func record(_ name: String) throws(Failure) -> RunRecord? {
            guard let run else { return nil }
            let record = try RunRecord(readingFrom: run)
            try run.requireWeights(record)
            guard record.model.name == name else { throw .otherNetwork(run.path, holds: record.model.name, not: name) }
            return record
        }
    }

    /// The preprocessing that the network expects: that of the continued run, that of the published weights, or what is
    /// usual for ImageNet.
    ///
    /// *Throws* `WeightsError` if there are no such weights, ``Failure`` if the run's record cannot be used.
    ///
    /// - Parameters:
    ///   - name: The name of the network.
    ///   - source: Where its weights come from.
    public static func preprocessing(_ name: String, source: Source) throws -> Preprocessing {
        switch source {
        case .random: return Preprocessing()
        case .published(let weightsName): return try PretrainedWeights.named(name, weightsName).ownPreprocessing
        case .file(let path):
            if !SystemFiles.exists(path), errno == ENOENT {
                throw Failure(
                    "\(path): no such weights",
                    hint: "\(OptionName.weights) takes imagenet, none, a weight file, or the folder of an earlier run",
                    kind: .inputMissing)
            }
            return try source.record(name)?.preprocessing ?? Preprocessing()
        }
    }

    /// A network of the zoo with an output for each of `classes`.
    ///
    /// If the weights are for other classes, the head's rows are reused for classes of the same name, if names are
    /// known; other rows start from random numbers. ``note`` reports that.
    ///
    /// *Throws* `UnknownModel`, `WeightsError`, `CheckpointError`, or ``Failure`` if the weights belong to another
    /// model.
    ///
    /// - Parameters:
    ///   - name: The name of the network.
    ///   - classes: The names of the classes, in the order of the outputs.
    ///   - source: Where the weights come from.
    ///   - allowsNonFinite: Whether weights with infinities or NaN are accepted.
    ///   - cache: Where published weights are kept.
    ///   - progress: Called while weights are downloaded.
    public init(
        _ name: String, classes: [String], source: Source, allowsNonFinite: Bool = false,
        cache: WeightsCache = WeightsCache(), progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws {
        // Weights are read first: problems with them are reported before time is spent on random numbers.
        switch source {
        case .random:
            model = try ModelZoo.make(name, classes: classes.count)
            note = "random weights"
        case .published(let weightsName):
            let weights = try PretrainedWeights.named(name, weightsName)
            let state = try weights.load(from: cache, progress: progress)
            model = try ModelZoo.make(name, classes: classes.count)
            let head = HeadTransfer(state, known: nil, model: model, classes: classes)
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
