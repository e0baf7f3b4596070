import CressetNN

/// Transformers with attention within windows, which are shifted in every second block: Swin and Swin V2.
///
/// *Shape*: (N, 3, H, W) gives (N, classes), for any size from a patch of 4 × 4 pixels on.
/// *Source*: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", 2021, and "Swin
/// Transformer V2: Scaling Up Capacity and Resolution", 2022.
public final class SwinTransformer: FeatureModel {
    public let features: Sequential
    public let norm: LayerNorm
    public let permute = Permute([0, 3, 1, 2])
    public let avgpool = AdaptiveAvgPool2d(1)
    public let flatten = Flatten()
    /// The head.
    public var head: Linear
    public var heads: [Head] { [Head(\.head, of: self)] }

    /// The two forms of the network: the second normalises after each part of a block, not before it, and compares
    /// directions, not vectors.
    public enum Version: Sendable { case v1, v2 }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - version: Which of the two forms.
    ///   - features: The length of the vector of a patch in the first stage; it doubles from stage to stage.
    ///   - depths: The number of blocks of each stage.
    ///   - attentionHeads: The number of heads of attention in each stage.
    ///   - window: The side of a window; the papers' 7 or, for V2, 8 if nil.
    ///   - classes: The number of classes.
    ///   - stochasticDepth: The probability of skipping the last block; it grows from zero at the first.
    public init(
        _ version: Version, features: Int = 96, depths: [Int], attentionHeads: [Int] = [3, 6, 12, 24],
        window: Int? = nil, classes: Int = 1000, stochasticDepth: Double
    ) {
        precondition(depths.count == attentionHeads.count, "SwinTransformer: a number of heads for each stage")
        var layers: [any Layer] = [
            Sequential(
                Conv2d(3, features, kernelSize: 4, stride: 4), Permute([0, 2, 3, 1]), LayerNorm(features))
        ]
        let total = depths.reduce(0, +)
        var (width, done) = (features, 0)
        for (stage, depth) in depths.enumerated() {
            if stage > 0 {
                layers.append(PatchMerging(width, version))
                width *= 2
            }
            layers.append(
                Sequential(
                    (0..<depth).map { i in
                        Block(
                            version, width, heads: attentionHeads[stage], window: window ?? (version == .v1 ? 7 : 8),
                            isShifted: !i.isMultiple(of: 2),
                            stochasticDepth: stochasticDepth.ofBlock(done + i, of: total))
                    }))
            done += depth
        }
        self.features = Sequential(layers)
        norm = LayerNorm(width)
        head = Linear(width, classes)
        drawWeights(ofLinear: { $0.initializeTruncatedNormal(standardDeviation: 0.02) })
    }

    public func features(of x: Tensor) -> Tensor { flatten(avgpool(permute(norm(features(x))))) }
    public func scores(ofFeatures x: Tensor) -> Tensor { head(x) }

    /// Four neighbouring patches become one of twice the length.
    final class PatchMerging: Layer {
        let reduction: Linear
        let norm: LayerNorm
        private let normalizesFirst: Bool

        init(_ features: Int, _ version: Version) {
            reduction = Linear(4 * features, 2 * features, bias: false)
            normalizesFirst = version == .v1
            norm = LayerNorm(normalizesFirst ? 4 * features : 2 * features)
        }

        func forward(_ x: Tensor) -> Tensor {
            let even = x.padded([0, 0, 0, x.shape[2] % 2, 0, x.shape[1] % 2])
            let (height, width) = (even.shape[1] / 2, even.shape[2] / 2)
            // The four are in the order upper left, lower left, upper right, lower right.
            let joined = even.reshaped([x.shape[0], height, 2, width, 2, x.shape[3]]).permuted([0, 1, 3, 4, 2, 5])
                .reshaped([x.shape[0], height, width, 4 * x.shape[3]])
            return normalizesFirst ? reduction(norm(joined)) : norm(reduction(joined))
        }
    }

    /// Attention within windows and two linear layers, each with a normalisation and a shortcut.
    final class Block: Layer {
        let norm1: LayerNorm
        let attn: WindowAttention
        let stochasticDepth: StochasticDepth
        let norm2: LayerNorm
        let mlp: Sequential
        private let version: Version

        init(
            _ version: Version, _ features: Int, heads: Int, window: Int, isShifted: Bool, stochasticDepth: Double
        ) {
            self.version = version
            norm1 = LayerNorm(features)
            attn = WindowAttention(version, features, heads: heads, window: window, isShifted: isShifted)
            self.stochasticDepth = StochasticDepth(stochasticDepth)
            norm2 = LayerNorm(features)
            mlp = .perceptron(features, hidden: 4 * features, dropout: 0)
        }

        static var className: String { "SwinTransformerBlock" }

        func forward(_ x: Tensor) -> Tensor {
            switch version {
            case .v1:
                let y = x + stochasticDepth(attn(norm1(x)))
                return y + stochasticDepth(mlp(norm2(y)))
            case .v2:
                let y = x + stochasticDepth(norm1(attn(x)))
                return y + stochasticDepth(norm2(mlp(y)))
            }
        }
    }
}
