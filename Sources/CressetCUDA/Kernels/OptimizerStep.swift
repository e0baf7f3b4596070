import CCUDA
import CressetBackend

extension CUDABackend {
    /// One step of an optimizer over every tensor of a group, one launch for every 64.
    ///
    /// Parameters and states are dense and have the same order of axes; a gradient in another order is copied first.
    public func step(_ parameters: [StepOperands], _ step: OptimizerStep) {
        let numbers = StepNumbers([step])
        run(parameters, StepLaunch(numbers, in: isCapturing ? slot(for: numbers).memory : nil))
    }

    public func step(_ parameters: [StepOperands], _ step: SkippableStep) {
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
        for entry in parameters where entry.parameter.elementCount > 0 {
            let parameter = entry.parameter
            let stateType = parameter.dtype.itemSize == 2 ? DType.float32 : parameter.dtype
            mustHold(
                parameter.dtype.isFloatingPoint && entry.gradient.dtype == parameter.dtype && entry.state.count <= 3
                    && entry.state.allSatisfy { $0.dtype == stateType && $0.hasOrder(ofModel: parameter) },
                "step: parameter, gradient and state must have the same type, parameter and state the same order")
            if !launch.hasRoom(for: parameter.dtype) { launch.run(self) }
            var gradient = entry.gradient
            if !gradient.hasOrder(ofModel: parameter) { gradient = reordered(gradient, as: parameter) }
            launch.add(entry, gradient: gradient)
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
    private var copies: [Storage?] = []

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

    mutating func add(_ entry: StepOperands, gradient: Operand) {
        dtype = entry.parameter.dtype
        func address(_ i: Int) -> Int64 { i < entry.state.count ? entry.state[i].address : 0 }
        let tensor = cresset_optimizer_tensor(
            parameter: entry.parameter.address, gradient: gradient.address, state: (address(0), address(1), address(2)),
            count: Int64(entry.parameter.elementCount))
        let place = Int(parameters.count)
        withUnsafeMutableBytes(of: &parameters.tensors) {
            $0.bindMemory(to: cresset_optimizer_tensor.self)[place] = tensor
        }
        withUnsafeMutableBytes(of: &parameters.first) { $0.bindMemory(to: Int32.self)[place] = Int32(blocks) }
        parameters.count += 1
        blocks += (Int(tensor.count) + Int(CRESSET_OPTIMIZER_CHUNK) - 1) / Int(CRESSET_OPTIMIZER_CHUNK)
        if gradient.pointer != entry.gradient.pointer { copies.append(gradient.storage) }
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

    /// Whether both have the same shape and strides, ignoring the strides of axes of length 1.
    fileprivate func hasOrder(ofModel other: Operand) -> Bool {
        if shape != other.shape { return false }
        for axis in shape.indices where shape[axis] != 1 && strides[axis] != other.strides[axis] { return false }
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
