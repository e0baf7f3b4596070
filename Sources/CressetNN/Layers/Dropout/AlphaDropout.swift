import Cresset

/// Sets elements to the value that ``SELU`` approaches far below zero, so that mean and variance are preserved.
///
/// *Source*: Klambauer et al., "Self-Normalizing Neural Networks", 2017.
public final class AlphaDropout: Layer {
    public let probability: Double
    public var isTraining = true

    /// - Parameter probability: The probability of dropping each element, from 0 to below 1.
    public init(_ probability: Double = 0.5) { self.probability = probability }

    public var details: String { "p=\(probability), inplace=False" }

    public func forward(_ x: Tensor) -> Tensor {
        guard isTraining, probability > 0 else { return x }
        let keep = 1 - probability
        let mask = Tensor.bernoulli(x.shape, probability: keep, dtype: x.dtype, device: x.device)
        let low = 1.758_099_340_847_376_6
        let scale = 1 / ((low * low * probability + 1) * keep).squareRoot()
        return x * (mask * scale) + ((mask - 1) * (low * scale) + low * scale * probability)
    }
}
