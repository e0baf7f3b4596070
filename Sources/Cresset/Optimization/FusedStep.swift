/// Optimizer steps as one pass over all tensors of a group, for `CressetOptim`.
package enum FusedStep {
    /// Replaces a backend while a recorded step advances its counters.
    private final class Collector: @unchecked Sendable {
        var steps: [StepNumbers] = []
        @TaskLocal static var current: Collector?
    }

    /// The steps that `body` requests, none of which is executed: recorded work executes them.
    package static func collecting(_ body: () -> Void) -> [StepNumbers] {
        let collector = Collector()
        Collector.$current.withValue(collector) { body() }
        return collector.steps
    }

    /// The memory of `parameter` and of the rule's `state` for it, made uniquely owned first: lent to ``run(_:_:device:)``,
    /// and valid as long as both are left alone.
    ///
    /// Traps if the gradient has a different shape.
    package static func lend(_ parameter: inout Tensor, gradient: Tensor, state: inout [Tensor]) -> StepOperands {
        parameter.require(sameDevice: gradient, "step")
        if gradient.shape != parameter.shape {
            fail("step", "a gradient of shape \(gradient.shape) does not fit a parameter of \(parameter.shape)")
        }
        var operands = StepOperands(parameter: parameter.ownedOperand(), gradient: gradient.operand, state: [])
        if state.isEmpty { return operands }
        operands.state.reserveCapacity(state.count)
        for i in state.indices {
            // The parameter may have been replaced by a tensor with another order of axes, or moved.
            if state[i].strides != operands.parameter.strides || state[i].device != parameter.device {
                state[i] = FusedStep.state(for: parameter, copying: state[i])
            }
            operands.state.append(state[i].ownedOperand())
        }
        return operands
    }

    /// Whether steps are collected instead of executed.
    package static var isCollecting: Bool { Collector.current != nil }

    package static func run(_ targets: consuming [StepOperands], _ step: OptimizerStep, device: Device) {
        if targets.isEmpty { return }
        if let collector = Collector.current {
            collector.steps.append(StepNumbers([step]))
            return
        }
        device.backend.step(ordered(targets, device), step)
    }

    /// A step that the device skips if `flag` is 1 instead of 0; it counts its steps by `skips`.
    package static func run(
        _ targets: consuming [StepOperands], _ numbers: StepNumbers, unless flag: Tensor, skips: Tensor
    ) {
        if targets.isEmpty { return }
        if let collector = Collector.current {
            collector.steps.append(numbers)
            return
        }
        flag.backend.step(
            ordered(targets, flag.device), SkippableStep(numbers, flag: flag.operand, skips: skips.operand))
    }

    /// The same, each gradient of its parameter's type and with its order of axes.
    private static func ordered(_ targets: consuming [StepOperands], _ device: Device) -> [StepOperands] {
        for i in targets.indices {
            let (parameter, gradient) = (targets[i].parameter, targets[i].gradient)
            if gradient.dtype == parameter.dtype && gradient.hasOrder(of: parameter) { continue }
            let fitting = Tensor.uninitialized(
                parameter.shape, strides: parameter.strides, dtype: parameter.dtype, device: device)
            device.backend.copy(gradient, to: fitting.operand)
            targets[i].gradient = fitting.operand
        }
        return targets
    }

    /// A rule's state for a parameter, all elements `value`: in the parameter's order, float32 for bfloat16.
    package static func state(for parameter: Tensor, filledWith value: Double) -> Tensor {
        let dtype = parameter.dtype == .bfloat16 ? DType.float32 : parameter.dtype
        let state = uninitialized(as: parameter, dtype)
        state.backend.fill(state.operand, with: .float(value))
        return state
    }

    /// `values` as the state of `parameter`.
    package static func state(for parameter: Tensor, copying values: Tensor) -> Tensor {
        let state = uninitialized(as: parameter, parameter.dtype == .bfloat16 ? .float32 : parameter.dtype)
        state.backend.copy(values.detached().to(parameter.device).operand, to: state.operand)
        return state
    }

    private static func uninitialized(as x: Tensor, _ dtype: DType) -> Tensor {
        Tensor.uninitialized(x.shape, strides: x.denseStrides, dtype: dtype, device: x.device)
    }
}

extension Tensor {
    /// This tensor's memory for writing, made uniquely owned and dense first.
    mutating func ownedOperand() -> Operand {
        if requiresGradient { self = detached() }
        makeUnique()
        body.storage.contentsChanged()
        return operand
    }
}
