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

    /// A parameter with uniquely owned memory, its gradient, and the rule's state.
    package struct Target {
        fileprivate let parameter: Operand
        fileprivate let gradient: Tensor
        fileprivate let state: [Operand]

        /// Lends the memory of `parameter` and `state`, made uniquely owned first; valid while they are left alone.
        ///
        /// Traps if the gradient has a different shape.
        package init(_ parameter: inout Tensor, gradient: Tensor, state: inout [Tensor]) {
            parameter.require(sameDevice: gradient, "step")
            if gradient.shape != parameter.shape {
                fail("step", "a gradient of shape \(gradient.shape) does not fit a parameter of \(parameter.shape)")
            }
            self.parameter = parameter.ownedOperand()
            self.gradient = gradient
            var operands: [Operand] = []
            for i in state.indices {
                // The parameter may have been replaced by a tensor with another order of axes, or moved.
                if state[i].strides != parameter.strides || state[i].device != parameter.device {
                    state[i] = FusedStep.state(for: parameter, copying: state[i])
                }
                operands.append(state[i].ownedOperand())
            }
            self.state = operands
        }
    }

    /// Whether steps are collected instead of executed.
    package static var isCollecting: Bool { Collector.current != nil }

    package static func run(_ targets: [Target], _ step: OptimizerStep, device: Device) {
        if targets.isEmpty { return }
        if let collector = Collector.current {
            collector.steps.append(StepNumbers([step]))
            return
        }
        lend(targets) { device.backend.step($0, step) }
    }

    /// A step that the device skips if `flag` is 1 instead of 0; it counts its steps by `skips`.
    package static func run(_ targets: [Target], _ numbers: StepNumbers, unless flag: Tensor, skips: Tensor) {
        if targets.isEmpty { return }
        if let collector = Collector.current {
            collector.steps.append(numbers)
            return
        }
        lend(targets) {
            flag.backend.step($0, SkippableStep(numbers, flag: flag.operand, skips: skips.operand))
        }
    }

    private static func lend(_ targets: [Target], to body: ([StepOperands]) -> Void) {
        let gradients = targets.map { $0.gradient.ordered(as: $0.parameter) }
        let operands = zip(targets, gradients).map {
            StepOperands(parameter: $0.parameter, gradient: $1.operand, state: $0.state)
        }
        withExtendedLifetime((targets, gradients)) { body(operands) }
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

    fileprivate static func dense(_ x: Tensor) -> Tensor {
        let copy = uninitialized(as: x, x.dtype)
        x.backend.copy(x.operand, to: copy.operand)
        return copy
    }

    private static func uninitialized(as x: Tensor, _ dtype: DType) -> Tensor {
        Tensor.uninitialized(x.shape, strides: x.denseStrides, dtype: dtype, device: x.device)
    }
}

extension Tensor {
    /// This tensor's memory for writing, made uniquely owned and dense first.
    mutating func ownedOperand() -> Operand {
        self = detached()
        if strides == denseStrides {
            makeUnique()
        } else {
            self = FusedStep.dense(self)
        }
        body.storage.contentsChanged()
        return operand
    }

    /// The elements in the order in which `other` has them.
    fileprivate func ordered(as other: Operand) -> Tensor {
        let x = detached().to(other.dtype)
        if x.strides == other.strides { return x }
        let out = Tensor.uninitialized(shape, strides: other.strides, dtype: x.dtype, device: device)
        backend.copy(x.operand, to: out.operand)
        return out
    }
}
