import CressetNN
import Testing

/// Names, printed form and first values as in PyTorch.
@Suite struct LayerStructureTests {
    @Test func recurrentNamesSayLayerAndDirection() {
        let lstm = LSTM(4, 5, layers: 2, isBidirectional: true, projectionSize: 3)
        var names: [String] = []
        for layer in ["l0", "l0_reverse", "l1", "l1_reverse"] {
            names += ["weight_ih_", "weight_hh_", "bias_ih_", "bias_hh_", "weight_hr_"].map { $0 + layer }
        }
        #expect(lstm.stateDict().keys == names)
        #expect(lstm.stateDict()["weight_ih_l1"]!.shape == [20, 6])
        #expect(lstm.stateDict()["weight_hh_l0"]!.shape == [20, 3])
        #expect(lstm.stateDict()["weight_hr_l1_reverse"]!.shape == [3, 5])
        #expect(GRU(2, 3, bias: false).stateDict().keys == ["weight_ih_l0", "weight_hh_l0"])
        #expect(RNNCell(2, 3).stateDict().keys == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"])
    }

    @Test func attentionNames() {
        let plain = MultiheadAttention(4, heads: 2, addsBiasKeys: true)
        #expect(
            plain.stateDict().keys
                == ["in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias"])
        let other = MultiheadAttention(4, heads: 2, bias: false, keyDimension: 3, valueDimension: 5)
        #expect(
            other.stateDict().keys == ["q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight"])
        #expect(other.stateDict()["v_proj_weight"]!.shape == [4, 5])
        let names = Transformer(TransformerOptions(4, heads: 2, feedForward: 8), encoderLayers: 2, decoderLayers: 1)
            .stateDict().keys
        #expect(names.first == "encoder.layers.0.self_attn.in_proj_weight")
        #expect(names.contains("encoder.layers.1.norm2.bias"))
        #expect(names.contains("decoder.layers.0.multihead_attn.out_proj.weight"))
        #expect(names.last == "decoder.norm.bias")
        #expect(names.count == 2 * 12 + 2 + 18 + 2)
    }

    @Test func buffersOfLossesAndNorms() {
        let weight = Tensor([1, 2] as [Float])
        #expect(BCEWithLogitsLoss(weight: weight, positiveWeight: weight).stateDict().keys == ["weight", "pos_weight"])
        #expect(
            InstanceNorm1d(3, affine: true, tracksRunningStatistics: true).stateDict().keys
                == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"])
    }

    @Test func details() {
        let expected: [(any Module, String)] = [
            (LeakyReLU(), "negative_slope=0.01"), (PReLU(3), "num_parameters=3"), (GELU(), "approximate='none'"),
            (Hardtanh(), "min_val=-1.0, max_val=1.0"), (Softplus(), "beta=1.0, threshold=20.0"),
            (ReflectionPad2d(1), "(1, 1, 1, 1)"), (ConstantPad1d([1, 2], value: 3.5), "padding=(1, 2), value=3.5"),
            (MaxPool3d(2), "kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False"),
            (AvgPool1d(2), "kernel_size=(2,), stride=(2,), padding=(0,)"),
            (AdaptiveAvgPool2d([1, 1]), "output_size=(1, 1)"), (AdaptiveMaxPool2d(3), "output_size=3"),
            (AdaptiveMaxPool3d(lengths: [3, nil, 5]), "output_size=(3, None, 5)"),
            (LPPool2d(order: 2, 3), "norm_type=2, kernel_size=3, stride=None, ceil_mode=False"),
            (LayerNorm([4, 5]), "(4, 5), eps=1e-05, elementwise_affine=True, bias=True"),
            (RMSNorm(5), "(5,), eps=None, elementwise_affine=True"),
            (GroupNorm(2, 6), "2, 6, eps=1e-05, affine=True, bias=True"),
            (
                InstanceNorm2d(3),
                "3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False"
            ),
            (LocalResponseNorm(2), "2, alpha=0.0001, beta=0.75, k=1.0"),
            (Embedding(10, 4, paddingIndex: -1), "10, 4, padding_idx=9"), (EmbeddingBag(10, 4), "10, 4, mode='mean'"),
            (Bilinear(2, 3, 4), "in1_features=2, in2_features=3, out_features=4, bias=True"),
            (
                ConvTranspose2d(4, 6, kernelSize: 3, stride: 2, outputPadding: 1, groups: 2, bias: false),
                "4, 6, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1), groups=2, bias=False"
            ),
            (
                Conv1d(2, 3, kernelSize: 3, padding: 1, paddingMode: .circular),
                "2, 3, kernel_size=(3,), stride=(1,), padding=(1,), padding_mode=circular"
            ),
            (
                LSTM(4, 5, layers: 2, batchFirst: true, dropout: 0.5, isBidirectional: true),
                "4, 5, num_layers=2, batch_first=True, dropout=0.5, bidirectional=True"
            ),
            (RNNCell(4, 5, activation: .relu), "4, 5, nonlinearity=relu"), (MSELoss(), ""),
            (PixelShuffle(2), "upscale_factor=2"), (Upsample(scale: 2), "scale_factor=2.0, mode='nearest'"),
        ]
        for (module, text) in expected { #expect(module.details == text, "\(type(of: module))") }
    }

    /// Values that PyTorch draws from seed 0.
    @Test func firstValuesFromASeed() {
        Generator.$current.withValue(Generator(seed: 0)) {
            let weight = LSTM(4, 5).stateDict()["weight_ih_l0"]!.scalars(as: Float.self)
            #expect(weight[0] == -0.003348207799717784 && weight[1] == 0.23990486562252045)
        }
        Generator.$current.withValue(Generator(seed: 0)) {
            let weight = Embedding(10, 4).stateDict()["weight"]!.scalars(as: Float.self)
            #expect(abs(weight[0] + 1.1258398294448853) < 1e-6 && abs(weight[5] - 0.6920091509819031) < 1e-6)
        }
    }

    @Test func layersOfAStackBeginAlikeAndThoseOfATransformerDoNot() {
        let options = TransformerOptions(4, heads: 2, feedForward: 8)
        let generator = Generator(seed: 3)
        Generator.$current.withValue(generator) {
            let stack = TransformerEncoder(options, layers: 3)
            let weights = stack.layers.map { $0.linear1.stateDict()["weight"]!.scalars(as: Float.self) }
            #expect(weights[0] == weights[1] && weights[1] == weights[2])
        }
        // Since PyTorch copies a layer, the copies draw nothing.
        let single = Generator(seed: 3)
        Generator.$current.withValue(single) { _ = TransformerEncoderLayer(options) }
        #expect(generator.next32() == single.next32())
        let network = Transformer(options, encoderLayers: 2, decoderLayers: 1)
        let weights = network.encoder.layers.map { $0.linear1.stateDict()["weight"]!.scalars(as: Float.self) }
        #expect(weights[0] != weights[1])
    }
}
