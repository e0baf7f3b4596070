import Cresset
import Glibc

/// Adam for tables of which a step uses only a few rows, such as embeddings: only those rows, and their state, change.
///
/// The bias correction counts the optimizer's steps, not a row's.
///
/// *Source*: `torch.optim.SparseAdam`.
public final class SparseAdam: Optimizer {
    public let name = "SparseAdam"
    private var list: GroupList
    private var memories: [ObjectIdentifier: ParameterMemory] = [:]
    private static let slots = [Slot("exp_avg"), Slot("exp_avg_sq")]

    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - betas: The decay rates of the averages of the gradient and of its square, each from 0 to below 1.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
        maximize: Bool = false
    ) throws(OptimizerError) {
        list = try GroupList(
            P.groups(parameters),
            defaults: [.lr: lr, .beta1: betas.0, .beta2: betas.1, .epsilon: epsilon, .maximize: maximize ? 1 : 0],
            check: Self.check)
    }

    @Sendable private static func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireTruths()
        try group.requireNotNegative()
        try group.require(.lr, "above 0") { $0 > 0 }
        try group.require(.epsilon, "above 0") { $0 > 0 && $0.isFinite }
        try group.requireShares(.beta1, .beta2)
        for (parameter, name) in zip(group.parameters, group.names) where parameter.shape.isEmpty {
            throw .conflict("parameter \(name) is a scalar, which has no rows")
        }
    }

    public var groups: [ParameterGroup] {
        get { list.groups }
        _modify { yield &list.groups }
    }

    public func add(_ group: ParameterGroup) throws(OptimizerError) { try list.add(group) }

    public func check(_ group: ParameterGroup) throws(OptimizerError) { try Self.check(group) }

    /// Updates the rows that have a gradient.
    ///
    /// - Parameter gradients: The gradients of the parameters.
    /// - Throws: ``OptimizerError/denseGradient(parameter:)`` if a parameter of the optimizer has a dense gradient;
    ///   nothing has changed then. Traps if `gradients` are those of other parameters only.
    public func step(_ gradients: Gradients) throws(OptimizerError) {
        gradients.require(for: groups, name)
        for group in groups {
            for (parameter, name) in zip(group.parameters, group.names) where parameter.requiresGradient {
                if gradients.rows(of: parameter) == nil, gradients[parameter] != nil {
                    throw .denseGradient(parameter: name)
                }
            }
        }
        for group in groups {
            for parameter in group.parameters where parameter.requiresGradient {
                guard let rows = gradients.rows(of: parameter) else { continue }
                withoutGradients { step(parameter, rows.coalesced(), group) }
            }
        }
    }

    /// Updates the rows that have a gradient, unless one contains NaN or infinity.
    ///
    /// - Parameters:
    ///   - gradients: The gradients of the parameters.
    ///   - policy: What to do if a gradient is not finite.
    /// - Returns: Whether the step was made.
    /// - Throws: Like ``step(_:)``, and ``OptimizerError/gradientNotFinite(parameter:)`` if `policy` is `.stop`;
    ///   nothing has changed then.
    @discardableResult
    public func step(
        _ gradients: Gradients, ifNotFinite policy: GradientOptimizer.NonFinitePolicy
    ) throws(OptimizerError) -> Bool {
        for group in groups {
            for (parameter, name) in zip(group.parameters, group.names) where parameter.requiresGradient {
                guard let values = gradients.rows(of: parameter)?.values, values.elementCount > 0 else { continue }
                if values.detached().abs().amax().item().isFinite { continue }
                if policy == .stop { throw .gradientNotFinite(parameter: name) }
                return false
            }
        }
        try step(gradients)
        return true
    }

    private func step(_ parameter: Parameter, _ rows: SparseRows, _ group: ParameterGroup) {
        let memory = memories[ObjectIdentifier(parameter)] ?? ParameterMemory(parameter, Progress())
        memories[ObjectIdentifier(parameter)] = memory
        memory.keep(Self.slots)
        memory.progress.isNew = false
        memory.progress.count += 1
        if rows.count == 0 { return }
        // Rows are extracted, stepped as Adam steps a whole parameter, and put back.
        let t = Double(memory.progress.count)
        // PyTorch adds epsilon to the root before bias correction.
        let rule = OptimizerStep.Rule.adam(
            lr: group[.lr] * sqrt(1 - pow(group[.beta2], t)) / (1 - pow(group[.beta1], t)), beta1: group[.beta1],
            beta2: group[.beta2], epsilon: group[.epsilon], correction: 1, amsgrad: false)
        parameter.update { table in
            var state = memory.tensors.map { $0.indexSelect(axis: 0, indices: rows.indices) }
            var taken = table.indexSelect(axis: 0, indices: rows.indices)
            let target = FusedStep.lend(&taken, gradient: rows.values, state: &state)
            FusedStep.run([target], OptimizerStep(rule, maximizes: group.isOn(.maximize)), device: taken.device)
            table.replaceRows(rows.indices, with: taken)
            for i in state.indices { memory.tensors[i].replaceRows(rows.indices, with: state[i]) }
        }
    }

    public var state: OptimizerState {
        OptimizerState(
            optimizer: name,
            groups: groups.map { group in
                OptimizerState.Group(
                    group, parameters: group.parameters.map { memories[ObjectIdentifier($0)].map { $0.state([]) } })
            })
    }

    public func load(_ state: OptimizerState) throws(OptimizerError) {
        var loaded: [ObjectIdentifier: ParameterMemory] = [:]
        let groups = try state.fitted(to: self)
        for (group, saved) in zip(groups, state.groups) {
            for (i, parameter) in group.parameters.enumerated() {
                guard let entry = saved.parameters[i] else { continue }
                loaded[ObjectIdentifier(parameter)] = try ParameterMemory(
                    parameter, entry, slots: Self.slots, numbers: [], "parameter \(group.names[i])")
            }
        }
        list.groups = groups
        memories = loaded
    }
}
