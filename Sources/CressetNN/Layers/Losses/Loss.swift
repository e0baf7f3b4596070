import Cresset

/// A module that measures how far predictions are from targets.
public protocol Loss: Module {
    /// How the losses of the elements become one number.
    var reduction: Reduction { get }

    /// The loss of what a network gives, beside what it should give.
    ///
    /// - Parameters:
    ///   - x: What the network gives.
    ///   - target: What the answers should be.
    func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor
}

extension CrossEntropyLoss: Loss {}
