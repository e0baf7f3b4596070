import Cresset

/// Sets whole examples to zero at random in training, and scales the others up: with a shortcut around what it is
/// applied to, the network is shallower for some examples.
///
/// *Shape*: (N, …); the result has the same shape.
/// *Source*: Huang et al., "Deep Networks with Stochastic Depth", 2016.
public final class StochasticDepth: Layer {
    public let probability: Double
    public var isTraining = true

    /// - Parameter probability: The probability of dropping each example, from 0 to 1.
    public init(_ probability: Double) {
        precondition((0...1).contains(probability), "StochasticDepth: a probability of \(probability)")
        self.probability = probability
    }

    public var details: String { "p=\(probability), mode=row" }

    public func forward(_ x: Tensor) -> Tensor {
        guard isTraining, probability > 0 else { return x }
        let keep = 1 - probability
        let shape = Shape([x.shape[0]] + [Int](repeating: 1, count: x.rank - 1))
        let mask = Tensor.bernoulli(shape, probability: keep, dtype: x.dtype, device: x.device)
        return x * (keep == 0 ? mask : mask / keep)
    }
}
