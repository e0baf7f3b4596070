import Cresset

/// An option, a parameter, a gradient or a saved state that an optimizer cannot work with.
public enum OptimizerError: Error, Sendable, Equatable, CustomStringConvertible {
    case noParameters
    /// A pattern that matches no parameter's name.
    case nothingMatches(String)
    case unknownOption(String, known: [String])
    case noGroup(Int, count: Int)
    case outOfRange(option: String, value: Double, allowed: String)
    case duplicate(parameter: String)
    case unsupportedType(parameter: String, DType)
    case conflict(String)
    /// The loss is not a number, or infinite.
    case lossNotFinite(Double)
    /// A gradient contains NaN or infinity.
    case gradientNotFinite(parameter: String)
    /// The norm of the gradients is NaN or infinite, so they cannot be clipped to a norm.
    case normNotFinite(Double, order: Double)
    /// An optimizer for sparse gradients got a dense one.
    case denseGradient(parameter: String)
    case stateMismatch(String)
    /// A rule that evaluates the loss itself was given gradients.
    case needsLoss

    public var description: String {
        switch self {
        case .noParameters:
            "the optimizer got no parameters\n  hint: pass model.parameters"
        case .nothingMatches(let pattern):
            "no parameter's name matches \(pattern)\n  hint: print model.namedParameters for the names; * stands for any text"
        case .unknownOption(let name, let known):
            "this optimizer has no option \(name)\n  hint: it has \(known.joined(separator: ", "))"
        case .noGroup(let index, let count):
            "there is no group \(index)\n  hint: the optimizer has \(count), counted from 0"
        case .outOfRange(let option, let value, let allowed):
            "\(option) is \(value)\n  hint: it must be \(allowed)"
        case .duplicate(let parameter):
            "parameter \(parameter) is in two groups, or in one group twice"
        case .unsupportedType(let parameter, let dtype):
            "parameter \(parameter) is \(dtype)\n  hint: optimizers update float32, float64 and bfloat16"
        case .conflict(let text): text
        case .lossNotFinite(let value):
            "the loss is \(value)\n  hint: lower the learning rate, or look for bad values in the data"
        case .gradientNotFinite(let parameter):
            "the gradient of parameter \(parameter)\(Int(parameter) == nil ? "" : ", counted from 0,") contains NaN or infinity\n  hint: lower the learning rate, clip gradients, or skip such steps"
        case .normNotFinite(let norm, let order):
            "the norm of order \(order) of the gradients is \(norm.isNaN ? "nan" : "\(norm)")\n  hint: lower the learning rate, or skip such steps"
        case .denseGradient(let parameter):
            "the gradient of parameter \(parameter) is dense\n  hint: SparseAdam is for sparse embeddings; use Adam"
        case .needsLoss:
            "LBFGS evaluates the loss several times a step\n  hint: give it the loss: try optimizer.step { loss() }"
        case .stateMismatch(let text): "the saved optimizer does not fit this one: \(text)"
        }
    }
}
