import Cresset

/// Convolves (cross-correlates) over 1 spatial axis.
///
/// *Shape*: (N, inChannels, L) gives (N, outChannels, L'); without N in, without N out.
public final class Conv1d: Layer {
    /// (outChannels, inChannels / groups, kernel…).
    public let weight: Parameter
    /// (outChannels).
    public let bias: Parameter?
    private let convolution: ConvolutionOptions

    /// A layer with random weights as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - stride: Steps between windows.
    ///   - padding: Elements put around the input.
    ///   - dilation: Distance between the elements of a window.
    ///   - groups: Independent groups of channels; must divide both numbers of channels.
    ///   - paddingMode: What the elements around the input are.
    public init(
        _ inChannels: Int, _ outChannels: Int, kernelSize: PerAxis, stride: PerAxis = 1,
        padding: ConvolutionPadding = 0, dilation: PerAxis = 1, groups: Int = 1, bias: Bool = true,
        paddingMode: ConvolutionPaddingMode = .zeros, dtype: DType = .float32
    ) {
        convolution = ConvolutionOptions(
            axes: 1, kernelSize, stride: stride, padding: padding, dilation: dilation, groups: groups,
            paddingMode: paddingMode)
        (weight, self.bias) = convolution.makeParameters(inChannels, outChannels, bias: bias, dtype: dtype)
    }

    public var details: String { convolution.details(weight, bias) }

    public func callAsFunction(_ x: Tensor) -> Tensor { convolution(x, weight, bias) }
}
