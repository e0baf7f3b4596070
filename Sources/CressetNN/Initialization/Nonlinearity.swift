/// The function after a layer, for initial weights that preserve the scale of what passes through.
///
/// *Source*: `torch.nn.init.calculate_gain`.
public enum Nonlinearity: Sendable, Equatable {
    /// No function, or the sigmoid.
    case linear
    case relu
    case leakyReLU(slope: Double)
    case tanh
    case selu

    /// The recommended scaling factor for the function.
    public var gain: Double {
        switch self {
        case .linear: 1
        case .relu: 2.0.squareRoot()
        case .leakyReLU(let slope): (2 / (1 + slope * slope)).squareRoot()
        case .tanh: 5.0 / 3
        case .selu: 0.75
        }
    }
}

/// How many inputs and outputs an element of a weight (out, in, kernel…) connects.
enum Fan {
    case input, output

    /// Traps unless the weight has two axes or more.
    func count(_ shape: Shape) -> Int {
        guard shape.count >= 2 else {
            fatalError(
                "initialize: a weight of shape \(shape) has no input and output axes\n"
                    + "  hint: a weight has the axes (out, in, kernel…); initialize vectors with initializeUniform")
        }
        let field = shape.dropFirst(2).reduce(1, *)
        return (self == .input ? shape[1] : shape[0]) * field
    }
}
