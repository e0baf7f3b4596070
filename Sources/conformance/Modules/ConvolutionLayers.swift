import Cresset
import CressetNN

extension ModuleTable {
    mutating func addConvolutionModules() {
        addConvolutions(Conv1d.self, ConvTranspose1d.self)
        addConvolutions(Conv2d.self, ConvTranspose2d.self)
        addConvolutions(Conv3d.self, ConvTranspose3d.self)
    }

    private mutating func addConvolutions<let axes: Int>(
        _: Convolution<axes>.Type, _: TransposedConvolution<axes>.Type
    ) {
        add("Conv\(axes)d", "Conv\(axes)d(inChannels, outChannels, kernelSize: kernel)") {
            let mode = try $0.string(8, "padding_mode", "zeros")
            guard let paddingMode = ConvolutionPaddingMode(rawValue: mode) else {
                throw Failure("unknown padding mode \(mode)")
            }
            return try Convolution<axes>(
                $0.int(0, "in_channels"), $0.int(1, "out_channels"), kernelSize: $0.requiredPerAxis(2, "kernel_size"),
                stride: $0.perAxis(3, "stride", 1), padding: $0.convolutionPadding(4),
                dilation: $0.perAxis(5, "dilation", 1), groups: $0.int(6, "groups", 1), bias: $0.bool(7, "bias", true),
                paddingMode: paddingMode)
        }
        addAny("ConvTranspose\(axes)d", "ConvTranspose\(axes)d(inChannels, outChannels, kernelSize: kernel)") {
            let layer = try TransposedConvolution<axes>(
                $0.int(0, "in_channels"), $0.int(1, "out_channels"), kernelSize: $0.requiredPerAxis(2, "kernel_size"),
                stride: $0.perAxis(3, "stride", 1), padding: $0.perAxis(4, "padding", 0),
                outputPadding: $0.perAxis(5, "output_padding", 0), groups: $0.int(6, "groups", 1),
                bias: $0.bool(7, "bias", true), dilation: $0.perAxis(8, "dilation", 1))
            return MadeModule(layer) {
                guard let size = try $0.intList(1, "output_size") else { return .tensor(layer(try $0.x)) }
                return .tensor(layer(try $0.x, outputSize: size))
            }
        }
    }
}

extension Arguments {
    /// Numbers, "valid" or "same".
    fileprivate func convolutionPadding(_ position: Int) throws -> ConvolutionPadding {
        if case .string(let word)? = value(position, "padding") {
            return word == "same" ? .keepingLengths : .perAxis(0)
        }
        return .perAxis(try perAxis(position, "padding", 0))
    }
}
