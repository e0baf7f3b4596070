import Cresset

/// Multiplies two inputs through a stack of matrices and adds a vector: x1ᵀ weight[k] x2 + bias[k] for each k.
///
/// *Shape*: (…, first) and (…, second) give (…, outFeatures).
public final class Bilinear: Module {
    /// (outFeatures, first, second).
    public let weight: Parameter
    /// (outFeatures).
    public let bias: Parameter?

    /// A layer with random weights within ±1/√first, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - first: The number of features of the first input.
    ///   - second: The number of features of the second input.
    ///   - outFeatures: The number of output features.
    ///   - bias: Whether a bias is added.
    ///   - dtype: The type of the parameters.
    public init(_ first: Int, _ second: Int, _ outFeatures: Int, bias: Bool = true, dtype: DType = .float32) {
        guard first > 0 else { fatalError("Bilinear: the first input cannot have \(first) features") }
        let bound = 1 / Double(first).squareRoot()
        weight = Parameter(zeros: [outFeatures, first, second], dtype: dtype)
        weight.drawUniform(bound: bound)
        self.bias = bias ? Parameter(zeros: [outFeatures], dtype: dtype) : nil
        self.bias?.drawUniform(bound: bound)
    }

    public var details: String {
        "in1_features=\(weight.shape[1]), in2_features=\(weight.shape[2]), out_features=\(weight.shape[0]),"
            + " bias=\((bias != nil).python)"
    }

    /// The product of both inputs with each matrix, and the bias.
    ///
    /// - Parameters:
    ///   - x: The first input, (…, features).
    ///   - y: The second input, (…, features).
    public func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
        x.bilinear(y, weight: weight.value, bias: bias?.value)
    }
}
