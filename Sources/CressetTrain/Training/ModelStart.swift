import CressetNN
import CressetVision

/// A network before its first step, and where its weights come from.
public struct ModelStart {
    public let model: ResNet
    /// What is said of the weights at the head of a run.
    public let note: String

    /// Where weights are taken from.
    public enum Source: Sendable, Hashable {
        /// None: the network starts from random numbers.
        case random
        /// Torchvision's published weights, by name, such as `DEFAULT` or `IMAGENET1K_V1`.
        case published(String)
        /// A weight file.
        case file(FilePath)

        /// What `--weights` means by `text`: `none`, `imagenet`, a published name, or else a file.
        public init(_ text: String) {
            switch text {
            case "none": self = .random
            case "imagenet", "DEFAULT": self = .published("DEFAULT")
            case _ where text.hasPrefix("IMAGENET1K"): self = .published(text)
            default: self = .file(FilePath(argument: text))
            }
        }
    }

    /// How the network wants its pictures: as its published weights were made, or as is usual for ImageNet.
    ///
    /// *Throws* `WeightsError` when there are no such weights.
    public static func preprocessing(_ name: String, source: Source) throws(WeightsError) -> Preprocessing {
        guard case .published(let weightsName) = source else { return Preprocessing() }
        return try PretrainedWeights.named(name, weightsName).preprocessing
    }

    /// A network of the zoo with `classes` outputs.
    ///
    /// Weights made for another number of classes are taken over except for the head, which then starts from random
    /// numbers.
    ///
    /// *Throws* `UnknownModel`, `WeightsError`, `CheckpointError`, or ``Failure`` where the weights are another model's.
    public init(
        _ name: String, classes: Int, source: Source, progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws {
        model = try ModelZoo.make(name, classes: classes)
        switch source {
        case .random:
            note = "random weights"
        case .published(let weightsName):
            let weights = try PretrainedWeights.named(name, weightsName)
            var cache = WeightsCache()
            cache.isStopped = { StopRequest.current != nil }
            let hasNewHead = try ModelStart.load(weights.load(from: cache, progress: progress), into: model)
            note = weights.name + (hasNewHead ? ", new head" : "")
        case .file(let path):
            let state = try Checkpoint.load(path)
            let hasNewHead: Bool
            do throws(StateDict.Mismatch) {
                hasNewHead = try ModelStart.load(state, into: model)
            } catch {
                throw Failure(splitting: "\(path): \(error)", status: error.exitStatus)
            }
            note = path.terminalText + (hasNewHead ? ", new head" : "")
        }
    }

    /// Loads all that fits; true where the head is of another number of classes and was left as it is.
    private static func load(_ state: StateDict, into model: ResNet) throws(StateDict.Mismatch) -> Bool {
        let own = model.stateDict()
        var state = state.strippingWrapperPrefixes(for: own)
        let head = ["fc.weight", "fc.bias"]
        let isOther = head.allSatisfy { name in
            guard let theirs = state[name]?.shape, let ours = own[name]?.shape else { return false }
            return theirs.count == ours.count && theirs.dropFirst().elementsEqual(ours.dropFirst()) && theirs != ours
        }
        if isOther { for name in head { state[name] = own[name] } }
        try model.load(state)
        return isOther
    }
}
