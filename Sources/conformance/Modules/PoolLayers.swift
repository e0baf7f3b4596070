import Cresset
import CressetNN

extension ModuleTable {
    mutating func addPoolModules() {
        addPools(axes: (MaxPool1d.self, MaxUnpool1d.self, AvgPool1d.self, LPPool1d.self))
        addPools(axes: (MaxPool2d.self, MaxUnpool2d.self, AvgPool2d.self, LPPool2d.self))
        addPools(axes: (MaxPool3d.self, MaxUnpool3d.self, AvgPool3d.self, LPPool3d.self))
        addAdaptivePools(AdaptiveAvgPool1d.self, AdaptiveMaxPool1d.self)
        addAdaptivePools(AdaptiveAvgPool2d.self, AdaptiveMaxPool2d.self)
        addAdaptivePools(AdaptiveAvgPool3d.self, AdaptiveMaxPool3d.self)
    }

    private mutating func addPools<let axes: Int>(
        axes _: (
            MaxPooling<axes>.Type, MaxUnpooling<axes>.Type, AveragePooling<axes>.Type, PowerAveragePooling<axes>.Type
        )
    ) {
        addAny("MaxPool\(axes)d", "let pool = MaxPool\(axes)d(kernel, stride: stride); pool.withIndices(x)") {
            let pool = try MaxPooling<axes>(
                $0.requiredPerAxis(0, "kernel_size"), stride: $0.perAxis(1, "stride"),
                padding: $0.perAxis(2, "padding", 0), dilation: $0.perAxis(3, "dilation", 1),
                ceilMode: $0.bool(5, "ceil_mode", false))
            guard try $0.bool(4, "return_indices", false) else { return MadeModule(pool) }
            return MadeModule(pool) {
                let result = pool.withIndices(try $0.x)
                return .tensors([result.values, result.indices])
            }
        }
        addAny("MaxUnpool\(axes)d", "MaxUnpool\(axes)d(kernel, stride: stride)") {
            let unpool = try MaxUnpooling<axes>(
                $0.requiredPerAxis(0, "kernel_size"), stride: $0.perAxis(1, "stride"),
                padding: $0.perAxis(2, "padding", 0))
            return MadeModule(unpool) {
                // Lengths may be preceded by those of the batch and the channels.
                let size = try $0.intList(2, "output_size").map { Array($0.suffix(axes)) }
                return .tensor(unpool(try $0.x, indices: try $0.tensor(1, "indices"), outputSize: size))
            }
        }
        add("AvgPool\(axes)d", "AvgPool\(axes)d(kernel, stride: stride)") {
            try AveragePooling<axes>(
                $0.requiredPerAxis(0, "kernel_size"), stride: $0.perAxis(1, "stride"),
                padding: $0.perAxis(2, "padding", 0), ceilMode: $0.bool(3, "ceil_mode", false),
                countsPadding: $0.bool(4, "count_include_pad", true), divisor: $0.intIfAny(5, "divisor_override"))
        }
        add("LPPool\(axes)d", "LPPool\(axes)d(order: p, kernel, stride: stride)") {
            try PowerAveragePooling<axes>(
                order: $0.double(0, "norm_type"), $0.requiredPerAxis(1, "kernel_size"),
                stride: $0.perAxis(2, "stride"), ceilMode: $0.bool(3, "ceil_mode", false))
        }
    }

    private mutating func addAdaptivePools<let axes: Int>(
        _: AdaptiveAveragePooling<axes>.Type, _: AdaptiveMaxPooling<axes>.Type
    ) {
        add("AdaptiveAvgPool\(axes)d", "AdaptiveAvgPool\(axes)d(size)") {
            AdaptiveAveragePooling<axes>(lengths: try $0.optionalInts(0, "output_size"))
        }
        addAny("AdaptiveMaxPool\(axes)d", "let pool = AdaptiveMaxPool\(axes)d(size); pool.withIndices(x)") {
            let pool = AdaptiveMaxPooling<axes>(lengths: try $0.optionalInts(0, "output_size"))
            guard try $0.bool(1, "return_indices", false) else { return MadeModule(pool) }
            return MadeModule(pool) {
                let result = pool.withIndices(try $0.x)
                return .tensors([result.values, result.indices])
            }
        }
    }
}
