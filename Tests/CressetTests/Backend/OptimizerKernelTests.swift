import CressetBackend
import CressetCPU
import Testing

/// The SGD step compared with torch.optim.SGD's rule, written out.
@Suite struct OptimizerKernelTests {
    /// The numbers of a step.
    struct Numbers: Sendable {
        var lr = 0.1, momentum = 0.0, dampening = 0.0, weightDecay = 0.0
        var nesterov = false, maximize = false, isFirst = false

        var step: OptimizerStep {
            OptimizerStep(
                .sgd(
                    lr: lr, momentum: momentum == 0 ? nil : momentum, dampening: dampening, nesterov: nesterov,
                    isFirst: isFirst), weightDecay: weightDecay, maximizes: maximize)
        }
    }

    static let steps = [
        Numbers(isFirst: true),
        Numbers(momentum: 0.9, weightDecay: 1e-4),
        Numbers(momentum: 0.9, dampening: 0.5, weightDecay: 1e-2, maximize: true),
        Numbers(momentum: 0.9, weightDecay: 1e-2, nesterov: true),
        Numbers(momentum: 0.9, dampening: 0.1, isFirst: true),
    ]

    @Test(arguments: OptimizerKernelTests.steps)
    func float32StepsAreExact(_ step: Numbers) {
        var generator = TestGenerator(seed: 10)
        // Several tensors, with lengths around whole vectors, and one that spans threads.
        let lengths = [1, 15, 16, 17, 40_000, 33]
        var entries: [(parameter: TestOperand, gradient: TestOperand, momentum: TestOperand)] = []
        for length in lengths {
            entries.append(
                (
                    TestOperand(random: [length], using: &generator), TestOperand(random: [length], using: &generator),
                    TestOperand(random: [length], using: &generator)
                ))
        }
        let expected = entries.map { entry in
            (0..<entry.parameter.shape[0]).map { i in
                Self.reference(
                    Float(entry.parameter[[i]]), Float(entry.gradient[[i]]), Float(entry.momentum[[i]]), step)
            }
        }
        CPUBackend.shared.step(
            entries.map {
                StepOperands(
                    parameter: $0.parameter.operand, gradient: $0.gradient.operand,
                    state: step.momentum == 0 ? [] : [$0.momentum.operand])
            }, step.step)
        for (entry, values) in zip(entries, expected) {
            #expect(values.indices.allSatisfy { Float(entry.parameter[[$0]]) == values[$0].parameter })
            #expect(
                step.momentum == 0
                    || values.indices.allSatisfy { Float(entry.momentum[[$0]]) == values[$0].momentum })
        }
    }

    @Test func aGradientMayHaveAnotherOrderThanItsParameter() {
        var generator = TestGenerator(seed: 11)
        let parameter = TestOperand([2, 3, 2, 2], order: .channelsLast)
        for index in parameter.indices { parameter[index] = 0 }
        let gradient = TestOperand(random: [2, 3, 2, 2], using: &generator)
        CPUBackend.shared.step(
            [StepOperands(parameter: parameter.operand, gradient: gradient.operand, state: [])],
            Numbers(lr: 1).step)
        #expect(parameter.indices.allSatisfy { parameter[$0] == -gradient[$0] })
    }

    /// torch's `add(x, alpha: a)` is a fused multiply-add, its `mul` a multiplication.
    private static func reference(
        _ parameter: Float, _ gradient: Float, _ momentum: Float, _ step: Numbers
    ) -> (parameter: Float, momentum: Float) {
        func add(_ a: Float, _ b: Float, alpha: Double) -> Float { a.addingProduct(b, Float(alpha)) }
        var slope = step.maximize ? -gradient : gradient
        var buffer = momentum
        if step.weightDecay != 0 { slope = add(slope, parameter, alpha: step.weightDecay) }
        if step.momentum != 0 {
            buffer = step.isFirst ? slope : add(momentum * Float(step.momentum), slope, alpha: 1 - step.dampening)
            slope = step.nesterov ? add(slope, buffer, alpha: step.momentum) : buffer
        }
        return (add(parameter, slope, alpha: -step.lr), buffer)
    }
}
