import Cresset

/// An option, a parameter, a gradient or a saved state that an optimizer cannot work with.
public enum OptimizerError: ExplainedError, Sendable, Hashable {
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

    public var explanation: Explanation {
        switch self {
        case .noParameters:
            Explanation("the optimizer got no parameters", hint: "pass model.parameters")
        case .nothingMatches(let pattern):
            Explanation(
                "no parameter's name matches \(pattern)",
                hint: "print model.namedParameters for the names; * stands for any text")
        case .unknownOption(let name, let known):
            Explanation("this optimizer has no option \(name)", hint: "it has \(known.joined(separator: ", "))")
        case .noGroup(let index, let count):
            Explanation("there is no group \(index)", hint: "the optimizer has \(count), counted from 0")
        case .outOfRange(let option, let value, let allowed):
            Explanation("\(option) is \(value)", hint: "it must be \(allowed)")
        case .duplicate(let parameter):
            "parameter \(parameter) is in two groups, or in one group twice"
        case .unsupportedType(let parameter, let dtype):
            Explanation("parameter \(parameter) is \(dtype)", hint: "optimizers update float32, float64 and bfloat16")
        case .conflict(let text): Explanation(text)
        case .lossNotFinite(let value):
            Explanation("the loss is \(value)", hint: "lower the learning rate, or look for bad values in the data")
        case .gradientNotFinite(let parameter):
            Explanation(
                "the gradient of parameter \(parameter)\(Int(parameter) == nil ? "" : ", counted from 0,") contains NaN or infinity",
                hint: "lower the learning rate, clip gradients, or skip such steps")
        case .normNotFinite(let norm, let order):
            Explanation(
                "the norm of order \(order) of the gradients is \(norm.isNaN ? "nan" : "\(norm)")",
                hint: "lower the learning rate, or skip such steps")
        case .denseGradient(let parameter):
            Explanation(
                "the gradient of parameter \(parameter) is dense", hint: "SparseAdam is for sparse embeddings; use Adam"
            )
        case .needsLoss:
            Explanation(
                "LBFGS evaluates the loss several times a step", hint: "give it the loss: try optimizer.step { loss() }"
            )
        case .stateMismatch(let text): "the saved optimizer does not fit this one: \(text)"
        }
    }
}
