import CressetNN

/// A network of convolutions and two kinds of attention: within windows, and between pixels on a coarse grid.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); sides are multiples of 224 pixels.
/// *Source*: Tu et al., "MaxViT: Multi-Axis Vision Transformer", 2022.
public final class MaxViT: FeatureModel {
    public let stem: Sequential
    let blocks: [Block]
    /// A pool, a normalisation, a hidden linear layer and the head, `classifier[5]`, which has no bias.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// A network with random weights, drawn as in torchvision; by default MaxViT-T.
    ///
    /// - Parameters:
    ///   - stemChannels: The number of channels of the first convolutions.
    ///   - channels: The number of channels of each stage.
    ///   - depths: The number of layers of each stage.
    ///   - headFeatures: The length of the vectors in a head of attention.
    ///   - window: The side of a window and of the grid.
    ///   - classes: The number of classes.
    ///   - stochasticDepth: The probability of skipping the last layer; it grows from zero at the first.
    public init(
        stemChannels: Int = 64, channels: [Int] = [64, 128, 256, 512], depths: [Int] = [2, 2, 5, 2],
        headFeatures: Int = 32, window: Int = 7, classes: Int = 1000, stochasticDepth: Double = 0.2
    ) {
        stem = Sequential(
            Sequential.convolution(3, stemChannels, stride: 2, norm: tensorFlowNorm, activation: GELU()),
            Sequential(Conv2d(stemChannels, stemChannels, kernelSize: 3, padding: 1)))
        let total = depths.reduce(0, +)
        var (input, done) = (stemChannels, 0)
        blocks = zip(channels, depths).map { output, depth in
            let layers = (0..<depth).map { i in
                MaxViT.layer(
                    i == 0 ? input : output, output, stride: i == 0 ? 2 : 1, headFeatures: headFeatures,
                    window: window, stochasticDepth: stochasticDepth.ofBlock(done + i, of: total))
            }
            (input, done) = (output, done + depth)
            return Block(layers)
        }
        let width = channels[channels.count - 1]
        classifier = Sequential(
            AdaptiveAvgPool2d(1), Flatten(), LayerNorm(width), Linear(width, width), Tanh(),
            Linear(width, classes, bias: false))
        drawWeights(
            ofConvolutions: { $0.initializeNormal(standardDeviation: 0.02) },
            ofLinear: { $0.initializeNormal(standardDeviation: 0.02) })
    }

    private static func layer(
        _ input: Int, _ output: Int, stride: Int, headFeatures: Int, window: Int, stochasticDepth: Double
    ) -> Sequential {
        func attention(isGrid: Bool) -> PartitionAttention {
            PartitionAttention(
                output, headFeatures: headFeatures, side: window, isGrid: isGrid, stochasticDepth: stochasticDepth)
        }
        return Sequential(named: [
            ("MBconv", MBConv(input, output, stride: stride, stochasticDepth: stochasticDepth)),
            ("window_attention", attention(isGrid: false)), ("grid_attention", attention(isGrid: true)),
        ])
    }

