import Cresset
import CressetNN

extension ModuleTable {
    mutating func addPoolModules() {
        addMaxPools()
        addAveragePools()
        addAdaptivePools()
        addPowerPools()
    }

    private mutating func addMaxPools() {
        addMaxPool("MaxPool1d", MaxPool1d.init)
        addMaxPool("MaxPool2d", MaxPool2d.init)
        addMaxPool("MaxPool3d", MaxPool3d.init)
        addUnpool("MaxUnpool1d", MaxUnpool1d.init)
        addUnpool("MaxUnpool2d", MaxUnpool2d.init)
        addUnpool("MaxUnpool3d", MaxUnpool3d.init)
    }

    private mutating func addMaxPool<Pool: MaxPooling & SendableMetatype>(
        _ name: String, _ make: @escaping @Sendable (PerAxis, PerAxis?, PerAxis, PerAxis, Bool) -> Pool
    ) {
        addAny(name, "\(name)(kernel, stride: stride); pool.withIndices(x)") {
            let pool = try make(
                $0.requiredPerAxis(0, "kernel_size"), $0.perAxis(1, "stride"), $0.perAxis(2, "padding", 0),
                $0.perAxis(3, "dilation", 1), $0.bool(5, "ceil_mode", false))
            guard try $0.bool(4, "return_indices", false) else { return MadeModule(pool) }
            return MadeModule(pool) {
                let result = pool.withIndices(try $0.x)
                return .tensors([result.values, result.indices])
            }
        }
    }

    private mutating func addUnpool<Pool: MaxUnpooling & SendableMetatype>(
        _ name: String, _ make: @escaping @Sendable (PerAxis, PerAxis?, PerAxis) -> Pool
    ) {
        addAny(name, "\(name)(kernel, stride: stride)") {
            let unpool = try make(
                $0.requiredPerAxis(0, "kernel_size"), $0.perAxis(1, "stride"), $0.perAxis(2, "padding", 0))
            return MadeModule(unpool) {
                // Lengths may come with those of the batch and the channels before them.
                let size = try $0.intList(2, "output_size").map { Array($0.suffix(Pool.axes)) }
                return .tensor(unpool(try $0.x, indices: try $0.tensor(1, "indices"), outputSize: size))
            }
        }
    }

    private mutating func addAveragePools() {
        add("AvgPool1d", "AvgPool1d(kernel, stride: stride)") {
            try AvgPool1d(
                $0.requiredPerAxis(0, "kernel_size"), stride: $0.perAxis(1, "stride"),
                padding: $0.perAxis(2, "padding", 0), ceilMode: $0.bool(3, "ceil_mode", false),
                countsPadding: $0.bool(4, "count_include_pad", true))
        }
        add("AvgPool2d", "AvgPool2d(kernel, stride: stride)") {
            try AvgPool2d(
                $0.requiredPerAxis(0, "kernel_size"), stride: $0.perAxis(1, "stride"),
                padding: $0.perAxis(2, "padding", 0), ceilMode: $0.bool(3, "ceil_mode", false),
                countsPadding: $0.bool(4, "count_include_pad", true), divisor: $0.intIfAny(5, "divisor_override"))
        }
        add("AvgPool3d", "AvgPool3d(kernel, stride: stride)") {
            try AvgPool3d(
                $0.requiredPerAxis(0, "kernel_size"), stride: $0.perAxis(1, "stride"),
                padding: $0.perAxis(2, "padding", 0), ceilMode: $0.bool(3, "ceil_mode", false),
                countsPadding: $0.bool(4, "count_include_pad", true), divisor: $0.intIfAny(5, "divisor_override"))
        }
    }

    private mutating func addAdaptivePools() {
        add("AdaptiveAvgPool1d", "AdaptiveAvgPool1d(size)") { AdaptiveAvgPool1d(lengths: try $0.outputSize) }
        add("AdaptiveAvgPool2d", "AdaptiveAvgPool2d(size)") { AdaptiveAvgPool2d(lengths: try $0.outputSize) }
        add("AdaptiveAvgPool3d", "AdaptiveAvgPool3d(size)") { AdaptiveAvgPool3d(lengths: try $0.outputSize) }
        addAdaptiveMaxPool("AdaptiveMaxPool1d") { AdaptiveMaxPool1d(lengths: $0) }
        addAdaptiveMaxPool("AdaptiveMaxPool2d") { AdaptiveMaxPool2d(lengths: $0) }
        addAdaptiveMaxPool("AdaptiveMaxPool3d") { AdaptiveMaxPool3d(lengths: $0) }
    }

    private mutating func addAdaptiveMaxPool<Pool: AdaptiveMaxPooling & SendableMetatype>(
        _ name: String, _ make: @escaping @Sendable ([Int?]) -> Pool
    ) {
        addAny(name, "\(name)(size); pool.withIndices(x)") {
            let pool = make(try $0.outputSize)
            guard try $0.bool(1, "return_indices", false) else { return MadeModule(pool) }
            return MadeModule(pool) {
                let result = pool.withIndices(try $0.x)
                return .tensors([result.values, result.indices])
            }
        }
    }

    private mutating func addPowerPools() {
        addPowerPool("LPPool1d") { LPPool1d(order: $0, $1, stride: $2, ceilMode: $3) }
        addPowerPool("LPPool2d") { LPPool2d(order: $0, $1, stride: $2, ceilMode: $3) }
        addPowerPool("LPPool3d") { LPPool3d(order: $0, $1, stride: $2, ceilMode: $3) }
    }

    private mutating func addPowerPool(
        _ name: String, _ make: @escaping @Sendable (Double, PerAxis, PerAxis?, Bool) -> any Layer
    ) {
        add(name, "\(name)(order: p, kernel, stride: stride)") {
            try make(
                $0.double(0, "norm_type"), $0.requiredPerAxis(1, "kernel_size"), $0.perAxis(2, "stride"),
                $0.bool(3, "ceil_mode", false))
        }
    }
}

extension Arguments {
    fileprivate var outputSize: [Int?] { get throws { try optionalInts(0, "output_size") } }
}
