import Cresset

/// The activation between the two matrices of a transformer layer.
public enum TransformerActivation: Sendable {
    case relu, gelu
    case custom(@Sendable (Tensor) -> Tensor)

    func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .relu: x.relu()
        case .gelu: x.gelu()
        case .custom(let function): function(x)
        }
    }
}

/// The sizes and options of a transformer layer.
public struct TransformerOptions: Sendable {
    /// The length E of each vector.
    public var dimension: Int
    public var heads: Int
    /// The length between the two matrices.
    public var feedForward: Int
    /// The share of elements set to zero in training.
    public var dropout: Double
    public var activation: TransformerActivation
    /// Added to the variance in the normalisations.
    public var epsilon: Double
    /// Whether the batch is the first axis.
    public var batchFirst: Bool
    /// Whether each part's input is normalised, instead of the sum with its output.
    public var normalizesFirst: Bool
    /// Whether matrices and normalisations have biases.
    public var bias: Bool
    public var dtype: DType

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - dimension: The number of features of a token.
    ///   - heads: The number of attention heads.
    ///   - feedForward: The number of features inside the feed-forward part.
    ///   - dropout: The probability that an element becomes 0 in training.
    ///   - activation: The activation of the feed-forward part.
    ///   - epsilon: The number that the norms add to the variance.
    ///   - batchFirst: Whether the batch is the first axis.
    ///   - normalizesFirst: Whether the norms come before each part instead of after it.
    ///   - bias: Whether the layers add a bias.
    ///   - dtype: The type of the parameters.
    public init(
        _ dimension: Int, heads: Int, feedForward: Int = 2048, dropout: Double = 0.1,
        activation: TransformerActivation = .relu, epsilon: Double = 1e-5, batchFirst: Bool = false,
        normalizesFirst: Bool = false, bias: Bool = true, dtype: DType = .float32
    ) {
        self.dimension = dimension
        self.heads = heads
        self.feedForward = feedForward
        self.dropout = dropout
        self.activation = activation
        self.epsilon = epsilon
        self.batchFirst = batchFirst
        self.normalizesFirst = normalizesFirst
        self.bias = bias
        self.dtype = dtype
    }

    func makeAttention() -> MultiheadAttention {
        MultiheadAttention(dimension, heads: heads, dropout: dropout, bias: bias, batchFirst: batchFirst, dtype: dtype)
    }

    func makeNorm() -> LayerNorm { LayerNorm(PerAxis(dimension), epsilon: epsilon, bias: bias, dtype: dtype) }
}

/// Which keys attention must ignore.
public struct AttentionMasks: Sendable {
    /// (L, S) or (N · heads, L, S): bool, true if a query must not look; or numbers added to the scores.
    public var mask: Tensor?
    /// (N, S): bool, true if a key is padding; or numbers added to the scores.
    public var keyPadding: Tensor?
    /// Whether a query sees only the keys up to its own position.
    public var isCausal: Bool

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - mask: True, or negative infinity, for positions that must not be attended to, (L, S).
    ///   - keyPadding: True for keys that are padding, (N, S).
    ///   - isCausal: Whether positions may attend only to themselves and earlier ones.
    public init(mask: Tensor? = nil, keyPadding: Tensor? = nil, isCausal: Bool = false) {
        self.mask = mask
        self.keyPadding = keyPadding
        self.isCausal = isCausal
    }

    /// Ignores no keys.
    public static var none: AttentionMasks { AttentionMasks() }
    /// A query sees only the keys up to its own position.
    public static var causal: AttentionMasks { AttentionMasks(isCausal: true) }
}

extension MultiheadAttention {
    fileprivate func mix(_ x: Tensor, with memory: Tensor, _ masks: AttentionMasks) -> Tensor {
        self(
            x, keys: memory, values: memory, keyPadding: masks.keyPadding, mask: masks.mask, isCausal: masks.isCausal,
            needsWeights: false
        ).output
    }
}

/// Self-attention, then two matrices, each added to its input and normalised.
///
/// *Shape*: (L, N, E), (N, L, E) with `batchFirst`, or (L, E); the result has the same shape.
/// *Source*: Vaswani et al., "Attention Is All You Need", 2017; `torch.nn.TransformerEncoderLayer`.
public final class TransformerEncoderLayer: Layer {
    public let selfAttn: MultiheadAttention
    public let linear1: Linear
    public let dropout: Dropout
    public let linear2: Linear
    public let norm1, norm2: LayerNorm
    public let dropout1, dropout2: Dropout
    public let options: TransformerOptions

