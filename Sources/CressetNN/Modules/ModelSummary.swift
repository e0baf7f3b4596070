import Cresset

/// The parts of a model with their shapes, parameters and work, for one shape of input.
///
/// ```swift
/// print(model.summary(of: [1, 3, 224, 224]))
/// ```
/// *Source*: the table follows the Python package torchinfo.
public struct ModelSummary: Sendable, Hashable, Encodable {
    /// A part of the model.
    public struct Row: Sendable, Hashable, Encodable {
        /// The name in the state dict, such as `layer1.0.conv1`; empty for the model itself.
        public let name: String
        /// The class, under its PyTorch name.
        public let type: String
        /// How many modules contain it.
        public let depth: Int
        /// The shape of its result, when it was last called; nil if it was not called, or does not give one tensor.
        public let outputShape: [Int]?
        /// The number of parameters in it and its parts; a shared one counts where it comes first.
        public let parameterCount: Int
        /// Those of them that are trained.
        public let trainableParameterCount: Int
        /// Multiply-adds of products and convolutions in it and its parts.
        public let multiplyAdds: Int
    }

    /// The model, then its parts in the order of the state dict.
    public let rows: [Row]
    /// The shape of the input.
    public let inputShape: [Int]
    /// The memory of the input.
    public let inputByteCount: Int
    /// The memory of the results of all layers without parts: about what a training step keeps for the backward pass.
    public let activationByteCount: Int
    /// The memory of parameters and buffers.
    public let stateByteCount: Int

    /// The number of parameters.
    public var parameterCount: Int { rows[0].parameterCount }
    /// The number of parameters that are trained.
    public var trainableParameterCount: Int { rows[0].trainableParameterCount }
    /// The multiply-adds for the input.
    public var multiplyAdds: Int { rows[0].multiplyAdds }
}

extension Layer {
    /// What the model consists of, found by calling it once, in evaluation mode, with an input of zeros.
    ///
    /// - Parameter inputShape: The shape of the input, with the batch axis, such as `[1, 3, 224, 224]`.
    public func summary(of inputShape: Shape) -> ModelSummary {
        summary(of: .zeros(inputShape, device: namedParameters.first?.parameter.device ?? .current))
    }

    /// The same for an input of any type and device, such as the indices for an ``Embedding``.
    ///
    /// - Parameter input: The input.
    public func summary(of input: Tensor) -> ModelSummary {
        let modules = namedModules
        let modes = modules.map { $0.module.keepsMode ? $0.module.isTraining : nil }
        eval()
        defer {
            for (mode, (_, module)) in zip(modes, modules) { if let mode { module.isTraining = mode } }
        }
        let visit = SummaryVisit(self)
        visit.call(self, input)
        return visit.summary(modules, input)
    }
}

/// One call of a model, watched from layer to layer.
private final class SummaryVisit {
    private var outputs: [ObjectIdentifier: Shape] = [:]
    private var ownWork: [ObjectIdentifier: Int] = [:]
    private var activationByteCount = 0
    /// The layers being called, the innermost last.
    private var open: [ObjectIdentifier]
    private let counter = MultiplyAddCounter()
    private var counted = 0

    init(_ model: any Layer) { open = [ObjectIdentifier(model)] }

    func call(_ model: any Layer, _ input: Tensor) {
        let hook = ForwardHook(
            { [self] module, output in leave(module, output) },
            entering: { [self] layer in
                account()
                open.append(ObjectIdentifier(layer))
            })
        let output = withoutGradients {
            counter.counting { ForwardHook.$current.withValue(hook) { model.forward(input) } }
        }
        account()
        outputs[ObjectIdentifier(model)] = output.shape
    }

    /// The work since the last event belongs to the innermost layer.
    private func account() {
        ownWork[open[open.count - 1], default: 0] += counter.count - counted
        counted = counter.count
    }

    private func leave(_ module: any Module, _ output: Tensor) {
        account()
        let identity = ObjectIdentifier(module)
        // Modules that only report their result were never entered.
        if open.last == identity { open.removeLast() }
        outputs[identity] = output.shape
        if !module.parts.contains(where: { if case .module = $0.part { true } else { false } }) {
            activationByteCount += output.elementCount * output.dtype.itemSize
        }
    }

    /// Adds `number` to the sums of the module called `name` and of all that contain it.
    private func add(_ number: Int, at name: String, to sums: inout [String: Int]) {
        guard number != 0 else { return }
        sums["", default: 0] += number
        var end = name.startIndex
        while end < name.endIndex {
            end = name[end...].dropFirst().firstIndex(of: ".") ?? name.endIndex
            sums[String(name[..<end]), default: 0] += number
        }
    }

    func summary(_ modules: [(name: String, module: any Module)], _ input: Tensor) -> ModelSummary {
        let model = modules[0].module
        // From the leaves up: a module comes after those that contain it. One in two places works in the first.
        var (work, numbers, trainable): ([String: Int], [String: Int], [String: Int]) = ([:], [:], [:])
        var seen: Set<ObjectIdentifier> = []
        for (name, module) in modules where seen.insert(ObjectIdentifier(module)).inserted {
            add(ownWork[ObjectIdentifier(module), default: 0], at: name, to: &work)
        }
        for (name, parameter) in model.namedParameters {
            let owner = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
            add(parameter.elementCount, at: owner, to: &numbers)
            if parameter.requiresGradient { add(parameter.elementCount, at: owner, to: &trainable) }
        }
        let rows = modules.map { name, module in
            ModelSummary.Row(
                name: name, type: type(of: module).className,
                depth: name.isEmpty ? 0 : name.split(separator: ".").count,
                outputShape: outputs[ObjectIdentifier(module)].map { Array($0) },
                parameterCount: numbers[name, default: 0], trainableParameterCount: trainable[name, default: 0],
                multiplyAdds: work[name, default: 0])
        }
        return ModelSummary(
            rows: rows, inputShape: Array(input.shape), inputByteCount: input.elementCount * input.dtype.itemSize,
            activationByteCount: activationByteCount,
            stateByteCount: model.stateDict().byteCount)
    }
}
