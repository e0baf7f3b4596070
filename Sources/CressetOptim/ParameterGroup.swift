@_exported import CressetNN

/// Parameters that share options, and the options themselves.
///
/// ```swift
/// let optimizer = try SGD([
///     model.group(matching: "fc.*", lr: 0.01),
///     model.group { !$0.hasPrefix("fc.") },
/// ], lr: 0.001, momentum: 0.9)
/// // The same, and no weight decay for the rest's biases:
/// // SGD(model.groups(["fc.*": [.lr: 0.01], "*.bias": [.weightDecay: 0]]), lr: 0.001, momentum: 0.9)
/// optimizer.groups[1][.weightDecay] = 1e-4
/// print(optimizer)
/// ```
public struct ParameterGroup: Sendable, CustomStringConvertible {
    /// The parameters with their names in the model, or numbers if they have none.
    public let parameters: [Parameter]
    public let names: [String]
    /// The options that differ from the optimizer's own.
    public var options: [Option: Double]
    /// Numbers that are not options, kept for files: PyTorch's schedules leave `initial_lr` and similar entries in a
    /// group, and cannot resume without them.
    public var carried: [String: Double] = [:]
    /// The pattern that picked the parameters; it must match something.
    let pattern: String?

    /// The name of an option that a group may change while training runs.
    public struct Option: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let name: String
        public init(stringLiteral name: String) { self.name = name }

        /// Creates one with these options.
        ///
        /// - Parameter name: The option's name, as PyTorch spells it.
        public init(_ name: String) { self.name = name }
        public var description: String { name }
    }

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - parameters: The parameters.
    ///   - options: The options that differ from the optimizer's.
    public init(_ parameters: [Parameter], _ options: [Option: Double] = [:]) {
        self.parameters = parameters
        names = parameters.indices.map { "\($0)" }
        self.options = options
        pattern = nil
    }

    /// The parameters of `module`, or those whose names match `pattern` if one is given.
    ///
    /// - Parameters:
    ///   - module: The network.
    ///   - pattern: The names to match; `*` matches anything.
    ///   - options: The options that differ from the optimizer's.
    public init(_ module: some Module, matching pattern: String? = nil, _ options: [Option: Double] = [:]) {
        self.init(module, options, pattern: pattern) { name in pattern.map { name.matches(pattern: $0) } ?? true }
    }

    fileprivate init(
        _ named: [(name: String, parameter: Parameter)], _ options: [Option: Double], pattern: String? = nil
    ) {
        parameters = named.map(\.parameter)
        names = named.map(\.name)
        self.options = options
        self.pattern = pattern
    }

    fileprivate init(
        _ module: some Module, _ options: [Option: Double], pattern: String? = nil, where holds: (String) -> Bool
    ) {
        self.init(module.namedParameters.filter { holds($0.name) }, options, pattern: pattern)
    }

    /// The value of an option. Traps if the optimizer does not have it.
    ///
    /// - Parameter option: Which option.
    public subscript(option: Option) -> Double {
        get {
            guard let value = options[option] else { fatalError(missing(option)) }
            return value
        }
        set {
            guard options[option] != nil else { fatalError(missing(option)) }
            options[option] = newValue
        }
    }

    private func missing(_ option: Option) -> String {
        "this optimizer has no option \(option), only \(options.keys.map(\.name).sorted())"
    }

    /// One line: the pattern, the number of parameters and elements, then the options by name.
    public var description: String {
        let elements = parameters.reduce(0) { $0 + $1.elementCount }
        let count = "\(parameters.count) parameter\(parameters.count == 1 ? "" : "s") (\(elements) elements)"
        let settings = options.sorted { $0.key.name < $1.key.name }.map { "\($0.key)=\($0.key.text($0.value))" }
        return ((pattern.map { [$0] } ?? []) + [count] + settings).joined(separator: ", ")
    }
}

extension Module {
    /// A group of the parameters whose names match a pattern of letters and `*`, such as `fc.*`; by default all of
    /// them.
    ///
    /// An optimizer rejects a pattern that matches nothing.
    public func group(
        matching pattern: String = "*", _ options: [ParameterGroup.Option: Double] = [:]
    ) -> ParameterGroup {
        ParameterGroup(self, matching: pattern, options)
    }

