import CressetBackend

extension Family {
    static let optimizer = Family(name: "optimizer") { bench in
        for rule in rules {
            for dtype in [DType.float32, .float64, .bfloat16] {
                checkStep(bench, OptimizerStep(rule), dtype)
                checkStep(bench, OptimizerStep(rule, weightDecay: 0.01, shrinkage: 0.99, maximizes: true), dtype)
            }
        }
        checkMany(bench)
        checkHalf(bench)
        checkGraph(bench)
    }

    private static var rules: [OptimizerStep.Rule] {
        [
            .sgd(lr: 0.1, momentum: nil, dampening: 0, nesterov: false, isFirst: false),
            .sgd(lr: 0.1, momentum: 0.9, dampening: 0.2, nesterov: false, isFirst: false),
            .sgd(lr: 0.1, momentum: 0.9, dampening: 0, nesterov: true, isFirst: false),
            .sgd(lr: 0.1, momentum: 0.9, dampening: 0.2, nesterov: true, isFirst: true),
            .adadelta(lr: 1, rho: 0.9, epsilon: 1e-6), .adagrad(lr: 0.1, epsilon: 1e-10),
            .adam(lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction: 0.3, amsgrad: false),
            .adam(lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction: 0.3, amsgrad: true),
            .adamax(lr: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8),
            .nadam(gradientLR: 0.01, momentLR: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction: 0.4),
            .radam(
                lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction: 0.4, root: 0.5, rectification: 0.7),
            .radam(lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction: 0.4, root: 0.5, rectification: nil),
            .rmsprop(lr: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: nil, isCentered: false),
            .rmsprop(lr: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: nil, isCentered: true),
            .rmsprop(lr: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: 0.9, isCentered: false),
            .rmsprop(lr: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: 0.9, isCentered: true),
            .rprop(etaMinus: 0.5, etaPlus: 1.2, minimum: 1e-6, maximum: 50),
            .asgd(eta: 0.01, mu: 1), .asgd(eta: 0.01, mu: 0.3), .average(weight: 0.001),
        ]
    }

    private static func stateCount(_ rule: OptimizerStep.Rule) -> Int {
        switch rule {
        case .sgd(_, let momentum, _, _, _): momentum == nil ? 0 : 1
        case .adagrad, .asgd: 1
        case .adam(_, _, _, _, _, let amsgrad): amsgrad ? 3 : 2
        case .rmsprop(_, _, _, let momentum, let isCentered): 1 + (momentum == nil ? 0 : 1) + (isCentered ? 1 : 0)
        case .average: 0
        default: 2
        }
    }

    /// A parameter on both devices with its gradient and state.
    private struct Target {
        var parameter: Pair
        var gradient: Pair
        var state: [Pair]

        init(
            _ bench: Bench, _ step: OptimizerStep, _ dtype: DType, _ shape: Shape, strides: Shape? = nil,
            gradientStrides: Shape? = nil, padding: Int = 0
        ) {
            let stateType = dtype.itemSize == 2 ? DType.float32 : dtype
            parameter = bench.random(dtype, shape, strides: strides, padding: padding)
            gradient = bench.random(dtype, shape, strides: gradientStrides ?? strides, padding: padding)
            state = (0..<stateCount(step.rule)).map { i in
                // Squares are large enough for their roots to stay real when the squared mean is subtracted.
                bench.pair(stateType, shape, strides: strides, padding: padding) { _ in
                    i == 0 ? 1 + bench.uniform() : bench.uniform() * 0.5
                }
            }
        }

        func operands(_ side: (Pair) -> Operand) -> StepOperands {
            StepOperands(parameter: side(parameter), gradient: side(gradient), state: state.map(side))
        }
    }

    private static func run(_ bench: Bench, _ name: String, _ targets: [Target], _ step: OptimizerStep) {
        bench.cpu.step(targets.map { $0.operands(\.cpu) }, step)
        bench.gpu.step(targets.map { $0.operands(\.gpu) }, step)
        for target in targets {
            // Operation by operation: the results must be identical, since square root and division are exact on both.
            bench.compare("\(name) parameter", target.parameter, relative: 0, absolute: 0)
            for (i, state) in target.state.enumerated() {
                bench.compare("\(name) state \(i)", state, relative: 0, absolute: 0)
            }
        }
    }

    private static func checkStep(_ bench: Bench, _ step: OptimizerStep, _ dtype: DType) {
        func target(_ shape: Shape, _ strides: Shape? = nil, _ gradient: Shape? = nil, _ padding: Int = 0) -> Target {
            Target(bench, step, dtype, shape, strides: strides, gradientStrides: gradient, padding: padding)
        }
        let targets = [
            target([7, 5]), target([4099]), target([3, 4, 2, 3], [24, 1, 12, 4]), target([6, 8], [8, 1], [1, 6]),
            target([33], nil, nil, 1), target([0, 3]), target([]),
        ]
        run(bench, "step \(step.rule)", targets, step)
    }

    /// More tensors than one launch takes, of mixed types.
    private static func checkMany(_ bench: Bench) {
        let step = OptimizerStep(.sgd(lr: 0.1, momentum: 0.9, dampening: 0, nesterov: true, isFirst: false))
        let targets = (0..<150).map { i in
            Target(bench, step, i % 40 == 3 ? .float64 : .float32, [i % 7 * 900 + 1])
        }
        run(bench, "step of many", targets, step)
    }

    /// A captured step uses new numbers at each replay; flags too.
    private static func checkGraph(_ bench: Bench) {
        func step(_ lr: Double, _ rectification: Double?) -> OptimizerStep {
            OptimizerStep(
                .radam(
                    lr: lr, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction: 0.4, root: 0.5,
                    rectification: rectification), weightDecay: lr, shrinkage: 1 - lr)
        }
        let targets = [[4099], [6, 8], [1]].map {
            Target(bench, step(0, nil), .float32, Shape($0), gradientStrides: $0.count == 2 ? [1, 6] : nil)
        }
        bench.gpu.beginRecordingSteps()
        let (graph, _) = bench.gpu.capture { bench.gpu.step(targets.map { $0.operands(\.gpu) }, step(1, nil)) }
        let slots = bench.gpu.recordedSteps()
        for step in [step(0.1, nil), step(0.01, 0.7), step(0, 0.5)] {
            bench.cpu.step(targets.map { $0.operands(\.cpu) }, step)
            for slot in slots { bench.gpu.refresh(slot, step) }
            graph.launch()
        }
        for target in targets { bench.compare("replayed step", target.parameter, relative: 0, absolute: 0) }
    }

    /// float16, for which the CPU uses float32: the same step on widened numbers.
    private static func checkHalf(_ bench: Bench) {
        let step = OptimizerStep(
            .adam(lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, correction: 0.3, amsgrad: false))
        var target = Target(bench, step, .float16, [515])
        let (parameter, gradient) = (bench.result(.float32, [515]), bench.result(.float32, [515]))
        bench.cpu.copy(target.parameter.cpu, to: parameter.cpu)
        bench.cpu.copy(target.gradient.cpu, to: gradient.cpu)
        bench.gpu.step([target.operands(\.gpu)], step)
        target.parameter.cpu = parameter.cpu
        target.gradient.cpu = gradient.cpu
        bench.cpu.step([target.operands(\.cpu)], step)
        let rounded = bench.result(.float16, [515])
        bench.cpu.copy(parameter.cpu, to: rounded.cpu)
        bench.compare("step of float16", Pair(cpu: rounded.cpu, gpu: target.parameter.gpu), relative: 0, absolute: 0)
    }
}
