import Cresset

/// What the transposed convolutions of one, two and three axes share.
struct TransposedConvolutionOptions: Sendable {
    let axes: Int
    let kernelSize: [Int]
    let stride, padding, outputPadding, dilation: PerAxis
    let groups: Int

    /// The weight, then the bias, drawn in PyTorch's order.
    func makeParameters(_ inChannels: Int, _ outChannels: Int, bias: Bool, dtype: DType) -> (Parameter, Parameter?) {
        guard groups >= 1, inChannels % groups == 0, outChannels % groups == 0 else {
            fatalError(
                "ConvTranspose\(axes)d: \(groups) groups do not divide \(inChannels) and \(outChannels) channels")
        }
        let weight = Parameter(.zeros(Shape([inChannels, outChannels / groups] + kernelSize), dtype: dtype))
        weight.kaimingUniform(a: 5.0.squareRoot())
        guard bias else { return (weight, nil) }
        let offset = Parameter(.zeros([outChannels], dtype: dtype))
        offset.drawUniform(bound: 1 / Double(Fan.input.count(weight.shape)).squareRoot())
        return (weight, offset)
    }

    func callAsFunction(_ x: Tensor, _ weight: Parameter, _ bias: Parameter?, outputSize: [Int]?) -> Tensor {
        let extra = outputSize.map { extraPadding(for: x, $0) } ?? outputPadding.expanded(axes)
        let window = Window(
            stride: stride.expanded(axes), padding: padding.expanded(axes), dilation: dilation.expanded(axes),
            groups: groups)
        return x.batched(axes: axes) {
            $0.transposedConvolution(weight: weight.value, bias: bias?.value, window, outputPadding: extra)
        }
    }

    /// How many elements the end of each axis needs for the lengths wanted.
    private func extraPadding(for x: Tensor, _ lengths: [Int]) -> [Int] {
        guard lengths.count == axes, x.rank > axes else {
            fatalError("ConvTranspose\(axes)d: an output of \(lengths) for an input of shape \(x.shape)")
        }
        let (steps, margins, gaps) = (stride.expanded(axes), padding.expanded(axes), dilation.expanded(axes))
        return (0..<axes).map { i in
            let least = (x.shape[x.rank - axes + i] - 1) * steps[i] - 2 * margins[i] + gaps[i] * (kernelSize[i] - 1) + 1
            guard lengths[i] >= least, lengths[i] < least + steps[i] else {
                fatalError(
                    "ConvTranspose\(axes)d: axis \(i) of the output can be \(least) to \(least + steps[i] - 1) long,"
                        + " not \(lengths[i])")
            }
            return lengths[i] - least
        }
    }

    func details(_ weight: Parameter, _ bias: Parameter?) -> String {
        var text = "\(weight.shape[0]), \(weight.shape[1] * groups), kernel_size=\(kernelSize.pythonTuple)"
        text += ", stride=\(stride.tuple(axes))"
        for (name, values, standard) in [
            ("padding", padding, 0), ("dilation", dilation, 1), ("output_padding", outputPadding, 0),
        ] where values.expanded(axes).contains(where: { $0 != standard }) {
            text += ", \(name)=\(values.tuple(axes))"
        }
        if groups != 1 { text += ", groups=\(groups)" }
        if bias == nil { text += ", bias=False" }
        return text
    }
}
