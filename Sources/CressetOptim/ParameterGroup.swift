@_exported import CressetNN

/// Parameters that share options, and the options themselves.
///
/// ```swift
/// let optimizer = try SGD([
///     ParameterGroup(body, [.lr: 0.001]),
///     ParameterGroup(head, [.lr: 0.01, .weightDecay: 1e-4]),
/// ], lr: 0.001, momentum: 0.9)
/// ```
public struct ParameterGroup: Sendable {
    /// The parameters with their names in the model, where they have any.
    public let parameters: [Parameter]
    public let names: [String]
    /// The options that differ from the optimizer's own.
    public var options: [Option: Double]

    /// The name of an option that a group may change while training runs.
    public struct Option: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let name: String
        public init(stringLiteral name: String) { self.name = name }
        public init(_ name: String) { self.name = name }
        public var description: String { name }

        public static let lr: Option = "lr"
        public static let momentum: Option = "momentum"
        public static let dampening: Option = "dampening"
        public static let weightDecay: Option = "weight_decay"
        /// 1 for yes, 0 for no; so is ``maximize``.
        public static let nesterov: Option = "nesterov"
        public static let maximize: Option = "maximize"
    }

    public init(_ parameters: [Parameter], _ options: [Option: Double] = [:]) {
        self.parameters = parameters
        names = parameters.indices.map { "\($0)" }
        self.options = options
    }

    /// The parameters of `module`, those whose names match `pattern` where one is given.
    public init(_ module: some Module, matching pattern: String? = nil, _ options: [Option: Double] = [:]) {
        let named = module.namedParameters.filter { entry in pattern.map { entry.name.matches(pattern: $0) } ?? true }
        parameters = named.map(\.parameter)
        names = named.map(\.name)
        self.options = options
    }

    /// The value of an option. Traps for one that the optimizer does not have.
    public subscript(option: Option) -> Double {
        get {
            guard let value = options[option] else {
                fatalError("this optimizer has no option \(option), only \(options.keys.map(\.name).sorted())")
            }
            return value
        }
        set {
            guard options[option] != nil else {
                fatalError("this optimizer has no option \(option), only \(options.keys.map(\.name).sorted())")
            }
            options[option] = newValue
        }
    }
}

/// An option or a parameter that an optimizer cannot work with.
public enum OptimizerError: Error, Sendable, Equatable, CustomStringConvertible {
    case noParameters
    case unknownOption(String, known: [String])
    case outOfRange(option: String, value: Double, allowed: String)
    case duplicate(parameter: String)
    case conflict(String)
    case stateMismatch(String)

    public var description: String {
        switch self {
        case .noParameters:
            "the optimizer got no parameters\n  hint: pass model.parameters"
        case .unknownOption(let name, let known):
            "this optimizer has no option \(name)\n  hint: it has \(known.joined(separator: ", "))"
        case .outOfRange(let option, let value, let allowed):
            "\(option) is \(value)\n  hint: it must be \(allowed)"
        case .duplicate(let parameter):
            "parameter \(parameter) is in two groups, or twice in one"
        case .conflict(let text): text
        case .stateMismatch(let text): "the saved optimizer does not fit this one: \(text)"
        }
    }
}
