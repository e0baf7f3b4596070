import Cresset

/// Normalises the last axes of each example to mean 0 and variance 1, then scales and shifts element by element.
///
/// *Shape*: (…, shape…); the result has the same shape.
/// *Source*: Ba, Kiros and Hinton, "Layer Normalization", 2016.
public final class LayerNorm: Layer {
    public var isTraining = true
    public let weight, bias: Parameter?
    /// The axes that are normalised.
    public let shape: Shape
    public let epsilon: Double

    ///
    /// - Parameters:
    ///   - shape: The lengths of the last axes: one number or several.
    ///   - epsilon: Added to the variance before the square root.
    ///   - affine: Whether there are a weight and a bias.
    ///   - bias: Whether there is a bias in addition to the weight.
    ///   - dtype: The type of the parameters.
    public init(
        _ shape: some AxisNumbers, epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true,
        dtype: DType = .float32
    ) {
        self.shape = Shape(shape.perAxis.values)
        self.epsilon = epsilon
        (weight, self.bias) = makeAffine(affine ? self.shape : nil, bias: bias, dtype)
    }

    public var details: String {
        "\(shape.pythonTuple), eps=\(epsilon), elementwise_affine=\((weight != nil).python),"
            + " bias=\((bias != nil).python)"
    }

    public func forward(_ x: Tensor) -> Tensor {
        x.layerNormalized(shape: shape, weight: weight?.value, bias: bias?.value, epsilon: epsilon)
    }
}

/// Normalises the channels at each position of a picture to mean 0 and variance 1, then scales and shifts them.
///
/// *Shape*: (N, channels, H, W); the result has the same shape.
/// *Source*: ``LayerNorm``, as ConvNeXt uses it.
public final class LayerNorm2d: Layer {
    public var isTraining = true
    /// (channels).
    public let weight, bias: Parameter
    public let epsilon: Double

    /// - Parameters:
    ///   - channels: The number of channels.
    ///   - epsilon: Added to the variance before the square root.
    public init(_ channels: Int, epsilon: Double = 1e-5) {
        self.epsilon = epsilon
        weight = Parameter(.ones([channels]))
        bias = Parameter(zeros: [channels], dtype: .float32)
    }

    public var details: String { "(\(weight.elementCount),), eps=\(epsilon), elementwise_affine=True, bias=True" }

    public func forward(_ x: Tensor) -> Tensor {
        x.permuted([0, 2, 3, 1])
            .layerNormalized(shape: weight.shape, weight: weight.value, bias: bias.value, epsilon: epsilon)
            .permuted([0, 3, 1, 2])
    }
}

/// Divides the last axes of each example by their root mean square, then scales element by element.
///
/// *Shape*: (…, shape…); the result has the same shape.
/// *Source*: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
public final class RMSNorm: Layer {
    public let weight: Parameter?
    /// The axes that are normalised.
    public let shape: Shape
    public let epsilon: Double?

    ///
    /// - Parameters:
    ///   - shape: The lengths of the last axes: one number or several.
    ///   - epsilon: Added to the mean square; if nil, the dtype's machine epsilon.
    ///   - affine: Whether there is a weight.
    ///   - dtype: The type of the parameters.
    public init(_ shape: some AxisNumbers, epsilon: Double? = nil, affine: Bool = true, dtype: DType = .float32) {
        self.shape = Shape(shape.perAxis.values)
        self.epsilon = epsilon
        weight = affine ? Parameter(.ones(self.shape, dtype: dtype)) : nil
    }

    public var details: String {
        "\(shape.pythonTuple), eps=\(epsilon.python), elementwise_affine=\((weight != nil).python)"
    }

    public func forward(_ x: Tensor) -> Tensor {
        x.rmsNormalized(shape: shape, weight: weight?.value, epsilon: epsilon)
    }
}
