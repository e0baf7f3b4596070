import Cresset

/// An optimizer that needs only a gradient: all except ``LBFGS``.
///
/// ```swift
/// let optimizer = try Adam(model.parameters, lr: 1e-3)
/// for (x, y) in batches {
///     let loss = model(x).crossEntropy(y)
///     optimizer.step(loss.gradients())
/// }
/// ```
///
/// Subclasses supply the rule; the step itself is one pass of the backend over all parameters of a group. The state for
/// bfloat16 parameters is kept in float32.
public class GradientOptimizer: Optimizer {
    /// What to do if a gradient contains NaN or infinity.
    public enum NonFinitePolicy: Sendable {
        /// Leave the parameters as they are, and continue.
        case skip
        /// Throw an error that names the parameter.
        case stop
    }

    private let rule: any UpdateRule
    private var list: GroupList
    private var memories: [ObjectIdentifier: ParameterMemory] = [:]

    init(
        _ rule: some UpdateRule, _ groups: [ParameterGroup], _ defaults: [ParameterGroup.Option: Double]
    ) throws(OptimizerError) {
        self.rule = rule
        list = try GroupList(groups, defaults: defaults) { group throws(OptimizerError) in try rule.check(group) }
    }

    public final var name: String { rule.name }

    public final var groups: [ParameterGroup] {
        get { list.groups }
        _modify { yield &list.groups }
    }

    public final func add(_ group: ParameterGroup) throws(OptimizerError) { try list.add(group) }

    public final func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireTruths()
        try rule.check(group)
    }

    /// Updates every parameter that has a gradient and is not frozen.
    ///
    /// Traps if `gradients` are those of other parameters only.
    public final func step(_ gradients: Gradients) {
        var isAny = false
        for group in groups where step(group, gradients) { isAny = true }
        if !isAny { gradients.require(for: groups, name) }
    }

    /// Updates every parameter, unless a gradient contains NaN or infinity.
    ///
    /// - Parameters:
    ///   - gradients: The gradients of the parameters.
    ///   - policy: What to do if a gradient is not finite.
    /// - Returns: Whether the step was made.
    /// - Throws: ``OptimizerError/gradientNotFinite(parameter:)`` if `policy` is ``NonFinitePolicy/stop``; nothing has
    ///   changed then.
    @discardableResult
    public final func step(_ gradients: Gradients, ifNotFinite policy: NonFinitePolicy) throws(OptimizerError) -> Bool {
        for group in groups {
            guard let name = gradients.firstNotFinite(of: group) else { continue }
            if policy == .stop { throw .gradientNotFinite(parameter: name) }
            return false
        }
        step(gradients)
        return true
    }

    /// Updates every parameter by the gradients of `loss`, unless it or a gradient is NaN or infinite.
    ///
    /// - Returns: Whether the step was made.
    /// - Throws: ``OptimizerError/lossNotFinite(_:)`` or ``OptimizerError/gradientNotFinite(parameter:)`` if `policy`
    ///   is ``NonFinitePolicy/stop``; nothing has changed then.
    @discardableResult
    public final func step(minimizing loss: Tensor, ifNotFinite policy: NonFinitePolicy) throws(OptimizerError) -> Bool
    {
        let value = loss.detached().item()
        if value.isFinite { return try step(loss.gradients(), ifNotFinite: policy) }
        if policy == .stop { throw .lossNotFinite(value) }
        return false
    }

    private struct Batch: Hashable {
        let progress: Progress
        let device: Device
    }

    /// Whether any parameter was updated.
    private func step(_ group: ParameterGroup, _ gradients: Gradients) -> Bool {
        // Parameters that have made the same number of steps share the numbers of the next one; usually that is all of
        // them. In the order of their first parameter, so that every step makes them in the same order.
        var batches: [(key: Batch, updates: [(ParameterMemory, Tensor)])] = []
        for parameter in group.parameters where parameter.requiresGradient {
            guard let gradient = gradients[parameter] else { continue }
            let memory = memory(of: parameter, group)
            let key = Batch(progress: memory.progress, device: gradient.device)
            if let place = batches.lastIndex(where: { $0.key == key }) {
                batches[place].updates.append((memory, gradient))
            } else {
                batches.append((key, [(memory, gradient)]))
            }
        }
        for (batch, updates) in batches {
            var progress = batch.progress
            progress.count += 1
            let step = rule.step(group, &progress)
            progress.isNew = false
            let targets = updates.map { memory, gradient in
                memory.progress = progress
                return memory.parameter.update { value in
                    FusedStep.Target(&value, gradient: gradient, state: &memory.tensors)
                }
            }
            FusedStep.run(targets, step, device: batch.device)
        }
        return !batches.isEmpty
    }

    /// The rule's state for `parameter`, created if there is none yet.
    private func memory(of parameter: Parameter, _ group: ParameterGroup) -> ParameterMemory {
        let key = ObjectIdentifier(parameter)
        let memory = memories[key] ?? ParameterMemory(parameter, Progress(numbers: rule.numbers(group).map(\.value)))
        memories[key] = memory
        memory.keep(rule.slots(group))
        return memory
    }

    /// Makes the memory of the parameters and their state uniquely owned; returns where all of it is then.
    final func ownMemory() -> [Int] {
        var places: [Int] = []
        for group in groups {
            for parameter in group.parameters where parameter.requiresGradient {
                places.append(parameter.ownMemory())
                guard let memory = memories[ObjectIdentifier(parameter)] else { continue }
                memory.keep(rule.slots(group))
                for i in memory.tensors.indices { places.append(memory.tensors[i].ownMemory()) }
            }
        }
        return places
    }

    // MARK: State

    public final var state: OptimizerState {
        OptimizerState(
            optimizer: name,
            groups: groups.map { group in
                let numberNames = rule.numbers(group).map(\.name)
                return OptimizerState.Group(
                    group,
                    parameters: group.parameters.map { parameter in
                        let known = memories[ObjectIdentifier(parameter)]
                        let memory = rule.remembersFromTheStart ? memory(of: parameter, group) : known
                        // The options may have changed since the last step.
                        memory?.keep(rule.slots(group).filter { !$0.mayBeMissing || memory!.holds($0) })
                        return memory?.state(numberNames)
                    })
            })
    }

    public final func load(_ state: OptimizerState) throws(OptimizerError) {
        var loaded: [ObjectIdentifier: ParameterMemory] = [:]
        let groups = try state.fitted(to: self)
        for (group, saved) in zip(groups, state.groups) {
            let slots = rule.slots(group)
            let numbers = rule.numbers(group)
            for (i, parameter) in group.parameters.enumerated() {
                guard let entry = saved.parameters[i] else { continue }
                let named = "parameter \(group.names[i])"
                let memory = try ParameterMemory(parameter, entry, slots: slots, numbers: numbers, named)
                loaded[ObjectIdentifier(parameter)] = memory
            }
        }
        list.groups = groups
        memories = loaded
    }
}

extension Gradients {
    /// The name of the first parameter of `group` whose gradient contains NaN or infinity.
    func firstNotFinite(of group: ParameterGroup) -> String? {
        var names: [String] = []
        var largest: [Tensor] = []
        for (parameter, name) in zip(group.parameters, group.names) where parameter.requiresGradient {
            guard let gradient = self[parameter], gradient.elementCount > 0 else { continue }
            names.append(name)
            largest.append(withoutGradients { gradient.detached().abs().amax() })
        }
        return zip(names, Tensor.items(largest)).first { !$1.isFinite }?.0
    }
}
