import Cresset
import CressetNN
import CressetVision

/// `pretrained/`: published weights, and the likeliest ImageNet classes of photographs.
struct PretrainedSuite: Suite {
    static let folder = "pretrained"

    private let device: Device

    init(options: Options) { device = options.device }

    func subjects(in directory: FilePath) throws -> [Subject] {
        let photographs = FilePath("\(directory)/../../data/hymenoptera_data")
        return try caseNames(in: directory).map { name in
            let json = try readJSON(directory.appending(name + ".json"))
            return Subject(folder: Self.folder, name: name, caseCount: 1) { _ in
                try run(name, json, photographs: photographs)
            }
        }
    }

    private func run(_ name: String, _ json: JSON, photographs: FilePath) throws {
        guard SystemFiles.isFolder(photographs) else { throw Unsupported("\(photographs): no photographs") }
        let weights = try PretrainedWeights.named(name)
        guard weights.fileName == json["weights"]?.string else { throw Failure("the weights are \(weights.fileName)") }
        try checkPreprocessing(weights.preprocessing, json["preprocessing"])
        let model = try ModelZoo.make(name)
        try model.load(state(weights, hash: json["sha256"]?.string))
        model.eval()
        for picture in json["pictures"]?.array ?? [] {
            let path = photographs.appending(picture["picture"]?.string ?? "")
            let input = try weights.preprocessing.evaluation(Image(contentsOf: path)).tensor.unsqueezed(at: 0)
            let scores = withoutGradients { model(input.to(device)) }
            try check(scores.to(Device.cpu).softmax(axis: 1).scalars(), picture, path.name)
        }
    }

    /// The published weights, from the cache or the network.
    private func state(_ weights: PretrainedWeights, hash: String?) throws -> StateDict {
        let cache = WeightsCache()
        let path: FilePath
        do throws(WeightsError) {
            path = try cache.file(for: weights)
        } catch {
            guard error.kind == .offline || error.kind == .network else { throw error }
            throw Unsupported("the weights cannot be had: \(error)")
        }
        guard sha256(of: try SystemFiles.contents(of: path)) == hash else { throw Failure("\(path) is another file") }
        return try weights.load(from: cache)
    }

    private func checkPreprocessing(_ ours: Preprocessing, _ json: JSON?) throws {
        func numbers(_ key: String) -> [Double] { json?[key]?.array?.compactMap(\.double) ?? [] }
        let isEqual =
            ours.resizeSize == json?["resize"]?.integer && ours.cropSize == json?["crop"]?.integer
            && ours.interpolation.rawValue == json?["interpolation"]?.string && ours.mean == numbers("mean")
            && ours.deviation == numbers("std")
        guard isEqual else { throw Failure("the weights have other preprocessing: \(ours)") }
    }

    /// Compares the likeliest classes and their probabilities.
    private func check(_ ours: [Double], _ json: JSON, _ name: String) throws {
        let expected = json["top5"]?.array?.compactMap(\.integer) ?? []
        let probabilities = json["probabilities"]?.array?.compactMap(\.double) ?? []
        guard expected.count == 5, probabilities.count == 5 else { throw Failure("\(name) has no five classes") }
        let order = ours.indices.sorted { ours[$0] > ours[$1] }.prefix(5)
        for (own, (label, probability)) in zip(order, zip(expected, probabilities)) {
            guard ours.indices.contains(label) else { throw Failure("\(name) has a class \(label)") }
            // Neighbours that are nearly equal may change places.
            guard own == label || ours[own] - ours[label] < 1e-4 else {
                throw Failure("\(name) has the classes \(Array(order)), not \(expected)")
            }
            guard abs(ours[label] - probability) <= 1e-3 else {
                throw Failure("\(name): class \(label) has the probability \(ours[label]), not \(probability)")
            }
        }
    }
}
