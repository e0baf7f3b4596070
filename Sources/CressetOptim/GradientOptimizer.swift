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
    private let rule: any UpdateRule
    private var list: GroupList
    private var memories: [ObjectIdentifier: ParameterMemory] = [:]
    private var skippable: SkippableSteps?

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
        settle()
        stepGroups(gradients)
    }

    /// Updates every parameter unless `flag` is set: the device decides, and the program does not wait for it.
    ///
    /// A step that is skipped changes nothing and is not counted, so that the next one has the same bias corrections
    /// as if it had not been requested. If the parameters are not all on the flag's device, the program waits.
    ///
    /// - Parameters:
    ///   - gradients: The gradients of the parameters.
    ///   - flag: A float32 scalar: 0 to make the step, anything else to skip it.
    public final func step(_ gradients: Gradients, unless flag: Tensor) {
        guard flag.elementCount == 1 && flag.dtype == .float32 else {
            fatalError("\(name).step: the flag must be one float32 number, but is \(flag.dtype) \(flag.shape)")
        }
        let devices = groups.flatMap { $0.parameters.filter(\.requiresGradient).map(\.device) }
        guard devices.allSatisfy({ $0 == flag.device }) else {
            if flag.item() == 0 { step(gradients) }
            return
        }
        if skippable?.device != flag.device {
            settle()
            skippable = SkippableSteps(on: flag.device)
        }
        skippable!.makeRoom(memories.values)
        stepGroups(gradients, unless: flag)
        if FusedStep.isCollecting { return }
        skippable!.count(flag)
        if !flag.device.isCapturing { followSkips() }
    }

    /// Begins to find out whether the step last requested was made: after it has been submitted to the device.
    final func followSkips() { skippable?.follow() }

    /// Waits until it is known which of the requested steps were made.
    final func settle() { skippable?.settle(memories.values) }

    private func stepGroups(_ gradients: Gradients, unless flag: Tensor? = nil) {
        var isAny = false
        for group in groups where step(group, gradients, unless: flag) { isAny = true }
        if !isAny { gradients.require(for: groups, name) }
    }

    /// Parameters that make the next step together.
    private struct Batch {
        let progress: Progress
        let withSkips: [Progress]
        let device: Device
        var updates: [(memory: ParameterMemory, gradient: Tensor)] = []
    }

    /// Whether any parameter was updated.
    private func step(_ group: ParameterGroup, _ gradients: Gradients, unless flag: Tensor?) -> Bool {
        var batches = batches(group, gradients)
        if flag != nil, !batches.allSatisfy({ isFollowed($0, group) }) {
            settle()
            batches = self.batches(group, gradients)
        }
        for batch in batches {
            let next = rule.next(group, after: batch.progress)
            let targets = batch.updates.map { memory, gradient in
                memory.progress = next.progress
                if flag != nil { memory.withSkips.insert(batch.progress, at: 0) }
                return memory.parameter.update { value in
                    FusedStep.lend(&value, gradient: gradient, state: &memory.tensors)
                }
            }
            guard let flag, let skippable else {
                FusedStep.run(targets, next.step, device: batch.device)
                continue
            }
            let others = batch.withSkips.map { rule.next(group, after: $0).step }
            let numbers = StepNumbers([next.step] + others, base: skippable.known)
            FusedStep.run(targets, numbers, unless: flag, skips: skippable.skips)
        }
        return !batches.isEmpty
    }

    /// Parameters that have made the same number of steps share the numbers of the next one; usually that is all of
    /// them. In the order of their first parameter, so that every step makes them in the same order.
    private func batches(_ group: ParameterGroup, _ gradients: Gradients) -> [Batch] {
        var batches: [Batch] = []
        let slots = rule.slots(group)
        for parameter in group.parameters where parameter.requiresGradient {
            guard let gradient = gradients[parameter] else { continue }
            let memory = memory(of: parameter, group, slots)
            let place = batches.lastIndex {
                $0.device == gradient.device && $0.progress == memory.progress && $0.withSkips == memory.withSkips
            }
            if let place {
                batches[place].updates.append((memory, gradient))
            } else {
                batches.append(
                    Batch(
                        progress: memory.progress, withSkips: memory.withSkips, device: gradient.device,
                        updates: [(memory, gradient)]))
            }
        }
        return batches
    }

    /// Whether the progress of these parameters depends only on how many of the undecided steps are skipped, not on
    /// which: they have taken part in all of them, and the options have not changed what a step does to the progress.
    private func isFollowed(_ batch: Batch, _ group: ParameterGroup) -> Bool {
        if batch.withSkips.count != skippable?.undecidedCount { return false }
        return zip([batch.progress] + batch.withSkips, batch.withSkips).allSatisfy { after, before in
            rule.next(group, after: before).progress == after
        }
    }

    /// The rule's state for `parameter`, created if there is none yet.
    private func memory(of parameter: Parameter, _ group: ParameterGroup, _ slots: [Slot]) -> ParameterMemory {
        let key = ObjectIdentifier(parameter)
        if let memory = memories[key] {
            memory.keep(slots)
            return memory
        }
        let memory = ParameterMemory(parameter, Progress(numbers: rule.numbers(group).map(\.value)))
        memories[key] = memory
        memory.keep(slots)
        return memory
    }

    /// Makes the memory of the parameters and their state uniquely owned; returns where all of it is then.
    final func ownMemory() -> [Int] {
        var places = skippable.map { [$0.ownMemory()] } ?? []
        for group in groups {
            let slots = rule.slots(group)
            for parameter in group.parameters where parameter.requiresGradient {
                places.append(parameter.ownMemory())
                guard let memory = memories[ObjectIdentifier(parameter)] else { continue }
                memory.keep(slots)
                for i in memory.tensors.indices { places.append(memory.tensors[i].ownMemory()) }
            }
        }
        return places
    }

    // MARK: State

    public final var state: OptimizerState {
        settle()
        return OptimizerState(
            optimizer: name,
            groups: groups.map { group in
                let numberNames = rule.numbers(group).map(\.name)
                let slots = rule.slots(group)
                return OptimizerState.Group(
                    group,
                    parameters: group.parameters.map { parameter in
                        let known = memories[ObjectIdentifier(parameter)]
                        let memory = rule.remembersFromTheStart ? memory(of: parameter, group, slots) : known
                        if let memory, memory.isUntouched && !rule.remembersFromTheStart { return nil }
                        // The options may have changed since the last step.
                        memory?.keep(slots.filter { !$0.mayBeMissing || memory!.holds($0) })
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
        settle()
        list.groups = groups
        memories = loaded
    }
}
