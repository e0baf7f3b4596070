import Cresset
import CressetNN

extension Layer {
    /// Where in pictures a network for classification sees what speaks for a class: one map per picture.
    ///
    /// The last map of features before the network stops to distinguish places is averaged over its channels, each
    /// weighted by how much it raises the class's score; what lowers the score is left out, and the largest value is 1.
    /// Networks that see a picture as a sequence of patches say themselves what stands for a map: in
    /// ``VisionTransformer`` it is what its last block looks at.
    ///
    /// The network is called once, and parameters get no gradients. Put it into evaluation mode first.
    ///
    /// *Shape*: pictures of shape (N, channels, height, width); the maps are as coarse as the network's last features,
    /// 7 × 7 for most at 224 pixels.
    ///
    /// *Source*: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
    /// 2017.
    ///
    /// Traps if a class does not exist, or there is not one for each picture.
    ///
    /// - Parameters:
    ///   - pictures: The pictures, prepared for the network.
    ///   - classes: For each picture, the class in question.
    /// - Throws: ``NoFeatureMap`` if no layer that was called has such a map.
    public func gradCAM(_ pictures: Tensor, classes: [Int]) throws(NoFeatureMap) -> [HeatMap] {
        precondition(
            pictures.rank == 4 && pictures.shape[0] == classes.count,
            "gradCAM: \(classes.count) classes for pictures of shape \(pictures.shape)")
        // Only the way from the scores to the map is needed.
        let trained = parameters.filter(\.requiresGradient)
        for parameter in trained { parameter.requiresGradient = false }
        defer { for parameter in trained { parameter.requiresGradient = true } }
        let (scores, features) = lastFeatures(pictures.requiringGradient())
        guard let features, scores.rank == 2 else { throw NoFeatureMap(network: Self.className) }
        precondition(
            classes.allSatisfy { (0..<scores.shape[1]).contains($0) },
            "gradCAM: classes \(classes) of a network with \(scores.shape[1])")
        let seed = Tensor(classes.map(Int64.init), device: scores.device).oneHot(classes: scores.shape[1])
            .to(scores.dtype)
        guard let gradient = scores.gradients(seed: seed, withRespectTo: [features])[features] else {
            throw NoFeatureMap(network: Self.className)
        }
        return withoutGradients { HeatMap.maps(of: grid(features), slopes: grid(gradient)) }
    }

    /// The result for pictures, and the last result of a layer that still distinguishes places.
    private func lastFeatures(_ pictures: Tensor) -> (scores: Tensor, features: Tensor?) {
        let source = (self as? any PatchSequenceModel)?.explainedLayer
        var features: Tensor?
        let scores = withForwardHook { module, output in
            let isWanted =
                if let source { module === source } else {
                    output.rank == 4 && output.shape[2] * output.shape[3] > 1
                }
            if isWanted, output.requiresGradient { features = output }
        } body: {
            self(pictures)
        }
        return (scores, features)
    }

    /// Features as (N, channels, height, width).
    private func grid(_ features: Tensor) -> Tensor {
        (self as? any PatchSequenceModel)?.grid(features) ?? features
    }
}

extension HeatMap {
    /// The maps of a batch of features, whose channels count as much as their mean slope.
    fileprivate static func maps(of features: Tensor, slopes: Tensor) -> [HeatMap] {
        let (height, width) = (features.shape[2], features.shape[3])
        let weights = slopes.to(.float32).mean(axes: [2, 3], keepsAxes: true)
        let sums = (features.to(.float32) * weights).sum(axes: [1]).relu().to(.cpu).scalars(as: Float.self)
        return stride(from: 0, to: sums.count, by: height * width).map { start in
            let values = sums[start..<start + height * width]
            let most = values.max() ?? 0
            // Of numbers that are not finite no map can be made.
            let isUsable = most > 0 && values.allSatisfy(\.isFinite)
            return HeatMap(width: width, height: height, values: values.map { isUsable ? $0 / most : 0 })
        }
    }
}

/// A network whose features are not laid out in places but in a sequence.
protocol PatchSequenceModel: Layer {
    /// The last layer whose result stands for a map.
    var explainedLayer: any Module { get }

    /// Its result as (N, features, height, width).
    func grid(_ sequence: Tensor) -> Tensor
}

extension VisionTransformer: PatchSequenceModel {
    /// What the last attention looks at: of its result only the class token counts, so that patches no longer matter.
    var explainedLayer: any Module {
        guard let block = encoder.layers[encoder.layers.count - 1] as? EncoderBlock else {
            fatalError("VisionTransformer: the last layer of the encoder is no block")
        }
        return block.ln_1
    }

    func grid(_ sequence: Tensor) -> Tensor {
        let side = imageSize / convProj.kernelSize[0]
        return sequence.narrowed(axis: 1, start: 1, count: side * side).transposed(1, 2)
            .reshaped([sequence.shape[0], sequence.shape[2], side, side])
    }
}

/// A network without a map of features: no layer that was called has a result that distinguishes places.
public struct NoFeatureMap: ExplainedError, Sendable, Hashable {
    /// The class of the network.
    public let network: String

    public var explanation: Explanation {
        Explanation(
            "\(network) has no map of features to explain its answers with",
            hint: "Grad-CAM needs a layer with results of shape (N, channels, height, width) of more than one place; a "
                + "larger picture may help")
    }
}
