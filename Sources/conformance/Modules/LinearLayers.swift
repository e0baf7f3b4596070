import Cresset
import CressetNN

extension ModuleTable {
    /// Matrices, tables, and layers that rearrange elements.
    mutating func addLinearModules() {
        add("Linear", "Linear(inFeatures, outFeatures)") {
            try Linear($0.int(0, "in_features"), $0.int(1, "out_features"), bias: $0.bool(2, "bias", true))
        }
        addAny("Bilinear", "Bilinear(first, second, outFeatures)") {
            let layer = try Bilinear(
                $0.int(0, "in1_features"), $0.int(1, "in2_features"), $0.int(2, "out_features"),
                bias: $0.bool(3, "bias", true))
            return MadeModule(layer) { .tensor(layer(try $0.tensor(0, "input1"), try $0.tensor(1, "input2"))) }
        }
        addEmbeddings()
        addRearrangements()
        addDropouts()
    }

    private mutating func addEmbeddings() {
        add("Embedding", "Embedding(count, dimension)") {
            try Embedding(
                $0.int(0, "num_embeddings"), $0.int(1, "embedding_dim"), paddingIndex: $0.intIfAny(2, "padding_idx"),
                maxNorm: $0.doubleIfAny(3, "max_norm"), normOrder: $0.double(4, "norm_type", 2),
                scalesByFrequency: $0.bool(5, "scale_grad_by_freq", false), isSparse: $0.bool(6, "sparse", false))
        }
        addAny("EmbeddingBag", "EmbeddingBag(count, dimension, mode: .mean)") {
            let name = try $0.string(5, "mode", "mean")
            guard let mode = BagMode(rawValue: name) else { throw Failure("unknown mode \(name)") }
            let layer = try EmbeddingBag(
                $0.int(0, "num_embeddings"), $0.int(1, "embedding_dim"), maxNorm: $0.doubleIfAny(2, "max_norm"),
                normOrder: $0.double(3, "norm_type", 2), mode: mode,
                includesEnd: $0.bool(8, "include_last_offset", false), paddingIndex: $0.intIfAny(9, "padding_idx"),
                isSparse: $0.bool(6, "sparse", false))
            return MadeModule(layer) {
                .tensor(
                    layer(
                        try $0.x, offsets: try $0.tensorIfAny(1, "offsets"),
                        weights: try $0.tensorIfAny(2, "per_sample_weights")))
            }
        }
        note("isSparse: true gives row-sparse gradients", "Embedding")
    }

    private mutating func addRearrangements() {
        add("Identity", "Identity()") { _ in Identity() }
        add("Flatten", "Flatten(from: 1, to: -1)") {
            try Flatten(from: $0.int(0, "start_dim", 1), to: $0.int(1, "end_dim", -1))
        }
        add("Unflatten", "Unflatten(axis: axis, into: lengths)") {
            try Unflatten(axis: $0.int(0, "dim"), into: $0.intList(1, "unflattened_size") ?? [])
        }
        add("PixelShuffle", "PixelShuffle(factor)") { PixelShuffle(try $0.int(0, "upscale_factor")) }
        add("PixelUnshuffle", "PixelUnshuffle(factor)") { PixelUnshuffle(try $0.int(0, "downscale_factor")) }
        add("ChannelShuffle", "ChannelShuffle(groups)") { ChannelShuffle(try $0.int(0, "groups")) }
        add("Unfold", "Unfold(kernel)") {
            try Unfold(
                $0.requiredPerAxis(0, "kernel_size"), dilation: $0.perAxis(1, "dilation", 1),
                padding: $0.perAxis(2, "padding", 0), stride: $0.perAxis(3, "stride", 1))
        }
        add("Fold", "Fold(size, kernel)") {
            try Fold(
                $0.requiredPerAxis(0, "output_size"), $0.requiredPerAxis(1, "kernel_size"),
                dilation: $0.perAxis(2, "dilation", 1), padding: $0.perAxis(3, "padding", 0),
                stride: $0.perAxis(4, "stride", 1))
        }
        add("Upsample", "Upsample(scale: [2, 2], mode: .linear)") {
            let modes: [String: InterpolationMode] = [
                "nearest": .nearest, "nearest-exact": .nearestExact, "linear": .linear, "bilinear": .linear,
                "trilinear": .linear, "bicubic": .cubic, "area": .area,
            ]
            let name = try $0.string(2, "mode", "nearest")
            guard let mode = modes[name] else { throw Failure("unknown mode \(name)") }
            let alignsCorners = try $0.bool(3, "align_corners", false)
            if let size = try $0.perAxis(0, "size") {
                return Upsample(size: size, mode: mode, alignsCorners: alignsCorners)
            }
            guard let scale = try $0.doublesIfAny(1, "scale_factor") else { throw Failure("no size or scale given") }
            return Upsample(scale: scale, mode: mode, alignsCorners: alignsCorners)
        }
    }

    private mutating func addDropouts() {
        add("Dropout", "Dropout(p)") { Dropout(try $0.double(0, "p", 0.5)) }
        add("Dropout1d", "Dropout1d(p)") { Dropout1d(try $0.double(0, "p", 0.5)) }
        add("Dropout2d", "Dropout2d(p)") { Dropout2d(try $0.double(0, "p", 0.5)) }
        add("Dropout3d", "Dropout3d(p)") { Dropout3d(try $0.double(0, "p", 0.5)) }
        add("AlphaDropout", "AlphaDropout(p)") { AlphaDropout(try $0.double(0, "p", 0.5)) }
    }
}
