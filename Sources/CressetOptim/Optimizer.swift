/// A rule that updates parameters, together with the parameters it updates.
///
/// Most rules need only a gradient: they are subclasses of ``GradientOptimizer``. ``LBFGS`` evaluates the loss several
/// times per step.
public protocol Optimizer: AnyObject, CustomStringConvertible {
    /// PyTorch's name for it: `Adam`.
    var name: String { get }
    /// The groups. Options may be changed between steps; values set directly are not checked, see ``Optimizer/set(_:to:group:)``.
    var groups: [ParameterGroup] { get set }
    /// Adds a group; options it does not set are taken from the optimizer's own.
    ///
    /// - Parameter group: The new parameters, with their options.
    func add(_ group: ParameterGroup) throws(OptimizerError)
    /// Everything the next step depends on besides the parameters: to be saved and loaded later.
    var state: OptimizerState { get }
    /// Restores a saved state, including options. If it throws, nothing has changed.
    ///
    /// - Parameter state: The saved state.
    func load(_ state: OptimizerState) throws(OptimizerError)
    /// Throws if a rule cannot work with the options of `group`.
    func check(_ group: ParameterGroup) throws(OptimizerError)
    /// Whether a step evaluates the loss itself, so that gradients alone are not enough. Default: false.
    var needsLoss: Bool { get }
    /// Updates every parameter that has a gradient and is not frozen.
    ///
    /// Traps if `gradients` are those of other parameters only.
    ///
    /// - Throws: ``OptimizerError`` for rules that need more than a dense gradient.
    func step(_ gradients: Gradients) throws(OptimizerError)
    /// Evaluates `loss` as often as the rule needs, and updates the parameters to reduce it.
    ///
    /// - Returns: The loss before the step.
    /// - Throws: Any error that `loss` throws, and ``OptimizerError``.
    @discardableResult
    func step(_ loss: () throws -> Tensor) throws -> Double
}

extension Optimizer {
    public var needsLoss: Bool { false }

    @discardableResult
    public func step(_ loss: () throws -> Tensor) throws -> Double {
        let value = try loss()
        try step(value.gradients())
        return value.detached().item()
    }

    /// The learning rate of the first group; setting it sets every group's to the same value.
    ///
    /// If groups have different rates, ``scaleLearningRates(by:)`` keeps their ratios.
    public var learningRate: Double {
        get { groups[0][.lr] }
        set { for i in groups.indices { groups[i][.lr] = newValue } }
    }

    /// Multiplies every group's learning rate by `factor`.
    public func scaleLearningRates(by factor: Double) {
        for i in groups.indices { groups[i][.lr] *= factor }
    }

    /// Changes an option, of one group or of all.
    ///
    /// - Parameters:
    ///   - option: Which option.
    ///   - value: The new value.
    ///   - index: The number of the group; nil for all.
    /// - Throws: ``OptimizerError`` if the optimizer does not have it or the value is out of range; nothing has changed
    ///   then.
    public func set(
        _ option: ParameterGroup.Option, to value: Double, group index: Int? = nil
    ) throws(OptimizerError) {
        var changed = groups
        for i in index.map({ [$0] }) ?? Array(changed.indices) {
            guard changed.indices.contains(i) else { throw .noGroup(i, count: changed.count) }
            guard changed[i].options[option] != nil else {
                throw .unknownOption(option.name, known: changed[i].options.keys.map(\.name).sorted())
            }
            changed[i].options[option] = value
            try check(changed[i])
        }
        groups = changed
    }

    /// The groups as a table: parameters, elements, options.
    public var description: String {
        var lines = [name]
        for (i, group) in groups.enumerated() { lines.append("  \(i): \(group)") }
        return lines.joined(separator: "\n")
    }
}

/// What optimizers are created with: a list of parameters, or a list of groups.
public protocol ParameterList {
    /// The groups that an optimizer creates from its arguments.
    ///
    /// - Parameter list: The arguments.
    static func groups(_ list: [Self]) -> [ParameterGroup]
}

