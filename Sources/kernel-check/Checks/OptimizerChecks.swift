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
        checkSkipping(bench)
        checkUnscaling(bench)
        checkNorms(bench)
        checkScale(bench)
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
            for slot in slots { bench.gpu.refresh(slot, StepNumbers([step])) }
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

    /// A float32 number on both devices.
    private static func number(_ bench: Bench, _ value: Double) -> Pair { bench.pair(.float32, []) { _ in value } }

    /// The device skips a step, or chooses its numbers by how many it has skipped.
    private static func checkSkipping(_ bench: Bench) {
        let choices = (0..<5).map { i in
            OptimizerStep(.sgd(lr: 0.1 * Double(i + 1), momentum: 0.9, dampening: 0, nesterov: false, isFirst: i == 3))
        }
        let target = Target(bench, choices[0], .float32, [4099])
        for (flag, skips) in [(0.0, 7.0), (1, 8), (0, 10), (0, 11)] {
            let (flag, skips) = (number(bench, flag), number(bench, skips))
            let numbers = StepNumbers(choices, base: 7)
            bench.cpu.step([target.operands(\.cpu)], SkippableStep(numbers, flag: flag.cpu, skips: skips.cpu))
            bench.gpu.step([target.operands(\.gpu)], SkippableStep(numbers, flag: flag.gpu, skips: skips.gpu))
            bench.compare("skippable step", target.parameter, relative: 0, absolute: 0)
            bench.compare("skippable step's state", target.state[0], relative: 0, absolute: 0)
        }
    }

    private static func checkUnscaling(_ bench: Bench) {
        for dtype in [DType.float32, .float64, .bfloat16, .float16] {
            for wrong in [nil, Double.infinity, -.infinity, .nan] {
                var tensors = (0..<150).map { bench.random(dtype, [$0 % 7 * 900 + 1], padding: $0 % 3) }
                if let wrong { tensors.append(bench.pair(dtype, [4200]) { $0 == 4100 ? wrong : 1 }) }
                let (scale, found) = (number(bench, 3 * 0x1p14), number(bench, 0))
                bench.cpu.unscale(tensors.map(\.cpu), by: scale.cpu, noting: found.cpu)
                bench.gpu.unscale(tensors.map(\.gpu), by: scale.gpu, noting: found.gpu)
                bench.compare("unscale \(dtype): found", found, relative: 0, absolute: 0)
                for tensor in tensors { bench.compare("unscale \(dtype)", tensor, relative: 0, absolute: 0) }
            }
        }
    }

    private static func checkNorms(_ bench: Bench) {
        let tensors = (0..<150).map { bench.random(.float32, [$0 % 7 * 1900], padding: $0 % 3) }
        let sums = bench.pair(.float32, [tensors.count]) { _ in -1 }
        bench.cpu.sumSquares(tensors.map(\.cpu), into: sums.cpu)
        bench.gpu.sumSquares(tensors.map(\.gpu), into: sums.gpu)
        bench.compare("sums of squares", sums, relative: 2e-7, absolute: 0)
        let factor = number(bench, 0.3)
        bench.cpu.scale(tensors.map(\.cpu), by: factor.cpu)
        bench.gpu.scale(tensors.map(\.gpu), by: factor.gpu)
        for tensor in tensors { bench.compare("scale", tensor, relative: 0, absolute: 0) }
    }

    private static func checkScale(_ bench: Bench) {
        let rule = ScaleRule(growthFactor: 2.1, backoffFactor: 0.3, growthInterval: 3)
        let (scale, tracker) = (number(bench, 1e38), bench.pair(.int32, []) { _ in 1 })
        for flag in [0.0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0] {
            let found = number(bench, flag)
            bench.cpu.adaptScale(scale.cpu, tracker: tracker.cpu, found: found.cpu, rule)
            bench.gpu.adaptScale(scale.gpu, tracker: tracker.gpu, found: found.gpu, rule)
            bench.compare("scale", scale, relative: 0, absolute: 0)
            bench.compare("steps since it changed", tracker, relative: 0, absolute: 0)
        }
    }
}
