import Cresset
import CressetNN

extension ModuleTable {
    mutating func addActivationModules() {
        add("ReLU", "ReLU()") { _ in ReLU() }
        add("ReLU6", "ReLU6()") { _ in ReLU6() }
        add("Sigmoid", "Sigmoid()") { _ in Sigmoid() }
        add("Tanh", "Tanh()") { _ in Tanh() }
        add("Softmax", "Softmax(axis: axis)") { Softmax(axis: try $0.int(0, "dim")) }
        add("Linear", "Linear(inFeatures, outFeatures)") {
            try Linear($0.int(0, "in_features"), $0.int(1, "out_features"), bias: $0.bool(2, "bias", true))
        }
    }

    mutating func addConvolutionModules() {
        add("Conv1d", "Conv1d(in, out, kernelSize: kernel)") {
            try Conv1d(
                $0.int(0, "in_channels"), $0.int(1, "out_channels"), kernelSize: $0.requiredPerAxis(2, "kernel_size"),
                stride: $0.perAxis(3, "stride", 1), padding: $0.padding(4), dilation: $0.perAxis(5, "dilation", 1),
                groups: $0.int(6, "groups", 1), bias: $0.bool(7, "bias", true))
        }
        add("Conv2d", "Conv2d(in, out, kernelSize: kernel)") {
            try Conv2d(
                $0.int(0, "in_channels"), $0.int(1, "out_channels"), kernelSize: $0.requiredPerAxis(2, "kernel_size"),
                stride: $0.perAxis(3, "stride", 1), padding: $0.padding(4), dilation: $0.perAxis(5, "dilation", 1),
                groups: $0.int(6, "groups", 1), bias: $0.bool(7, "bias", true))
        }
        add("Conv3d", "Conv3d(in, out, kernelSize: kernel)") {
            try Conv3d(
                $0.int(0, "in_channels"), $0.int(1, "out_channels"), kernelSize: $0.requiredPerAxis(2, "kernel_size"),
                stride: $0.perAxis(3, "stride", 1), padding: $0.padding(4), dilation: $0.perAxis(5, "dilation", 1),
                groups: $0.int(6, "groups", 1), bias: $0.bool(7, "bias", true))
        }
    }

    mutating func addPoolModules() {
        addAny("MaxPool2d", "MaxPool2d(kernel, stride: stride)") {
            let pool = try MaxPool2d(
                $0.requiredPerAxis(0, "kernel_size"), stride: $0.perAxis(1, "stride"),
                padding: $0.perAxis(2, "padding", 0),
                dilation: $0.perAxis(3, "dilation", 1), ceilMode: $0.bool(5, "ceil_mode", false))
            guard try $0.bool(4, "return_indices", false) else { return MadeModule(pool) }
            return MadeModule(pool) {
                let result = pool.withIndices(try $0.x)
                return .tensors([result.values, result.indices])
            }
        }
        add("AvgPool2d", "AvgPool2d(kernel, stride: stride)") {
            try AvgPool2d(
                $0.requiredPerAxis(0, "kernel_size"), stride: $0.perAxis(1, "stride"),
                padding: $0.perAxis(2, "padding", 0),
                ceilMode: $0.bool(3, "ceil_mode", false), countsPadding: $0.bool(4, "count_include_pad", true),
                divisor: $0.intIfAny(5, "divisor_override"))
        }
        add("AdaptiveAvgPool2d", "AdaptiveAvgPool2d(size)") {
            let sizes = try $0.optionalInts(0, "output_size")
            return AdaptiveAvgPool2d(lengths: sizes.count == 1 ? [sizes[0], sizes[0]] : sizes)
        }
    }

    mutating func addNormalizationModules() {
        add("BatchNorm1d", "BatchNorm1d(features)") {
            try BatchNorm1d(
                $0.int(0, "num_features"), epsilon: $0.double(1, "eps", 1e-5), momentum: $0.momentum(2),
                affine: $0.bool(3, "affine", true), tracksRunningStatistics: $0.bool(4, "track_running_stats", true),
                bias: $0.bool(nil, "bias", true))
        }
        add("BatchNorm2d", "BatchNorm2d(features)") {
            try BatchNorm2d(
                $0.int(0, "num_features"), epsilon: $0.double(1, "eps", 1e-5), momentum: $0.momentum(2),
                affine: $0.bool(3, "affine", true), tracksRunningStatistics: $0.bool(4, "track_running_stats", true),
                bias: $0.bool(nil, "bias", true))
        }
        add("BatchNorm3d", "BatchNorm3d(features)") {
            try BatchNorm3d(
                $0.int(0, "num_features"), epsilon: $0.double(1, "eps", 1e-5), momentum: $0.momentum(2),
                affine: $0.bool(3, "affine", true), tracksRunningStatistics: $0.bool(4, "track_running_stats", true),
                bias: $0.bool(nil, "bias", true))
        }
    }

    mutating func addLossModules() {
        addAny("CrossEntropyLoss", "CrossEntropyLoss()") {
            let loss = try CrossEntropyLoss(
                weight: $0.tensorIfAny(0, "weight"), ignoredIndex: $0.int(2, "ignore_index", -100),
                reduction: $0.reduction(4), labelSmoothing: $0.double(5, "label_smoothing", 0))
            return MadeModule(loss) { .tensor(loss(try $0.x, try $0.tensor(1, "target"))) }
        }
    }
}

extension Arguments {
    /// None is the mean over all batches, which is not the same as nothing given.
    fileprivate func momentum(_ position: Int) throws -> Double? {
        if case .some(.none) = value(position, "momentum") { return nil }
        return try double(position, "momentum", 0.1)
    }

    /// Numbers, "valid" or "same".
    fileprivate func padding(_ position: Int) throws -> ConvolutionPadding {
        if case .string(let word)? = value(position, "padding") { return word == "same" ? .same : 0 }
        return .perAxis(try perAxis(position, "padding", 0))
    }
}
