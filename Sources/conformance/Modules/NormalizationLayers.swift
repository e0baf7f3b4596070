import Cresset
import CressetNN

extension ModuleTable {
    mutating func addNormalizationModules() {
        addStatistical(BatchNorm1d.self, InstanceNorm1d.self)
        addStatistical(BatchNorm2d.self, InstanceNorm2d.self)
        addStatistical(BatchNorm3d.self, InstanceNorm3d.self)
        addOthers()
    }

    private mutating func addStatistical<let axes: Int>(
        _: BatchNormalization<axes>.Type, _: InstanceNormalization<axes>.Type
    ) {
        add("BatchNorm\(axes)d", "BatchNorm\(axes)d(features)") {
            try BatchNormalization<axes>(
                $0.int(0, "num_features"), epsilon: $0.double(1, "eps", 1e-5), momentum: $0.momentum(2),
                affine: $0.bool(3, "affine", true), tracksRunningStatistics: $0.bool(4, "track_running_stats", true),
                bias: $0.bool(nil, "bias", true))
        }
        add("InstanceNorm\(axes)d", "InstanceNorm\(axes)d(features)") {
            try InstanceNormalization<axes>(
                $0.int(0, "num_features"), epsilon: $0.double(1, "eps", 1e-5), momentum: $0.momentum(2),
                affine: $0.bool(3, "affine", false), tracksRunningStatistics: $0.bool(4, "track_running_stats", false),
                bias: $0.bool(nil, "bias", true))
        }
    }

    private mutating func addOthers() {
        add("LayerNorm", "LayerNorm(shape)") {
            try LayerNorm(
                $0.requiredPerAxis(0, "normalized_shape"), epsilon: $0.double(1, "eps", 1e-5),
                affine: $0.bool(2, "elementwise_affine", true), bias: $0.bool(3, "bias", true))
        }
        add("RMSNorm", "RMSNorm(shape)") {
            try RMSNorm(
                $0.requiredPerAxis(0, "normalized_shape"), epsilon: $0.doubleIfAny(1, "eps"),
                affine: $0.bool(2, "elementwise_affine", true))
        }
        add("GroupNorm", "GroupNorm(groups, channels)") {
            try GroupNorm(
                $0.int(0, "num_groups"), $0.int(1, "num_channels"), epsilon: $0.double(2, "eps", 1e-5),
                affine: $0.bool(3, "affine", true), bias: $0.bool(nil, "bias", true))
        }
        add("LocalResponseNorm", "LocalResponseNorm(size)") {
            try LocalResponseNorm(
                $0.int(0, "size"), alpha: $0.double(1, "alpha", 1e-4), beta: $0.double(2, "beta", 0.75),
                k: $0.double(3, "k", 1))
        }
        note(
            "keeps its running statistics fixed while its parameters are frozen", "BatchNorm1d", "BatchNorm2d",
            "BatchNorm3d")
    }
}

extension Arguments {
    /// None means the mean over all batches, which is different from no value given.
    fileprivate func momentum(_ position: Int) throws -> Double? {
        if case .some(.none) = value(position, "momentum") { return nil }
        return try double(position, "momentum", 0.1)
    }
}
