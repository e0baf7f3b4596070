import Cresset
import CressetNN

extension ModuleTable {
    mutating func addAttentionModules() {
        addAny("MultiheadAttention", "MultiheadAttention(dimension, heads: heads)") {
            let layer = try MultiheadAttention(
                $0.int(0, "embed_dim"), heads: $0.int(1, "num_heads"), dropout: $0.double(2, "dropout", 0),
                bias: $0.bool(3, "bias", true), addsBiasKeys: $0.bool(4, "add_bias_kv", false),
                addsZeroAttention: $0.bool(5, "add_zero_attn", false), keyDimension: $0.intIfAny(6, "kdim"),
                valueDimension: $0.intIfAny(7, "vdim"), batchFirst: $0.bool(8, "batch_first", false))
            return MadeModule(layer) {
                let (output, weights) = layer(
                    try $0.tensor(0, "query"), keys: try $0.tensor(1, "key"), values: try $0.tensor(2, "value"),
                    keyPadding: try $0.tensorIfAny(3, "key_padding_mask"), mask: try $0.tensorIfAny(5, "attn_mask"),
                    isCausal: try $0.bool(7, "is_causal", false), needsWeights: try $0.bool(4, "need_weights", true),
                    averagesWeights: try $0.bool(6, "average_attn_weights", true))
                return .list([.tensor(output), weights.map(Value.tensor) ?? .none])
            }
        }
        addTransformers()
    }

    private mutating func addTransformers() {
        addAny("TransformerEncoderLayer", "TransformerEncoderLayer(TransformerOptions(dimension, heads: heads))") {
            let layer = TransformerEncoderLayer(try $0.transformerOptions(from: 2, activation: 4, epsilon: 5))
            return MadeModule(layer) {
                let masks = try $0.masks("src", mask: 1, padding: 2, isCausal: "is_causal")
                return .tensor(layer(try $0.tensor(0, "src"), masks))
            }
        }
        addAny("TransformerDecoderLayer", "TransformerDecoderLayer(TransformerOptions(dimension, heads: heads))") {
            let layer = TransformerDecoderLayer(try $0.transformerOptions(from: 2, activation: 4, epsilon: 5))
            return MadeModule(layer) {
                let masks = try $0.masks("tgt", mask: 2, padding: 4, isCausal: "tgt_is_causal")
                let memoryMasks = try $0.masks("memory", mask: 3, padding: 5, isCausal: "memory_is_causal")
                return .tensor(
                    layer(
                        try $0.tensor(0, "tgt"), memory: try $0.tensor(1, "memory"), targetMasks: masks,
                        memoryMasks: memoryMasks))
            }
        }
        addAny(
            "Transformer",
            "Transformer(TransformerOptions(dimension, heads: heads), encoderLayers: 6, decoderLayers: 6)"
        ) {
            let (encoders, decoders) = try ($0.int(2, "num_encoder_layers", 6), $0.int(3, "num_decoder_layers", 6))
            let options = try $0.transformerOptions(from: 4, activation: 6, epsilon: 9)
            let network = Transformer(options, encoderLayers: encoders, decoderLayers: decoders)
            return MadeModule(network) {
                let source = try $0.masks("src", mask: 2, padding: 5, isCausal: "src_is_causal")
                let target = try $0.masks("tgt", mask: 3, padding: 6, isCausal: "tgt_is_causal")
                let memory = try $0.masks("memory", mask: 4, padding: 7, isCausal: "memory_is_causal")
                return .tensor(
                    network(
                        try $0.tensor(0, "src"), target: try $0.tensor(1, "tgt"), sourceMasks: source,
                        targetMasks: target, memoryMasks: memory))
            }
        }
        note(
            "layer(query, keys: keys, values: values); boolean masks exclude where they are true, as in PyTorch",
            "MultiheadAttention")
    }
}

extension Arguments {
    /// The options of a transformer; `position` is that of `dim_feedforward`, and the remaining options follow
    /// `epsilon`.
    fileprivate func transformerOptions(from position: Int, activation: Int, epsilon: Int) throws -> TransformerOptions
    {
        let activations: [String: TransformerActivation] = ["relu": .relu, "gelu": .gelu]
        let name = try string(activation, "activation", "relu")
        guard let function = activations[name] else { throw Failure("unknown activation \(name)") }
        return try TransformerOptions(
            int(0, "d_model", 512), heads: int(1, "nhead", 8), feedForward: int(position, "dim_feedforward", 2048),
            dropout: double(position + 1, "dropout", 0.1), activation: function,
            epsilon: double(epsilon, "layer_norm_eps", 1e-5), batchFirst: bool(epsilon + 1, "batch_first", false),
            normalizesFirst: bool(epsilon + 2, "norm_first", false), bias: bool(epsilon + 3, "bias", true))
    }

    /// The masks of one attention; their names begin with that of the keys it looks at.
    fileprivate func masks(_ name: String, mask: Int, padding: Int, isCausal: String) throws -> AttentionMasks {
        try AttentionMasks(
            mask: tensorIfAny(mask, "\(name)_mask"), keyPadding: tensorIfAny(padding, "\(name)_key_padding_mask"),
            isCausal: bool(nil, isCausal, false))
    }
}
