/// How the losses of the elements are combined.
public enum Reduction: String, Sendable {
    case none, mean, sum
}

extension Tensor {
    /// This tensor of losses, reduced as requested.
    func reduced(by reduction: Reduction) -> Tensor {
        switch reduction {
        case .none: self
        case .mean: mean()
        case .sum: sum()
        }
    }
}
