import Cresset

/// A module that measures how far predictions are from targets.
public protocol Loss: Module {
    /// How the losses of the elements become one number.
    var reduction: Reduction { get }

    /// The loss of a network's output, compared with the expected output.
    ///
    /// - Parameters:
    ///   - x: The network's output.
    ///   - target: The expected answers.
    func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor
}

extension CrossEntropyLoss: Loss {}
