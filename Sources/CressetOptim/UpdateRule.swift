import Cresset

/// How an optimizer turns gradients into updates, in numbers; the backend does the arithmetic.
protocol UpdateRule: Sendable {
    /// PyTorch's name for the optimizer.
    var name: String { get }
    /// Throws if an option is out of range.
    func check(_ group: ParameterGroup) throws(OptimizerError)
    /// The tensors that make up the rule's state for each parameter, in the order of ``OptimizerStep/Rule``.
    func slots(_ group: ParameterGroup) -> [Slot]
    /// The numbers in the rule's state for each parameter besides the count of steps, with their initial values.
    func numbers(_ group: ParameterGroup) -> [(name: String, value: Double)]
    /// Whether a parameter has state before its first step, as in PyTorch.
    var remembersFromTheStart: Bool { get }
    /// The step number `progress.count`, counted from 1.
    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep
}

extension UpdateRule {
    /// The next step, and the progress after it.
    func next(_ group: ParameterGroup, after progress: Progress) -> (step: OptimizerStep, progress: Progress) {
        var progress = progress
        progress.count += 1
        let step = step(group, &progress)
        progress.isNew = false
        return (step, progress)
    }
}

extension UpdateRule {
    var remembersFromTheStart: Bool { false }
    func numbers(_ group: ParameterGroup) -> [(name: String, value: Double)] { [] }
}

/// A tensor of a parameter's shape in a rule's state, by PyTorch's name for it.
struct Slot: Equatable {
    let name: String
    /// The initial value of every element.
    let initial: Double
    /// Whether a parameter may have made steps without it.
    let mayBeMissing: Bool

    init(_ name: String, initial: Double = 0, mayBeMissing: Bool = false) {
        self.name = name
        self.initial = initial
        self.mayBeMissing = mayBeMissing
    }
}

/// How many steps a parameter has made. Parameters with equal progress make the next step together.
struct Progress: Hashable {
    var count = 0
    /// Whether a slot starts with this step.
    var isNew = false
    var numbers: [Double] = []
}

/// An optimizer's state for one parameter.
final class ParameterMemory {
    // Retained, so that nothing else can get the same identity.
    let parameter: Parameter
    var progress: Progress
    /// The progress if the device has skipped one of the steps of which the host does not know yet, two, and so on;
    /// see ``SkippableSteps``.
    var withSkips: [Progress] = []
    private(set) var slots: [Slot] = []
    var tensors: [Tensor] = []
    /// State that the current options do not use, kept for when they do again.
    private var dormant: [String: Tensor] = [:]

    init(_ parameter: Parameter, _ progress: Progress) {
        self.parameter = parameter
        self.progress = progress
    }

    /// Whether it has been created for steps that were all skipped.
    var isUntouched: Bool { progress.count == 0 && (progress.isNew || slots.isEmpty) }

    func holds(_ slot: Slot) -> Bool { slots.contains { $0.name == slot.name } }

    /// Creates missing tensors and puts aside those that the options no longer use.
    func keep(_ wanted: [Slot]) {
        if slots.count == wanted.count, zip(slots, wanted).allSatisfy({ $0.name == $1.name }) { return }
        for (slot, tensor) in zip(slots, tensors) { dormant[slot.name] = tensor }
        var kept: [Tensor] = []
        for slot in wanted {
            if let tensor = dormant.removeValue(forKey: slot.name) {
                kept.append(tensor)
            } else {
                kept.append(parameter.update { FusedStep.state(for: $0, filledWith: slot.initial) })
                progress.isNew = true
                for i in withSkips.indices { withSkips[i].isNew = true }
            }
        }
        (slots, tensors) = (wanted, kept)
    }
}

extension ParameterMemory {
    /// The state as it was saved.
    convenience init(
        _ parameter: Parameter, _ saved: OptimizerState.Entry, slots: [Slot], numbers: [(name: String, value: Double)],
        _ named: String
    ) throws(OptimizerError) {
        self.init(parameter, Progress(count: saved.count))
        for (name, _) in numbers {
            guard let value = saved.numbers[name] else { throw .stateMismatch("\(named) has no \(name)") }
            progress.numbers.append(value)
        }
        for slot in slots {
            guard let tensor = saved.tensors[slot.name] else {
                // It starts with the next step.
                if slot.mayBeMissing || saved.count == 0 { continue }
                throw .stateMismatch("\(named) has no \(slot.name)")
            }
            guard tensor.shape == parameter.shape else {
                throw .stateMismatch(
                    "\(slot.name) of \(named) has shape \(tensor.shape), but the parameter \(parameter.shape)")
            }
            self.slots.append(slot)
            tensors.append(parameter.update { FusedStep.state(for: $0, copying: tensor) })
        }
        if let unknown = saved.tensors.keys.sorted().first(where: { name in !slots.contains { $0.name == name } }) {
            throw .stateMismatch("\(named) has \(unknown), which these options do not use")
        }
    }

    func state(_ numberNames: [String]) -> OptimizerState.Entry {
        OptimizerState.Entry(
            count: progress.count, numbers: Dictionary(zip(numberNames, progress.numbers)) { $1 },
            tensors: Dictionary(zip(slots.map(\.name), tensors)) { $1 })
    }
}
