import Cresset
import CressetNN

extension ModuleTable {
    mutating func addNormalizationModules() {
        addBatchNorm("BatchNorm1d") {
            BatchNorm1d($0, epsilon: $1, momentum: $2, affine: $3, tracksRunningStatistics: $4, bias: $5)
        }
        addBatchNorm("BatchNorm2d") {
            BatchNorm2d($0, epsilon: $1, momentum: $2, affine: $3, tracksRunningStatistics: $4, bias: $5)
        }
        addBatchNorm("BatchNorm3d") {
            BatchNorm3d($0, epsilon: $1, momentum: $2, affine: $3, tracksRunningStatistics: $4, bias: $5)
        }
        addInstanceNorm("InstanceNorm1d") {
            InstanceNorm1d($0, epsilon: $1, momentum: $2, affine: $3, tracksRunningStatistics: $4, bias: $5)
        }
        addInstanceNorm("InstanceNorm2d") {
            InstanceNorm2d($0, epsilon: $1, momentum: $2, affine: $3, tracksRunningStatistics: $4, bias: $5)
        }
        addInstanceNorm("InstanceNorm3d") {
            InstanceNorm3d($0, epsilon: $1, momentum: $2, affine: $3, tracksRunningStatistics: $4, bias: $5)
        }
        addOthers()
    }

    private typealias Make = @Sendable (Int, Double, Double?, Bool, Bool, Bool) -> any Layer

    private mutating func addBatchNorm(_ name: String, _ make: @escaping Make) {
        add(name, "\(name)(features)") {
            try make(
                $0.int(0, "num_features"), $0.double(1, "eps", 1e-5), $0.momentum(2), $0.bool(3, "affine", true),
                $0.bool(4, "track_running_stats", true), $0.bool(nil, "bias", true))
        }
    }

    private mutating func addInstanceNorm(_ name: String, _ make: @escaping Make) {
        add(name, "\(name)(features)") {
            try make(
                $0.int(0, "num_features"), $0.double(1, "eps", 1e-5), $0.momentum(2), $0.bool(3, "affine", false),
                $0.bool(4, "track_running_stats", false), $0.bool(nil, "bias", true))
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
    }
}

extension Arguments {
    /// None is the mean over all batches, which is not the same as nothing given.
    fileprivate func momentum(_ position: Int) throws -> Double? {
        if case .some(.none) = value(position, "momentum") { return nil }
        return try double(position, "momentum", 0.1)
    }
}
