import CCUDA
import CressetBackend

extension CUDABackend {
    /// One step of an optimizer over every tensor of a group, one launch for every 64.
    ///
    /// Parameters and states are dense and have the same order of axes; a gradient in another order is copied first.
    package func step(_ parameters: [StepOperands], _ step: OptimizerStep) {
        let numbers = StepNumbers([step])
        run(parameters, StepLaunch(numbers, in: isCapturing ? slot(for: numbers).memory : nil))
    }

    package func step(_ parameters: [StepOperands], _ step: SkippableStep) {
        if parameters.isEmpty { return }
        var memory: Storage?
        if isCapturing {
            memory = slot(for: step.numbers).memory
        } else if step.numbers.choices.count > 1 {
            memory = allocate(step.numbers.byteCount, for: .kernels)
            write(step.numbers, to: memory!)
        }
        var launch = StepLaunch(step.numbers, in: memory)
        launch.skip(step)
        withExtendedLifetime(memory) { run(parameters, launch) }
    }

    private func run(_ parameters: [StepOperands], _ launch: StepLaunch) {
        var launch = launch
        for i in parameters.indices where parameters[i].parameter.elementCount > 0 {
            let dtype = parameters[i].parameter.dtype
            mustHold(
                parameters[i].isConsistent(stateType: dtype.itemSize == 2 ? .float32 : dtype),
                "step: parameter, gradient and state must have the same type, parameter and state the same order")
            if !launch.hasRoom(for: dtype) { launch.run(self) }
            if parameters[i].gradient.hasOrder(of: parameters[i].parameter) {
                launch.add(parameters[i], gradient: parameters[i].gradient.address)
            } else {
                let copy = reordered(parameters[i].gradient, as: parameters[i].parameter)
                launch.add(parameters[i], gradient: copy.address, copy: copy.storage)
            }
        }
        launch.run(self)
    }

    /// A copy of `operand` with the same order of axes in memory as `model`, which is dense.
    private func reordered(_ operand: Operand, as model: Operand) -> Operand {
        let storage = allocate(operand.shape, operand.dtype)
        let copy = Operand(
            pointer: storage.pointer, dtype: operand.dtype, shape: operand.shape, strides: model.strides,
            storage: storage)
        launchCopy(operand, to: copy)
        return copy
    }
}

/// The tensors of one launch, as they are collected.
private struct StepLaunch {
    private let rule: OptimizerStep.Rule
    private var parameters = cresset_optimizer()
    private var dtype = DType.float32
    private var blocks = 0
    /// Copies that the kernel has yet to read: nothing else keeps them alive until it has been launched.
    private var copies: [Storage] = []

    /// `memory`: where the numbers are, unless they are passed with the launch.
    init(_ numbers: StepNumbers, in memory: Storage?) {
        rule = numbers.choices[0].rule
        parameters.numbers = numbers.choices[0].kernelNumbers
        parameters.slot = memory.map { Int64(Int(bitPattern: $0.pointer)) } ?? 0
    }

    mutating func skip(_ step: SkippableStep) {
        parameters.flag = UnsafePointer(step.flag.pointer.assumingMemoryBound(to: Float.self))
        parameters.skips = UnsafePointer(step.skips.pointer.assumingMemoryBound(to: Float.self))
    }

    func hasRoom(for dtype: DType) -> Bool {
        parameters.count == 0 || (parameters.count < CRESSET_OPTIMIZER_TENSORS && dtype == self.dtype)
    }

    /// `copy`: the owner of the gradient, if it is a temporary one.
    mutating func add(_ entry: borrowing StepOperands, gradient: Int64, copy: Storage? = nil) {
        dtype = entry.parameter.dtype
        var tensor = cresset_optimizer_tensor()
        tensor.parameter = entry.parameter.address
        tensor.gradient = gradient
        let states = entry.state.count
        if states > 0 { tensor.state.0 = entry.state[0].address }
        if states > 1 { tensor.state.1 = entry.state[1].address }
        if states > 2 { tensor.state.2 = entry.state[2].address }
        tensor.count = Int64(entry.parameter.elementCount)
        let place = Int(parameters.count)
        withUnsafeMutableBytes(of: &parameters.tensors) {
            $0.bindMemory(to: cresset_optimizer_tensor.self)[place] = tensor
        }
        withUnsafeMutableBytes(of: &parameters.first) { $0.bindMemory(to: Int32.self)[place] = Int32(blocks) }
        parameters.count += 1
        blocks += (Int(tensor.count) + Int(CRESSET_OPTIMIZER_CHUNK) - 1) / Int(CRESSET_OPTIMIZER_CHUNK)
        if let copy { copies.append(copy) }
    }

