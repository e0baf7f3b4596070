/// A rule that changes parameters by their gradients.
///
/// ```swift
/// let optimizer = try SGD(model.parameters, lr: 0.1, momentum: 0.9)
/// for (x, y) in batches {
///     let loss = model(x).crossEntropy(y)
///     optimizer.step(loss.gradients())
/// }
/// ```
public protocol Optimizer: AnyObject {
    /// The groups; their options may be changed between steps.
    var groups: [ParameterGroup] { get set }
    /// Changes every parameter that has a gradient and is not frozen.
    func step(_ gradients: Gradients)
    /// Adds a group, which takes the options it does not name from the optimizer's own.
    func add(_ group: ParameterGroup) throws(OptimizerError)
}

extension Optimizer {
    /// The learning rate of the first group; setting it sets every group's.
    public var learningRate: Double {
        get { groups[0][.lr] }
        set { for i in groups.indices { groups[i][.lr] = newValue } }
    }
}

/// What optimizers share: groups completed and checked.
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

    /// Nothing is changed where it throws.
    mutating func add(_ group: ParameterGroup) throws(OptimizerError) {
        for option in group.options.keys where defaults[option] == nil {
            throw .unknownOption(option.name, known: defaults.keys.map(\.name).sorted())
        }
        var seen = Set(groups.flatMap(\.parameters).map(ObjectIdentifier.init))
        for (parameter, name) in zip(group.parameters, group.names) {
            if !seen.insert(ObjectIdentifier(parameter)).inserted { throw .duplicate(parameter: name) }
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
}
