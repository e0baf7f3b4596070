import CressetNN

/// Transformers that see a picture as a sequence of patches: ViT.
///
/// *Shape*: (N, 3, S, S) gives (N, classes), where S is the size that the network was made for.
/// *Source*: Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2020.
public final class VisionTransformer: FeatureModel, CustomReflectable {
    /// (1, 1, features): stands before the patches, and its result is what the head sees.
    public let classToken: Parameter
    /// Makes the patches.
    public let convProj: Conv2d
    let encoder: Encoder
    private let headLayers: Sequential
    public let imageSize: Int
    public var heads: [Head] { [Head(lastOf: headLayers, in: self)] }

    /// A network with random weights, drawn as in torchvision, whose head starts at zero.
    ///
    /// - Parameters:
    ///   - patchSize: The side of a patch in pixels.
    ///   - layers: The number of blocks.
    ///   - attentionHeads: The number of heads of each attention.
    ///   - features: The length of the vector of a patch.
    ///   - hidden: The length inside of the two linear layers of a block.
    ///   - classes: The number of classes.
    ///   - imageSize: The side of the pictures in pixels; a multiple of the patch's.
    ///   - dropout: The probability of dropping each feature after attention and in the linear layers.
    public init(
        patchSize: Int, layers: Int, attentionHeads: Int, features: Int, hidden: Int, classes: Int = 1000,
        imageSize: Int = 224, dropout: Double = 0
    ) {
        precondition(
            imageSize.isMultiple(of: patchSize),
            "VisionTransformer: pictures of \(imageSize) pixels are not made of patches of \(patchSize)")
        self.imageSize = imageSize
        convProj = Conv2d(3, features, kernelSize: patchSize, stride: patchSize)
        classToken = Parameter(.zeros([1, 1, features]))
        let side = imageSize / patchSize
        encoder = Encoder(
            length: side * side + 1, layers: layers, heads: attentionHeads, features: features, hidden: hidden,
            dropout: dropout)
        let head = Linear(features, classes)
        headLayers = Sequential(named: [("head", head)])
        let inputs = Double(3 * patchSize * patchSize)
        convProj.weight.initializeTruncatedNormal(standardDeviation: (1 / inputs).squareRoot())
        convProj.bias?.initializeConstant(0)
        head.weight.initializeConstant(0)
        head.bias?.initializeConstant(0)
    }

    /// The parts under torchvision's names, of which `heads` is taken.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "classToken": classToken, "convProj": convProj, "encoder": encoder, "heads": headLayers,
            ])
    }

    public func features(of x: Tensor) -> Tensor {
        guard x.rank == 4, x.shape[2] == imageSize, x.shape[3] == imageSize else {
            fatalError(
                "VisionTransformer: an input of shape \(x.shape), expected (N, 3, \(imageSize), \(imageSize))"
                    + "\n  hint: imageSize makes a network for other sizes")
        }
        let patches = convProj(x).flattened(from: 2).transposed(1, 2)
        let token = classToken.value.broadcast(to: [x.shape[0], 1, patches.shape[2]])
        let encoded = encoder(.concatenated([token, patches], axis: 1))
        return encoded.selected(axis: 1, index: 0)
    }
    public func scores(ofFeatures x: Tensor) -> Tensor { headLayers(x) }

    /// `state` with what is learned about positions resized to this network's pictures, by cubic interpolation.
    ///
    /// So the weights of a network for pictures of one size start one for another. Everything else is unchanged, as is a
    /// state whose positions do not form a square.
    ///
    /// - Parameter state: The tensors of a network that differs in ``imageSize`` alone.
    /// - Source: torchvision's `interpolate_embeddings`.
    public func resizingPositions(in state: StateDict) -> StateDict {
        let name = "encoder.pos_embedding"
        let side = imageSize / convProj.kernelSize[0]
        guard let positions = state[name], positions.rank == 3, positions.shape[0] == 1,
            positions.shape[2] == encoder.posEmbedding.shape[2], positions.dtype.isFloatingPoint,
            positions.shape[1] > 1, positions.shape[1] != side * side + 1
        else { return state }
        let (count, features) = (positions.shape[1] - 1, positions.shape[2])
        let before = Int(Double(count).squareRoot())
        guard before * before == count else { return state }
        let grid = positions.narrowed(axis: 1, start: 1, count: count).transposed(1, 2)
            .reshaped([1, features, before, before])
        let resized = grid.interpolated(size: [side, side], mode: .cubic, alignsCorners: true)
            .reshaped([1, features, side * side]).transposed(1, 2)
        var state = state
        state[name] = .concatenated([positions.narrowed(axis: 1, start: 0, count: 1), resized], axis: 1)
        return state
    }

    /// Adds what is learned about positions, then applies the blocks.
    final class Encoder: Layer {
        let posEmbedding: Parameter
        let dropout: Dropout
        let layers: Sequential
        let ln: LayerNorm

        init(length: Int, layers count: Int, heads: Int, features: Int, hidden: Int, dropout: Double) {
            posEmbedding = Parameter(.zeros([1, length, features]))
            posEmbedding.initializeNormal(standardDeviation: 0.02)
            self.dropout = Dropout(dropout)
            layers = Sequential(
                named: (0..<count).map {
                    ("encoder_layer_\($0)", EncoderBlock(features, heads: heads, hidden: hidden, dropout: dropout))
                })
            ln = LayerNorm(features, epsilon: 1e-6)
        }

        func forward(_ x: Tensor) -> Tensor { ln(layers(dropout(x + posEmbedding.value))) }
    }

    /// Attention and two linear layers, each with a normalisation before it and a shortcut.
    final class EncoderBlock: Layer {
        let ln_1: LayerNorm
        let selfAttention: MultiheadAttention
        let dropout: Dropout
        let ln_2: LayerNorm
        let mlp: Sequential

        init(_ features: Int, heads: Int, hidden: Int, dropout: Double) {
            ln_1 = LayerNorm(features, epsilon: 1e-6)
            selfAttention = MultiheadAttention(features, heads: heads, batchFirst: true)
            self.dropout = Dropout(dropout)
            ln_2 = LayerNorm(features, epsilon: 1e-6)
            mlp = .perceptron(features, hidden: hidden, dropout: dropout)
        }

        func forward(_ x: Tensor) -> Tensor {
            let y = ln_1(x)
            let z = dropout(selfAttention(y, keys: y, values: y, needsWeights: false).output) + x
            return z + mlp(ln_2(z))
        }
    }
}