    public func features(of x: Tensor) -> Tensor { blocks.reduce(stem(x)) { $1($0) } }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }

    /// The layers of one stage.
    final class Block: Layer {
        let layers: [Stage]

        init(_ layers: [Sequential]) { self.layers = layers.map(Stage.init) }

        static var className: String { "MaxVitBlock" }
        func forward(_ x: Tensor) -> Tensor { layers.reduce(x) { $1($0) } }
    }

    /// Convolutions, attention within windows and attention on a grid.
    final class Stage: Layer {
        let layers: Sequential

        init(_ layers: Sequential) { self.layers = layers }

        static var className: String { "MaxVitLayer" }
        func forward(_ x: Tensor) -> Tensor { layers(x) }
    }

    /// A normalisation, then an inverted residual with squeeze-and-excitation.
    final class MBConv: Layer {
        let proj: any Layer
        let stochasticDepth: any Layer
        let layers: Sequential

        init(_ input: Int, _ output: Int, stride: Int, stochasticDepth: Double) {
            let keeps = stride == 1 && input == output
            let pool: [any Layer] = stride == 1 ? [] : [AvgPool2d(3, stride: 2, padding: 1)]
            proj = keeps ? Identity() : Sequential(pool + [Conv2d(input, output, kernelSize: 1)])
            self.stochasticDepth = stochasticDepth == 0 ? Identity() : StochasticDepth(stochasticDepth)
            let inner = 4 * output
            layers = Sequential(named: [
                ("pre_norm", tensorFlowNorm(input)),
                ("conv_a", Sequential.convolution(input, inner, kernel: 1, norm: tensorFlowNorm, activation: GELU())),
                (
                    "conv_b",
                    Sequential.convolution(
                        inner, inner, stride: stride, groups: inner, norm: tensorFlowNorm, activation: GELU())
                ),
                ("squeeze_excitation", SqueezeExcitation(inner, squeezed: output / 4, activation: SiLU())),
                ("conv_c", Conv2d(inner, output, kernelSize: 1)),
            ])
        }

        func forward(_ x: Tensor) -> Tensor { proj(x) + stochasticDepth(layers(x)) }
    }

    /// Attention between the pixels of a part of the picture: of a window, or of a grid that spans all of it.
    final class PartitionAttention: Layer {
        let attnLayer, mlpLayer: Sequential
        let stochasticDropout: StochasticDepth
        private let side: Int
        private let isGrid: Bool

        init(_ features: Int, headFeatures: Int, side: Int, isGrid: Bool, stochasticDepth: Double) {
            (self.side, self.isGrid) = (side, isGrid)
            attnLayer = Sequential(
                LayerNorm(features), RelativeAttention(features, headFeatures: headFeatures, side: side),
                Dropout(0))
            mlpLayer = Sequential(
                LayerNorm(features), Linear(features, 4 * features), GELU(), Linear(4 * features, features),
                Dropout(0))
            stochasticDropout = StochasticDepth(stochasticDepth)
        }

        static var className: String { "PartitionAttentionLayer" }

        func forward(_ x: Tensor) -> Tensor {
            let (n, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
            guard height.isMultiple(of: side), width.isMultiple(of: side) else {
                fatalError(
                    "MaxViT: \(height) × \(width) pixels before attention in parts of \(side) × \(side)"
                        + "\n  hint: it takes pictures whose sides are multiples of 224")
            }
            // A part has side × side pixels: neighbours, or pixels as far from each other as the grid has cells.
            let (rows, columns) = (height / side, width / side)
            let cells: Shape =
                isGrid ? [n, channels, side, rows, side, columns] : [n, channels, rows, side, columns, side]
            let order = isGrid ? [0, 3, 5, 2, 4, 1] : [0, 2, 4, 3, 5, 1]
            var y = x.reshaped(cells).permuted(order).reshaped([n, rows * columns, side * side, channels])
            y = y + stochasticDropout(attnLayer(y))
            y = y + stochasticDropout(mlpLayer(y))
            let back = order.indices.map { axis in order.firstIndex(of: axis)! }
            return y.reshaped(Shape(order.map { cells[$0] })).permuted(back).reshaped(x.shape)
        }
    }

    /// Attention whose scores depend on the distance of two pixels.
    final class RelativeAttention: Layer {
        let relativePositionBiasTable: Parameter
        let relativePositionIndex: Buffer
        let toQkv: Linear
        let merge: Linear
        private let heads: Int

        init(_ features: Int, headFeatures: Int, side: Int) {
            heads = features / headFeatures
            toQkv = Linear(features, 3 * features)
            merge = Linear(features, features)
            relativePositionBiasTable = Parameter(.zeros([(2 * side - 1) * (2 * side - 1), heads]))
            relativePositionIndex = Buffer(Tensor.relativePositions(side: side))
            relativePositionBiasTable.initializeTruncatedNormal(standardDeviation: 0.02)
        }

        static var className: String { "RelativePositionalMultiHeadAttention" }

        func forward(_ x: Tensor) -> Tensor {
            let (queries, keys, values) = toQkv(x).queriesKeysValues(heads: heads)
            let bias = relativePositionBiasTable.value.relativeBias(relativePositionIndex.value)
            // The scale is that of all heads together.
            let scale = 1 / Double(x.shape[3]).squareRoot()
            return merge(queries.attention(keys: keys, values: values, mask: bias, scale: scale).joiningHeads())
        }
    }
}
