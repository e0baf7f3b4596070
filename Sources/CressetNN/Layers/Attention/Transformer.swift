import Cresset

/// A stack of encoder layers.
///
/// *Shape*: see ``TransformerEncoderLayer``.
public final class TransformerEncoder: Layer {
    public let layers: [TransformerEncoderLayer]
    public let norm: LayerNorm?

    /// Layers that all begin with the weights of the first, since PyTorch copies it.
    ///
    /// - Parameters:
    ///   - options: The dimensions of each layer.
    ///   - count: The number of layers.
    ///   - hasNorm: Whether a normalisation follows at the end.
    public init(_ options: TransformerOptions, layers count: Int, hasNorm: Bool = false) {
        layers = copies(count) { TransformerEncoderLayer(options) }
        norm = hasNorm ? options.makeNorm() : nil
    }

    public func forward(_ x: Tensor) -> Tensor { self(x, .none) }

    /// The input after all layers, of its own shape.
    ///
    /// - Parameters:
    ///   - x: The input.
    ///   - masks: The positions that must not be attended to.
    public func callAsFunction(_ x: Tensor, _ masks: AttentionMasks) -> Tensor {
        let encoded = layers.reduce(x) { $1($0, masks) }
        return observed(norm?(encoded) ?? encoded)
    }
}

/// A stack of decoder layers.
///
/// *Shape*: see ``TransformerDecoderLayer``.
public final class TransformerDecoder: Module {
    public let layers: [TransformerDecoderLayer]
    public let norm: LayerNorm?

    /// Layers that all begin with the weights of the first, since PyTorch copies it.
    ///
    /// - Parameters:
    ///   - options: The dimensions of each layer.
    ///   - count: The number of layers.
    ///   - hasNorm: Whether a normalisation follows at the end.
    public init(_ options: TransformerOptions, layers count: Int, hasNorm: Bool = false) {
        layers = copies(count) { TransformerDecoderLayer(options) }
        norm = hasNorm ? options.makeNorm() : nil
    }

    /// The target after all layers, of its own shape.
    ///
    /// - Parameters:
    ///   - target: The output so far, (T, N, E), or (N, T, E).
    ///   - memory: The encoder's output.
    ///   - targetMasks: The positions of the target that must not be attended to.
    ///   - memoryMasks: The positions of the memory that must not be attended to.
    public func callAsFunction(
        _ target: Tensor, memory: Tensor, targetMasks: AttentionMasks = .none, memoryMasks: AttentionMasks = .none
    ) -> Tensor {
        let decoded = layers.reduce(target) {
            $1($0, memory: memory, targetMasks: targetMasks, memoryMasks: memoryMasks)
        }
        return observed(norm?(decoded) ?? decoded)
    }
}

/// An encoder that reads a source and a decoder that turns a target into a result, attending to both.
///
/// *Shape*: a source (S, N, E) and a target (T, N, E) give a result shaped like the target; with `batchFirst` N comes
/// first, and both may lack N.
/// *Source*: Vaswani et al., "Attention Is All You Need", 2017; `torch.nn.Transformer`.
public final class Transformer: Module {
    public let encoder: TransformerEncoder
    public let decoder: TransformerDecoder

    /// A network with random weights as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - options: The dimensions of each layer.
    ///   - encoderLayers: The number of the encoder's layers.
    ///   - decoderLayers: The number of the decoder's layers.
    public init(_ options: TransformerOptions, encoderLayers: Int = 6, decoderLayers: Int = 6) {
        encoder = TransformerEncoder(options, layers: encoderLayers, hasNorm: true)
        decoder = TransformerDecoder(options, layers: decoderLayers, hasNorm: true)
        for parameter in parameters where parameter.shape.count > 1 { parameter.initializeXavierUniform() }
    }

    ///
    /// - Parameters:
    ///   - source: The source sequences, (S, N, E), or (N, S, E) if the batch is first.
    ///   - target: The output so far, (T, N, E), or (N, T, E).
    ///   - sourceMasks: The keys ignored in the source's self-attention.
    ///   - targetMasks: The keys ignored in the target's self-attention: `.causal` to predict what comes next.
    ///   - memoryMasks: The keys ignored when the target attends to the encoded source.
    public func callAsFunction(
        _ source: Tensor, target: Tensor, sourceMasks: AttentionMasks = .none, targetMasks: AttentionMasks = .none,
        memoryMasks: AttentionMasks = .none
    ) -> Tensor {
        observed(
            decoder(
                target, memory: encoder(source, sourceMasks), targetMasks: targetMasks, memoryMasks: memoryMasks))
    }
}

/// A module and copies of it; the copies draw no random numbers.
private func copies<M: Module>(_ count: Int, _ make: () -> M) -> [M] {
    guard count > 0 else { return [] }
    let first = make()
    let state = first.stateDict()
    let others = Generator.$current.withValue(Generator()) {
        (1..<count).map { _ in
            let copy = make()
            for (parameter, (_, tensor)) in zip(copy.parameters, state) { parameter.value = tensor }
            return copy
        }
    }
    return [first] + others
}
