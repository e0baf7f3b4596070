import Cresset

/// Multiplies by a matrix and adds a vector: x weightᵀ + bias.
///
/// *Shape*: (…, inFeatures) gives (…, outFeatures).
public final class Linear: Layer {
    /// (outFeatures, inFeatures).
    public let weight: Parameter
    /// (outFeatures).
    public let bias: Parameter?

    /// A layer with random weights within ±1/√inFeatures, as PyTorch draws them.
    public init(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType = .float32) {
        weight = Parameter(.zeros([outFeatures, inFeatures], dtype: dtype))
        weight.initializeAsFilter()
        self.bias = bias ? Parameter(.zeros([outFeatures], dtype: dtype)) : nil
        if inFeatures > 0 { self.bias?.drawUniform(bound: 1 / Double(inFeatures).squareRoot()) }
    }

    public var inFeatures: Int { weight.shape[1] }
    public var outFeatures: Int { weight.shape[0] }
    public var details: String {
        "in_features=\(inFeatures), out_features=\(outFeatures), bias=\(bias == nil ? "False" : "True")"
    }

    public func forward(_ x: Tensor) -> Tensor { x.linear(weight: weight.value, bias: bias?.value) }
}
