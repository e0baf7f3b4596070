/// Optimizer steps as one pass over all tensors of a group, for `CressetOptim`.
package enum FusedStep {
    /// A parameter, with memory of its own, and what changes it.
    package struct SGDTarget {
        let parameter: OwnedOperand
        let gradient: Tensor
        let momentum: OwnedOperand?

        package init(parameter: OwnedOperand, gradient: Tensor, momentum: OwnedOperand?) {
            self.parameter = parameter
            self.gradient = gradient
            self.momentum = momentum
        }
    }

    package static func sgd(_ targets: [SGDTarget], _ step: SGDStep, device: Device) {
        let gradients = targets.map { $0.gradient.ordered(as: $0.parameter.operand) }
        let operands = zip(targets, gradients).map {
            SGDOperands(parameter: $0.parameter.operand, gradient: $1.operand, momentum: $0.momentum?.operand)
        }
        withExtendedLifetime((targets, gradients)) { device.backend.stepSGD(operands, step) }
    }
}

/// Memory that only one tensor refers to, lent for writing. Valid while that tensor is left alone.
package struct OwnedOperand {
    let operand: Operand
}

extension Tensor {
    /// This tensor's memory for writing, made its own first.
    package mutating func ownedOperand() -> OwnedOperand {
        self = detached()
        makeUnique()
        body.storage.contentsChanged()
        return OwnedOperand(operand: operand)
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
