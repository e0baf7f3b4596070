import Cresset

/// Sets elements to zero at random in training, and scales the others up; does nothing in evaluation.
///
/// *Source*: Srivastava et al., "Dropout", 2014.
public final class Dropout: Layer {
    public let probability: Double
    public var isTraining = true

    /// - Parameter probability: The probability of dropping each element, from 0 to 1.
    public init(_ probability: Double = 0.5) { self.probability = probability }

    public var details: String { "p=\(probability), inplace=False" }

    public func forward(_ x: Tensor) -> Tensor { isTraining ? x.dropout(probability: probability) : x }
}
