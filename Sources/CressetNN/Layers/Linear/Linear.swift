import Cresset

/// Multiplies by a matrix and adds a vector: x weightᵀ + bias.
///
/// *Shape*: (…, inFeatures) gives (…, outFeatures).
public final class Linear: Layer {
    public var isTraining = true
    /// (outFeatures, inFeatures).
    public var weight: Parameter
    /// (outFeatures).
    public var bias: Parameter?

    /// A layer with random weights within ±1/√inFeatures, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - inFeatures: The number of input features.
    ///   - outFeatures: The number of output features.
    ///   - bias: Whether a number is added to each output.
    ///   - dtype: The type of the parameters.
    public init(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType = .float32) {
        weight = Parameter(zeros: [outFeatures, inFeatures], dtype: dtype)
        weight.initializeAsFilter()
        self.bias = bias ? Parameter(zeros: [outFeatures], dtype: dtype) : nil
        if inFeatures > 0 { self.bias?.drawUniform(bound: 1 / Double(inFeatures).squareRoot()) }
    }

    /// A layer with existing parameters: for example an embedding's, for a decoder tied to it.
    ///
    /// - Parameters:
    ///   - weight: The matrix, (out features, in features), which may be shared with another layer.
    ///   - bias: Whether a number is added to each output.
    public init(weight: Parameter, bias: Parameter? = nil) {
        guard weight.shape.count == 2 else { fatalError("Linear: the weight, \(weight.shape), must have two axes") }
        self.weight = weight
        self.bias = bias
    }

    public var inFeatures: Int { weight.shape[1] }
    public var outFeatures: Int { weight.shape[0] }
    public var details: String {
        "in_features=\(inFeatures), out_features=\(outFeatures), bias=\(bias == nil ? "False" : "True")"
    }

    public func forward(_ x: Tensor) -> Tensor { x.linear(weight: weight.value, bias: bias?.value) }

    /// The layer and an activation, in one pass over memory where the device can append it.
    ///
    /// - Parameters:
    ///   - x: The input, (…, in features).
    ///   - activation: The activation applied last.
    public func callAsFunction(_ x: Tensor, activation: any Layer) -> Tensor {
        guard ForwardHook.current == nil, let epilogue = (activation as? any PointwiseActivation)?.epilogue else {
            return activation(self(x))
        }
        return x.linear(weight: weight.value, bias: bias?.value, activation: epilogue)
    }
}

extension Linear: AbsorbingLayer {
    package func absorbing(_ next: ArraySlice<any Layer>) -> (count: Int, call: (Tensor) -> Tensor)? {
        guard let activation = next.first as? any PointwiseActivation else { return nil }
        return (1, { self($0, activation: activation) })
    }
}
