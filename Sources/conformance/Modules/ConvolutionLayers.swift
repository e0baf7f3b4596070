import Cresset
import CressetNN

extension ModuleTable {
    mutating func addConvolutionModules() {
        addConvolution("Conv1d") {
            Conv1d(
                $0.inputs, $0.outputs, kernelSize: $0.kernel, stride: $0.stride, padding: $1, dilation: $0.dilation,
                groups: $0.groups, bias: $0.bias, paddingMode: $2)
        }
        addConvolution("Conv2d") {
            Conv2d(
                $0.inputs, $0.outputs, kernelSize: $0.kernel, stride: $0.stride, padding: $1, dilation: $0.dilation,
                groups: $0.groups, bias: $0.bias, paddingMode: $2)
        }
        addConvolution("Conv3d") {
            Conv3d(
                $0.inputs, $0.outputs, kernelSize: $0.kernel, stride: $0.stride, padding: $1, dilation: $0.dilation,
                groups: $0.groups, bias: $0.bias, paddingMode: $2)
        }
        addTransposed("ConvTranspose1d") {
            let layer = ConvTranspose1d(
                $0.inputs, $0.outputs, kernelSize: $0.kernel, stride: $0.stride, padding: $1, outputPadding: $2,
                groups: $0.groups, bias: $0.bias, dilation: $0.dilation)
            return (layer, { layer($0, outputSize: $1) })
        }
        addTransposed("ConvTranspose2d") {
            let layer = ConvTranspose2d(
                $0.inputs, $0.outputs, kernelSize: $0.kernel, stride: $0.stride, padding: $1, outputPadding: $2,
                groups: $0.groups, bias: $0.bias, dilation: $0.dilation)
            return (layer, { layer($0, outputSize: $1) })
        }
        addTransposed("ConvTranspose3d") {
            let layer = ConvTranspose3d(
                $0.inputs, $0.outputs, kernelSize: $0.kernel, stride: $0.stride, padding: $1, outputPadding: $2,
                groups: $0.groups, bias: $0.bias, dilation: $0.dilation)
            return (layer, { layer($0, outputSize: $1) })
        }
    }

    private mutating func addConvolution(
        _ name: String,
        _ make: @escaping @Sendable (ConvolutionArguments, ConvolutionPadding, ConvolutionPaddingMode) -> any Layer
    ) {
        add(name, "\(name)(in, out, kernelSize: kernel)") {
            let mode = try $0.string(8, "padding_mode", "zeros")
            guard let paddingMode = ConvolutionPaddingMode(rawValue: mode) else {
                throw Failure("padding mode \(mode) is not known")
            }
            return try make(
                ConvolutionArguments($0, dilation: 5, groups: 6, bias: 7), $0.convolutionPadding(4), paddingMode)
        }
    }

    private mutating func addTransposed(
        _ name: String,
        _ make:
            @escaping @Sendable (ConvolutionArguments, PerAxis, PerAxis) -> (
                any Layer, (Tensor, [Int]) -> Tensor
            )
    ) {
        addAny(name, "\(name)(in, out, kernelSize: kernel)") {
            let (layer, sized) = try make(
                ConvolutionArguments($0, dilation: 8, groups: 6, bias: 7), $0.perAxis(4, "padding", 0),
                $0.perAxis(5, "output_padding", 0))
            return MadeModule(layer) {
                guard let size = try $0.intList(1, "output_size") else { return .tensor(layer(try $0.x)) }
                return .tensor(sized(try $0.x, size))
            }
        }
    }
}

/// What the constructors of all convolutions take.
private struct ConvolutionArguments {
    let inputs, outputs, groups: Int
    let kernel, stride, dilation: PerAxis
    let bias: Bool

    init(_ arguments: Arguments, dilation: Int, groups: Int, bias: Int) throws {
        inputs = try arguments.int(0, "in_channels")
        outputs = try arguments.int(1, "out_channels")
        kernel = try arguments.requiredPerAxis(2, "kernel_size")
        stride = try arguments.perAxis(3, "stride", 1)
        self.dilation = try arguments.perAxis(dilation, "dilation", 1)
        self.groups = try arguments.int(groups, "groups", 1)
        self.bias = try arguments.bool(bias, "bias", true)
    }
}

extension Arguments {
    /// Numbers, "valid" or "same".
    fileprivate func convolutionPadding(_ position: Int) throws -> ConvolutionPadding {
        if case .string(let word)? = value(position, "padding") { return word == "same" ? .same : 0 }
        return .perAxis(try perAxis(position, "padding", 0))
    }
}