    /// Launches what has been collected, and starts over.
    mutating func run(_ backend: CUDABackend) {
        if parameters.count == 0 { return }
        let (name, number) = rule.kernelName
        let dtype = dtype
        let kernel = backend.kernel(
            .optimizer, "optimizer_step", variant: number * 4 + Int(dtype.rawValue),
            defines: ["ELEMENT=\(dtype.kernelName)", "RULE=\(name)"])
        backend.launch(kernel, grid: blocks, block: 256, parameters)
        parameters.count = 0
        blocks = 0
        copies.removeAll(keepingCapacity: true)
    }
}

extension Operand {
    fileprivate var address: Int64 { Int64(Int(bitPattern: pointer)) }
}

extension StepOperands {
    fileprivate func isConsistent(stateType: DType) -> Bool {
        guard parameter.dtype.isFloatingPoint, gradient.dtype == parameter.dtype, state.count <= 3 else { return false }
        for i in state.indices where state[i].dtype != stateType || !state[i].hasOrder(of: parameter) { return false }
        return true
    }
}

extension OptimizerStep {
    /// What the kernel reads: factors computed in double precision, as the CPU does before it rounds them.
    var kernelNumbers: cresset_optimizer_numbers {
        var numbers = cresset_optimizer_numbers()
        let (values, flags) = rule.kernelValues
        numbers.weight_decay = weightDecay
        numbers.shrinkage = shrinkage
        numbers.maximizes = maximizes ? 1 : 0
        withUnsafeMutableBytes(of: &numbers.values) { bytes in
            for (i, value) in values.enumerated() { bytes.bindMemory(to: Double.self)[i] = value }
        }
        withUnsafeMutableBytes(of: &numbers.flags) { bytes in
            for (i, flag) in flags.enumerated() { bytes.bindMemory(to: Int32.self)[i] = flag ? 1 : 0 }
        }
        return numbers
    }
}

extension OptimizerStep.Rule {
    /// The rule's name in optimizer.cu, and a number that identifies it.
    fileprivate var kernelName: (String, Int) {
        switch self {
        case .sgd: ("sgd", 0)
        case .adadelta: ("adadelta", 1)
        case .adagrad: ("adagrad", 2)
        case .adam: ("adam", 3)
        case .adamax: ("adamax", 4)
        case .nadam: ("nadam", 5)
        case .radam: ("radam", 6)
        case .rmsprop: ("rmsprop", 7)
        case .rprop: ("rprop", 8)
        case .asgd: ("asgd", 9)
        case .average: ("average", 10)
        }
    }

    /// Numbers and flags in the order in which the kernel's rule reads them.
    fileprivate var kernelValues: ([Double], [Bool]) {
        switch self {
        case .sgd(let lr, let momentum, let dampening, let nesterov, let isFirst):
            ([0 - lr, momentum ?? 0, 1 - dampening], [momentum != nil, nesterov, isFirst])
        case .adadelta(let lr, let rho, let epsilon): ([0 - lr, rho, 1 - rho, epsilon], [])
        case .adagrad(let lr, let epsilon): ([0 - lr, epsilon], [])
        case .adam(let lr, let beta1, let beta2, let epsilon, let correction, let amsgrad):
            ([0 - lr, 1 - beta1, beta2, 1 - beta2, epsilon, correction], [amsgrad])
        case .adamax(let lr, let beta1, let beta2, let epsilon): ([0 - lr, 1 - beta1, beta2, epsilon], [])
        case .nadam(let gradientLR, let momentLR, let beta1, let beta2, let epsilon, let correction):
            ([0 - gradientLR, 0 - momentLR, 1 - beta1, beta2, 1 - beta2, epsilon, correction], [])
        case .radam(let lr, let beta1, let beta2, let epsilon, let correction, let root, let rectification):
            (
                [lr, 1 - beta1, beta2, 1 - beta2, epsilon, correction, root, rectification ?? 1],
                [rectification != nil]
            )
        case .rmsprop(let lr, let alpha, let epsilon, let momentum, let isCentered):
            ([0 - lr, alpha, 1 - alpha, epsilon, momentum ?? 0], [momentum != nil, isCentered])
        case .rprop(let etaMinus, let etaPlus, let minimum, let maximum):
            ([etaMinus, etaPlus, minimum, maximum], [])
        case .asgd(let eta, let mu): ([0 - eta, mu], [mu == 1])
        case .average(let weight): ([weight], [])
        }
    }
}
