import Cresset

/// Spreads each element by a kernel over three spatial axes: the gradient of a convolution as a layer.
///
/// *Shape*: (N, inChannels, D, H, W) gives (N, outChannels, D', H', W') with lengths
/// (in - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1; without N in, without N out.
/// *Source*: Zeiler et al., "Deconvolutional Networks", 2010.
public final class ConvTranspose3d: Layer {
    /// (inChannels, outChannels / groups, kernel…).
    public let weight: Parameter
    /// (outChannels).
    public let bias: Parameter?
    private let convolution: TransposedConvolutionOptions

    /// A layer with random weights as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - stride: Steps between what neighbouring elements reach.
    ///   - padding: Elements cut off at either end.
    ///   - outputPadding: Elements more at the end; less than the stride or the dilation.
    ///   - groups: Independent groups of channels; must divide both numbers of channels.
    ///   - dilation: Distance between the elements of a kernel.
    public init(
        _ inChannels: Int, _ outChannels: Int, kernelSize: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0,
        outputPadding: PerAxis = 0, groups: Int = 1, bias: Bool = true, dilation: PerAxis = 1, dtype: DType = .float32
    ) {
        convolution = TransposedConvolutionOptions(
            axes: 3, kernelSize: kernelSize.expanded(3), stride: stride, padding: padding,
            outputPadding: outputPadding, dilation: dilation, groups: groups)
        (weight, self.bias) = convolution.makeParameters(inChannels, outChannels, bias: bias, dtype: dtype)
    }

    public var details: String { convolution.details(weight, bias) }

    public func callAsFunction(_ x: Tensor) -> Tensor { convolution(x, weight, bias, outputSize: nil) }

    /// Chooses the output padding so that the spatial axes become as long as asked.
    public func callAsFunction(_ x: Tensor, outputSize: [Int]) -> Tensor {
        convolution(x, weight, bias, outputSize: outputSize)
    }
}
