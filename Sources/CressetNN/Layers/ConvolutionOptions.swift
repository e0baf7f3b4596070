import Cresset

/// What the elements are that a convolution puts around its input.
public enum ConvolutionPaddingMode: String, Sendable {
    case zeros, reflect, replicate, circular
}

/// What the convolution layers of one, two and three axes share.
struct ConvolutionOptions: Sendable {
    let axes: Int
    let kernelSize: [Int]
    let stride, dilation: PerAxis
    let padding: ConvolutionPadding
    let groups: Int
    let paddingMode: ConvolutionPaddingMode

    init(
        axes: Int, _ kernelSize: PerAxis, stride: PerAxis, padding: ConvolutionPadding, dilation: PerAxis, groups: Int,
        paddingMode: ConvolutionPaddingMode
    ) {
        if padding == .same, stride.values.contains(where: { $0 != 1 }) {
            fatalError("Conv\(axes)d: padding \"same\" needs a stride of 1, not \(stride.values)")
        }
        self.axes = axes
        self.kernelSize = kernelSize.expanded(axes)
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.paddingMode = paddingMode
    }

    var window: Window {
        switch padding {
        case .perAxis(let padding):
            Window(
                stride: stride.expanded(axes), padding: padding.expanded(axes), dilation: dilation.expanded(axes),
                groups: groups)
        case .same: .same(kernel: kernelSize, dilation: dilation.expanded(axes), groups: groups)
        }
    }

    /// The weight, then the bias, drawn in PyTorch's order.
    func makeParameters(_ inChannels: Int, _ outChannels: Int, bias: Bool, dtype: DType) -> (Parameter, Parameter?) {
        guard groups >= 1, inChannels % groups == 0, outChannels % groups == 0 else {
            fatalError("Conv\(axes)d: \(groups) groups do not divide \(inChannels) and \(outChannels) channels")
        }
        let weight = Parameter(.zeros(Shape([outChannels, inChannels / groups] + kernelSize), dtype: dtype))
        weight.kaimingUniform(a: 5.0.squareRoot())
        guard bias else { return (weight, nil) }
        let offset = Parameter(.zeros([outChannels], dtype: dtype))
        offset.drawUniform(bound: 1 / Double(Fan.input.count(weight.shape)).squareRoot())
        return (weight, offset)
    }

    func callAsFunction(_ x: Tensor, _ weight: Parameter, _ bias: Parameter?) -> Tensor {
        x.batched(axes: axes) { x in
            guard let mode = explicitPadding else {
                return x.convolution(weight: weight.value, bias: bias?.value, window)
            }
            // The kernels know zeros only: everything else is put around the input first.
            var inner = window
            let (before, after) = (inner.padding, inner.paddingAfter ?? inner.padding)
            let amounts = zip(before, after).reversed().flatMap { [$0, $1] }
            (inner.padding, inner.paddingAfter) = ([0], nil)
            return x.padded(amounts, mode).convolution(weight: weight.value, bias: bias?.value, inner)
        }
    }

    /// What is put around the input by an operator of its own; nil where it is zeros.
    var explicitPadding: TensorPadding? {
        switch paddingMode {
        case .zeros: nil
        case .reflect: .reflect
        case .replicate: .replicate
        case .circular: .circular
        }
    }

    func details(_ weight: Parameter, _ bias: Parameter?) -> String {
        var text = "\(weight.shape[1] * groups), \(weight.shape[0]), kernel_size=\(PerAxis(kernelSize).tuple(axes))"
        text += ", stride=\(stride.tuple(axes))"
        switch padding {
        case .same: text += ", padding=same"
        case .perAxis(let padding) where padding.expanded(axes).contains(where: { $0 != 0 }):
            text += ", padding=\(padding.tuple(axes))"
        case .perAxis: break
        }
        if dilation.expanded(axes).contains(where: { $0 != 1 }) { text += ", dilation=\(dilation.tuple(axes))" }
        if groups != 1 { text += ", groups=\(groups)" }
        if bias == nil { text += ", bias=False" }
        if paddingMode != .zeros { text += ", padding_mode=\(paddingMode.rawValue)" }
        return text
    }
}