extension Parameter: ParameterList {
    public static func groups(_ list: [Parameter]) -> [ParameterGroup] { [ParameterGroup(list)] }
}

extension ParameterGroup: ParameterList {
    public static func groups(_ list: [ParameterGroup]) -> [ParameterGroup] { list }
}

/// What optimizers share: groups, completed and checked.
struct GroupList {
    let defaults: [ParameterGroup.Option: Double]
    let check: @Sendable (ParameterGroup) throws(OptimizerError) -> Void
    var groups: [ParameterGroup] = []

    init(
        _ given: [ParameterGroup], defaults: [ParameterGroup.Option: Double],
        check: @escaping @Sendable (ParameterGroup) throws(OptimizerError) -> Void
    ) throws(OptimizerError) {
        self.defaults = defaults
        self.check = check
        for group in given { try add(group) }
        if groups.allSatisfy({ $0.parameters.isEmpty }) { throw .noParameters }
    }

    /// If it throws, nothing has changed.
    mutating func add(_ group: ParameterGroup) throws(OptimizerError) {
        if group.parameters.isEmpty, let pattern = group.pattern { throw .nothingMatches(pattern) }
        for option in group.options.keys where defaults[option] == nil {
            throw .unknownOption(option.name, known: defaults.keys.map(\.name).sorted())
        }
        var seen = Set(groups.flatMap(\.parameters).map(ObjectIdentifier.init))
        for (parameter, name) in zip(group.parameters, group.names) {
            if !seen.insert(ObjectIdentifier(parameter)).inserted { throw .duplicate(parameter: name) }
            guard [.float32, .float64, .bfloat16].contains(parameter.dtype) else {
                throw .unsupportedType(parameter: name, parameter.dtype)
            }
        }
        var completed = group
        completed.options = defaults.merging(group.options) { $1 }
        try check(completed)
        groups.append(completed)
    }
}

extension ParameterGroup {
    func require(_ option: Option, _ allowed: String, _ holds: (Double) -> Bool) throws(OptimizerError) {
        let value = self[option]
        if !holds(value) { throw .outOfRange(option: option.name, value: value, allowed: allowed) }
    }

    /// Requires the learning rate, and those of `options` that the rule has, to be 0 or more.
    func requireNotNegative(_ options: Option...) throws(OptimizerError) {
        for option in [.lr] + options { try require(option, "0 or more") { $0 >= 0 && $0.isFinite } }
    }

    /// Requires each of `options` to be a share: 0 or more and below 1.
    func requireShares(_ options: Option...) throws(OptimizerError) {
        for option in options { try require(option, "0 or more and below 1") { $0 >= 0 && $0 < 1 } }
    }

    /// Requires switches to be 1 or 0.
    func requireTruths() throws(OptimizerError) {
        for option in options.keys where option.isTruth { try require(option, "0 or 1") { $0 == 0 || $0 == 1 } }
    }

    func isOn(_ option: Option) -> Bool { self[option] != 0 }
}

extension Gradients {
    /// Whether any parameter of `groups` has a gradient.
    private func reach(_ groups: [ParameterGroup]) -> Bool {
        groups.contains { group in
            group.parameters.contains { $0.requiresGradient && (rows(of: $0) != nil || self[$0] != nil) }
        }
    }

    /// Traps if there are gradients, but none for the parameters of an optimizer: it would wait forever for a layer
    /// that has left the model.
    func require(for groups: [ParameterGroup], _ optimizer: String) {
        let parameters = groups.flatMap(\.parameters).filter(\.requiresGradient)
        if count == 0 || parameters.isEmpty || reach(groups) { return }
        fatalError(
            "\(optimizer).step: none of the optimizer's \(parameters.count) parameters has a gradient, \(count) others have\n"
                + "  hint: a layer replaced after the optimizer was made is unknown to it; make the optimizer last")
    }
}