    /// A layer with random weights as PyTorch draws them.
    ///
    /// - Parameter options: The dimensions.
    public init(_ options: TransformerOptions) {
        self.options = options
        selfAttn = options.makeAttention()
        linear1 = Linear(options.dimension, options.feedForward, bias: options.bias, dtype: options.dtype)
        linear2 = Linear(options.feedForward, options.dimension, bias: options.bias, dtype: options.dtype)
        (norm1, norm2) = (options.makeNorm(), options.makeNorm())
        (dropout, dropout1, dropout2) = (Dropout(options.dropout), Dropout(options.dropout), Dropout(options.dropout))
    }

    public func forward(_ x: Tensor) -> Tensor { self(x, .none) }

    /// The input after this layer, of its own shape.
    ///
    /// - Parameters:
    ///   - x: The input.
    ///   - masks: The positions that must not be attended to.
    public func callAsFunction(_ x: Tensor, _ masks: AttentionMasks) -> Tensor {
        if options.normalizesFirst {
            let y = norm1(x)
            let attended = x + dropout1(selfAttn.mix(y, with: y, masks))
            return observed(attended + feedForward(norm2(attended)))
        }
        let attended = norm1(x + dropout1(selfAttn.mix(x, with: x, masks)))
        return observed(norm2(attended + feedForward(attended)))
    }

    private func feedForward(_ x: Tensor) -> Tensor {
        dropout2(linear2(dropout(options.activation(linear1(x)))))
    }
}

/// Self-attention, attention to a memory, then two matrices, each added to its input and normalised.
///
/// *Shape*: a target (L, N, E) and a memory (S, N, E) give a result shaped like the target; with `batchFirst` N comes
/// first, and both may lack N.
/// *Source*: Vaswani et al., "Attention Is All You Need", 2017; `torch.nn.TransformerDecoderLayer`.
public final class TransformerDecoderLayer: Module {
    public let selfAttn, multiheadAttn: MultiheadAttention
    public let linear1: Linear
    public let dropout: Dropout
    public let linear2: Linear
    public let norm1, norm2, norm3: LayerNorm
    public let dropout1, dropout2, dropout3: Dropout
    public let options: TransformerOptions

    /// A layer with random weights as PyTorch draws them.
    ///
    /// - Parameter options: The dimensions.
    public init(_ options: TransformerOptions) {
        self.options = options
        selfAttn = options.makeAttention()
        multiheadAttn = options.makeAttention()
        linear1 = Linear(options.dimension, options.feedForward, bias: options.bias, dtype: options.dtype)
        linear2 = Linear(options.feedForward, options.dimension, bias: options.bias, dtype: options.dtype)
        (norm1, norm2, norm3) = (options.makeNorm(), options.makeNorm(), options.makeNorm())
        (dropout, dropout1) = (Dropout(options.dropout), Dropout(options.dropout))
        (dropout2, dropout3) = (Dropout(options.dropout), Dropout(options.dropout))
    }

    ///
    /// - Parameters:
    ///   - target: The output so far, (T, N, E), or (N, T, E).
    ///   - memory: The encoder's result for the source.
    ///   - targetMasks: The keys ignored in the target's self-attention.
    ///   - memoryMasks: The keys ignored in attention to the memory.
    public func callAsFunction(
        _ target: Tensor, memory: Tensor, targetMasks: AttentionMasks = .none, memoryMasks: AttentionMasks = .none
    ) -> Tensor {
        if options.normalizesFirst {
            let y = norm1(target)
            var x = target + dropout1(selfAttn.mix(y, with: y, targetMasks))
            x = x + dropout2(multiheadAttn.mix(norm2(x), with: memory, memoryMasks))
            return observed(x + feedForward(norm3(x)))
        }
        var x = norm1(target + dropout1(selfAttn.mix(target, with: target, targetMasks)))
        x = norm2(x + dropout2(multiheadAttn.mix(x, with: memory, memoryMasks)))
        return observed(norm3(x + feedForward(x)))
    }

    private func feedForward(_ x: Tensor) -> Tensor {
        dropout3(linear2(dropout(options.activation(linear1(x)))))
    }
}
