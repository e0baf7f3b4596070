import Cresset

/// Scales each channel by a number computed from the means of all channels.
///
/// *Shape*: (N, channels, H, W); the result has the same shape.
/// *Source*: Hu et al., "Squeeze-and-Excitation Networks", 2017.
public final class SqueezeExcitation: Layer {
    public let avgpool = AdaptiveAvgPool2d(1)
    /// 1×1 convolutions to a few channels and back.
    public let fc1, fc2: Conv2d
    public let activation, scaleActivation: any Layer

    /// A layer with random weights.
    ///
    /// - Parameters:
    ///   - channels: The number of channels.
    ///   - squeezed: The number of channels between the two convolutions.
    ///   - activation: What follows the first convolution.
    ///   - scaling: What makes the scales of the second one's results.
    public init(
        _ channels: Int, squeezed: Int, activation: any Layer = ReLU(), scaling: any Layer = Sigmoid()
    ) {
        fc1 = Conv2d(channels, squeezed, kernelSize: 1)
        fc2 = Conv2d(squeezed, channels, kernelSize: 1)
        self.activation = activation
        scaleActivation = scaling
    }

    public func forward(_ x: Tensor) -> Tensor {
        let squeezed = fc1(avgpool(x), norm: nil, activation: activation)
        return x * fc2(squeezed, norm: nil, activation: scaleActivation)
    }
}
