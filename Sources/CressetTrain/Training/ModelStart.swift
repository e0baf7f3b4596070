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
        fileprivate var run: RunFolder? { if case .file(let path) = self { .holdingWeights(path) } else { nil } }

        /// What is known of the weights of the network `name`, from the run that produced them or from their own notes; nil
        /// if nothing is.
        fileprivate func record(_ name: String) throws(Failure) -> RunRecord? {
            guard let run else {
                guard case .file(let path) = self else { return nil }
                let record = Checkpoint.notes(of: path).flatMap { RunRecord(notes: $0) }
                return record?.model.name == name ? record : nil
            }
            let record = try RunRecord(readingFrom: run)
            try run.requireWeights(record)
            guard record.model.name == name else { throw .otherNetwork(run.path, holds: record.model.name, not: name) }
            return record
        }
    }

    /// The preprocessing that the network expects: that of the continued run, that which the notes of a weight file say, that
    /// of the published weights (for a file of unknown origin, of those that the network usually has), or what is usual for
    /// ImageNet.
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
            return try source.record(name)?.preprocessing ?? published(name, in: path) ?? Preprocessing()
        }
    }

    /// The preprocessing of the published weights whose file is at `path`, or else of the network's usual ones.
    private static func published(_ name: String, in path: FilePath) -> Preprocessing? {
        let offered = PretrainedWeights.available(for: name)
        let name = path.lastComponent?.string ?? ""
        let own = offered.first { ([$0.fileName] + $0.formerFileNames).contains(name) || $0.isImported(name) }
        return (own ?? offered.first(where: \.isDefault))?.ownPreprocessing
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
    ///   - imageSize: The side of the pictures, for networks that are made for one size. What weights say about
    ///     positions in pictures of another size is resized.
    ///   - allowsNonFinite: Whether weights with infinities or NaN are accepted.
    ///   - cache: Where published weights are kept.
    ///   - progress: Called while weights are downloaded.
    public init(
        _ name: String, classes: [String], source: Source, imageSize: Int? = nil, allowsNonFinite: Bool = false,
        cache: WeightsCache = WeightsCache(), progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws {
        func network() throws -> any ClassificationModel {
            try ModelZoo.make(name, classes: classes.count, imageSize: imageSize)
        }
        // Weights are read first: problems with them are reported before time is spent on random numbers.
        switch source {
        case .random:
            model = try network()
            note = "random weights"
        case .published(let weightsName):
            let weights = try PretrainedWeights.named(name, weightsName)
            let state = try weights.load(from: cache, progress: progress)
            model = try network()
            let head = HeadTransfer(model.fitting(state), known: nil, model: model, classes: classes)
            try model.load(head.state)
            note = "\(weights.name), \(head.remark)"
        case .file(let path):
            let record = try source.record(name)
            let weights = try StartingWeights(path, of: source.run)
            model = try network()
            note = try weights.load(
                into: model, name, known: record?.classes, classes: classes, allowsNonFinite: allowsNonFinite)
        }
    }
}
