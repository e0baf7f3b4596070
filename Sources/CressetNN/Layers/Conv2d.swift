import Cresset

/// Convolves (cross-correlates) over 2 spatial axes.
///
/// *Shape*: (N, inChannels, H, W) gives (N, outChannels, H', W'); without N in, without N out.
public final class Conv2d: Layer {
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
            axes: 2, kernelSize, stride: stride, padding: padding, dilation: dilation, groups: groups,
            paddingMode: paddingMode)
        (weight, self.bias) = convolution.makeParameters(inChannels, outChannels, bias: bias, dtype: dtype)
    }

    public var details: String { convolution.details(weight, bias) }

    public func callAsFunction(_ x: Tensor) -> Tensor { convolution(x, weight, bias) }
}

extension Conv2d {
    /// Convolution, batch normalisation, an addition and an activation, as residual networks have them.
    ///
    /// Where nothing is recorded (evaluation without gradients, or a frozen body) the normalisation is folded into the
    /// weights and everything is one pass over memory; otherwise normalisation, addition and activation are one.
    public func callAsFunction(
        _ x: Tensor, norm: BatchNorm2d, adding addend: Tensor? = nil, activation: Epilogue = .none
    ) -> Tensor {
        let isFixed =
            !recordsGradients
            || !(x.requiresGradient || addend?.requiresGradient == true || weight.requiresGradient
                || norm.hasTrainableParameters)
        guard isFixed, !norm.usesBatch, bias == nil, x.dtype == .float32, x.rank == 4,
            convolution.explicitPadding == nil,
            let (weight, bias) = norm.folded(into: weight)
        else { return norm(self(x), adding: addend, activation: activation) }
        return x.fusedConvolution(
            weight: weight, bias: bias, convolution.window, adding: addend, activation: activation)
    }
}
