import Cresset

/// Spreads each element by a kernel over one spatial axis.
public typealias ConvTranspose1d = TransposedConvolution<1>
/// Spreads each element by a kernel over two spatial axes.
public typealias ConvTranspose2d = TransposedConvolution<2>
/// Spreads each element by a kernel over three spatial axes.
public typealias ConvTranspose3d = TransposedConvolution<3>

/// Spreads each element by a kernel over `axes` spatial axes: the gradient of a convolution as a layer.
///
/// *Shape*: (N, inChannels, spatial…) gives (N, outChannels, longer spatial…) with lengths (in - 1) stride - 2 padding
/// + dilation (kernel - 1) + outputPadding + 1; an input without N gives a result without N.
/// *Source*: Zeiler et al., "Deconvolutional Networks", 2010.
public final class TransposedConvolution<let axes: Int>: Layer {
    public var isTraining = true
    /// (inChannels, outChannels / groups, kernel…).
    public let weight: Parameter
    /// (outChannels).
    public let bias: Parameter?
    public let kernelSize: [Int]
    public let stride, padding, outputPadding, dilation: PerAxis
    public let groups: Int

    /// A layer with random weights as PyTorch draws them.
    ///
    /// Traps if the groups do not divide both numbers of channels.
    ///
    /// - Parameters:
    ///   - inChannels: The number of input channels.
    ///   - outChannels: The number of output channels.
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - stride: Distance between the kernel positions of neighbouring elements.
    ///   - padding: Elements cut off at either end.
    ///   - outputPadding: Additional elements at the end; less than the stride or the dilation.
    ///   - groups: Independent groups of channels; must divide both numbers of channels.
    ///   - bias: Whether a bias is added.
    ///   - dilation: Distance between the elements of a kernel.
    ///   - dtype: The type of the parameters.
    public init(
        _ inChannels: Int, _ outChannels: Int, kernelSize: some AxisNumbers, stride: some AxisNumbers = 1,
        padding: some AxisNumbers = 0,
        outputPadding: some AxisNumbers = 0, groups: Int = 1, bias: Bool = true, dilation: some AxisNumbers = 1,
        dtype: DType = .float32
    ) {
        self.kernelSize = kernelSize.perAxis.expanded(axes)
        self.stride = stride.perAxis
        self.padding = padding.perAxis
        self.outputPadding = outputPadding.perAxis
        self.dilation = dilation.perAxis
        self.groups = groups
        checkGroups("ConvTranspose\(axes)d", groups, inChannels, outChannels)
        let shape = Shape([inChannels, outChannels / groups] + self.kernelSize)
        (weight, self.bias) = drawnFilter(shape, biases: bias ? outChannels : nil, dtype: dtype)
    }

    public static var className: String { "ConvTranspose\(axes)d" }

    public var details: String {
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

    public func forward(_ x: Tensor) -> Tensor { spread(x, extra: outputPadding.expanded(axes)) }

    /// Chooses the output padding that gives the spatial axes the requested lengths.
    ///
    /// Traps if no output padding below the stride gives these lengths.
    ///
    /// - Parameters:
    ///   - x: The input.
    ///   - outputSize: The lengths of the result, among those that fit; nil for the smallest.
    public func callAsFunction(_ x: Tensor, outputSize: [Int]) -> Tensor {
        observed(spread(x, extra: extraPadding(for: x, outputSize)))
    }

    private func spread(_ x: Tensor, extra: [Int]) -> Tensor {
        let window = Window(
            stride: stride.expanded(axes), padding: padding.expanded(axes), dilation: dilation.expanded(axes),
            groups: groups)
        return x.batched(axes: axes) {
            $0.transposedConvolution(weight: weight.value, bias: bias?.value, window, outputPadding: extra)
        }
    }

    /// How many extra elements the end of each axis needs for the requested lengths.
    private func extraPadding(for x: Tensor, _ lengths: [Int]) -> [Int] {
        guard lengths.count == axes, x.rank > axes else {
            fatalError("ConvTranspose\(axes)d: an output of \(lengths) does not fit an input of shape \(x.shape)")
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
}
