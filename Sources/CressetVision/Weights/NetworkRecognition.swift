import Cresset

extension PretrainedWeights {
    /// The network of the zoo to which the weights in `state` seem to belong, whatever its entries are called and
    /// however many classes it has; nil if it is none of them.
    ///
    /// It is recognised by the number of parameters, which differs between all the networks.
    ///
    /// - Parameter state: The weights.
    public static func network(of state: StateDict) -> String? { recognized(state)?.model }

    /// The network as above, and the number of classes that the weights are for.
    package static func recognized(_ state: StateDict) -> (model: String, classes: Int)? {
        let parameters = state.filter { name, _ in
            let parts = name.split(separator: ".")
            return !buffers.contains(parts.last ?? "") && !parts.contains(where: auxiliaryHeads.contains)
        }
        let total = parameters.reduce(0) { $0 + $1.tensor.elementCount }
        for head in possibleHeads(parameters) {
            let bias = state[String(head.name.dropLast("weight".count)) + "bias"]?.elementCount ?? 0
            let count = head.tensor.elementCount + bias
            guard let classes = head.tensor.shape.first, classes > 0, count.isMultiple(of: classes) else { continue }
            // As many as there would be for ImageNet's classes.
            if let model = modelsByCount[total - count + count / classes * 1000] { return (model, classes) }
        }
        return nil
    }

    /// The last parts of names of entries that are not parameters.
    private static let buffers: Set<Substring> = [
        "running_mean", "running_var", "num_batches_tracked", "relative_position_index", "relative_coords_table",
    ]
    /// Parts of names of the heads that GoogLeNet and Inception v3 have in training: some files lack them.
    private static let auxiliaryHeads: Set<Substring> = ["aux1", "aux2", "AuxLogits"]
    /// Parts of names of heads.
    private static let headNames: Set<Substring> = ["fc", "_fc", "classifier", "head", "heads"]

    /// Weights that may be the head's: the last one, which it is where entries are in a network's order, or else those
    /// that are called so.
    private static func possibleHeads(_ parameters: [StateDict.Element]) -> [StateDict.Element] {
        let weights = parameters.filter { $0.tensor.shape.count >= 2 && $0.name.hasSuffix("weight") }.reversed()
        guard let last = weights.first else { return [] }
        return [last] + weights.filter { $0.name.split(separator: ".").contains(where: headNames.contains) }
    }

    /// Networks by their number of parameters for 1000 classes, without auxiliary heads.
    private static let modelsByCount: [Int: String] = {
        var models = Dictionary(all.map { ($0.parameterCount, $0.model) }, uniquingKeysWith: { first, _ in first })
        // Published counts include the auxiliary head of Inception v3, but not those of GoogLeNet.
        models[all.first { $0.model == "inception_v3" }!.parameterCount - inceptionAuxiliaryCount] = "inception_v3"
        let unpublished = Set(ModelZoo.names).subtracting(all.map(\.model))
        for model in unpublished { if let count = ModelZoo.parameterCount(of: model) { models[count] = model } }
        return models
    }()

    /// Two convolutions with their normalisations, and a linear layer for 1000 classes.
    private static let inceptionAuxiliaryCount =
        (768 * 128 + 2 * 128) + (128 * 768 * 5 * 5 + 2 * 768) + (768 * 1000 + 1000)
}
