import Cresset

/// How an optimizer turns gradients into changes, in numbers; the backend does the arithmetic.
protocol UpdateRule: Sendable {
    /// What PyTorch calls the optimizer.
    var name: String { get }
    /// Throws where an option is out of range.
    func check(_ group: ParameterGroup) throws(OptimizerError)
    /// The tensors that the rule remembers of each parameter, in the order of ``OptimizerStep/Rule``.
    func slots(_ group: ParameterGroup) -> [Slot]
    /// The numbers that the rule remembers of each parameter beside the count of steps, with what they begin as.
    func numbers(_ group: ParameterGroup) -> [(name: String, value: Double)]
    /// Whether there is something to remember of a parameter before its first step, as PyTorch has it.
    var remembersFromTheStart: Bool { get }
    /// The step number `progress.count`, counted from 1.
    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep
}

extension UpdateRule {
    var remembersFromTheStart: Bool { false }
    func numbers(_ group: ParameterGroup) -> [(name: String, value: Double)] { [] }
}

/// A tensor of a parameter's shape that a rule remembers, by PyTorch's name for it.
struct Slot: Equatable {
    let name: String
    /// What every element begins as.
    let initial: Double
    /// Whether a parameter may have made steps without it.
    let mayBeMissing: Bool

    init(_ name: String, initial: Double = 0, mayBeMissing: Bool = false) {
        self.name = name
        self.initial = initial
        self.mayBeMissing = mayBeMissing
    }
}

/// How far the steps of a parameter have come. Parameters that have come equally far make the next step together.
struct Progress: Hashable {
    var count = 0
    /// Whether a slot begins with this step.
    var isNew = false
    var numbers: [Double] = []
}

/// What an optimizer remembers of one parameter.
final class ParameterMemory {
    // Held, so that nothing else can come to have its identity.
    let parameter: Parameter
    var progress: Progress
    private(set) var slots: [Slot] = []
    var tensors: [Tensor] = []
    /// What the options do not ask for at present, kept for when they do again.
    private var dormant: [String: Tensor] = [:]

    init(_ parameter: Parameter, _ progress: Progress) {
        self.parameter = parameter
        self.progress = progress
    }

    func holds(_ slot: Slot) -> Bool { slots.contains { $0.name == slot.name } }

    /// Makes the tensors that are missing and puts away those that the options do not ask for any more.
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
            }
        }
        (slots, tensors) = (wanted, kept)
    }
}

extension ParameterMemory {
    /// A memory as it was saved.
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
                // It begins with the next step.
                if slot.mayBeMissing || saved.count == 0 { continue }
                throw .stateMismatch("\(named) has no \(slot.name)")
            }
            guard tensor.shape == parameter.shape else {
                throw .stateMismatch(
                    "\(slot.name) of \(named) has shape \(tensor.shape), the parameter \(parameter.shape)")
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