    /// A group of the parameters whose names match a pattern, with its own learning rate.
    public func group(matching pattern: String = "*", lr: Double) -> ParameterGroup {
        group(matching: pattern, [.lr: lr])
    }

    /// All parameters, in one group per pattern and a last one for any that match no pattern.
    ///
    /// A parameter is in the group of the first pattern that matches its name.
    ///
    /// ```swift
    /// let optimizer = try AdamW(model.groups(["fc.*": [.lr: 0.01], "*.bias": [.weightDecay: 0]]), lr: 0.001)
    /// ```
    public func groups(_ patterns: KeyValuePairs<String, [ParameterGroup.Option: Double]>) -> [ParameterGroup] {
        var left = namedParameters
        var groups = patterns.map { pattern, options in
            let matching = left.filter { $0.name.matches(pattern: pattern) }
            left.removeAll { $0.name.matches(pattern: pattern) }
            return ParameterGroup(matching, options, pattern: pattern)
        }
        if !left.isEmpty || groups.isEmpty { groups.append(ParameterGroup(left, [:])) }
        return groups
    }

    /// A group of the parameters for whose names `holds` is true.
    public func group(
        _ options: [ParameterGroup.Option: Double] = [:], where holds: (String) -> Bool
    ) -> ParameterGroup {
        ParameterGroup(self, options, where: holds)
    }
}

extension ParameterGroup.Option {
    private static let truths: Set<Self> = [
        .amsgrad, .centered, .decoupledWeightDecay, .maximize, .nesterov, .strongWolfe,
    ]

    /// Whether it is a switch.
    var isTruth: Bool { Self.truths.contains(self) }

    /// The value as a person would write it: true or false for switches, whole numbers without a decimal point.
    fileprivate func text(_ value: Double) -> String {
        if isTruth { return value != 0 ? "true" : "false" }
        return Int(exactly: value).map { abs($0) < 1_000_000 ? "\($0)" : "\(value)" } ?? "\(value)"
    }
}

/// The options' names are PyTorch's. A boolean option in PyTorch is 1 or 0 here; a pair such as `betas` is two options.
extension ParameterGroup.Option {
    /// The learning rate.
    public static let lr: Self = "lr"
    public static let weightDecay: Self = "weight_decay"
    public static let maximize: Self = "maximize"
    /// Added to a denominator.
    public static let epsilon: Self = "eps"
    public static let momentum: Self = "momentum"
    public static let dampening: Self = "dampening"
    public static let nesterov: Self = "nesterov"
    /// The decay rate of the mean of gradients.
    public static let beta1: Self = "beta1"
    /// The decay rate of the mean of squared gradients.
    public static let beta2: Self = "beta2"
    public static let amsgrad: Self = "amsgrad"
    public static let decoupledWeightDecay: Self = "decoupled_weight_decay"
    public static let momentumDecay: Self = "momentum_decay"
    /// Adadelta's decay rate.
    public static let rho: Self = "rho"
    public static let lrDecay: Self = "lr_decay"
    public static let initialAccumulatorValue: Self = "initial_accumulator_value"
    /// RMSprop's decay rate; ASGD's exponent of the learning rate.
    public static let alpha: Self = "alpha"
    public static let centered: Self = "centered"
    public static let etaMinus: Self = "eta_minus"
    public static let etaPlus: Self = "eta_plus"
    public static let minimumStep: Self = "step_size_min"
    public static let maximumStep: Self = "step_size_max"
    public static let lambd: Self = "lambd"
    public static let t0: Self = "t0"
    public static let maximumIterations: Self = "max_iter"
    public static let maximumEvaluations: Self = "max_eval"
    public static let gradientTolerance: Self = "tolerance_grad"
    public static let changeTolerance: Self = "tolerance_change"
    public static let historySize: Self = "history_size"
    /// Whether the line search uses the strong Wolfe conditions.
    public static let strongWolfe: Self = "strong_wolfe"
}
