import CKernels
import CressetBackend

extension CPUBackend {
    /// One step of an optimizer over every tensor of a group in one pass.
    ///
    /// Parameters and states are dense and have the same order of axes; a gradient in another order is copied first.
    package func step(_ parameters: [StepOperands], _ step: OptimizerStep) {
        var reordered: [Storage] = []
        let tensors = parameters.map { entry in
            let parameter = entry.parameter
            let stateType = parameter.dtype == .bfloat16 ? DType.float32 : parameter.dtype
            mustHold(
                entry.gradient.dtype == parameter.dtype && entry.state.count <= 3
                    && entry.state.allSatisfy { $0.dtype == stateType && $0.hasOrder(of: parameter) },
                "step: parameter, gradient and state must have the same type, parameter and state the same order")
            var gradient = entry.gradient
            if !gradient.hasOrder(of: parameter) {
                let copy = makeDense(gradient, as: parameter)
                reordered.append(copy)
                gradient.pointer = copy.pointer
            }
            func state(_ i: Int) -> UnsafeMutableRawPointer? { i < entry.state.count ? entry.state[i].pointer : nil }
            return cresset_step_tensor(
                parameter: parameter.pointer, gradient: gradient.pointer, state: (state(0), state(1), state(2)),
                count: Int64(parameter.elementCount), dtype: parameter.dtype.rawValue)
        }
        var values = step.kernelStep
        withExtendedLifetime((reordered, parameters)) {
            cresset_optimizer_step(tensors, Int64(tensors.count), &values)
        }
    }

    /// A copy of `operand` with the same order of axes in memory as `model`, which is dense.
    private func makeDense(_ operand: Operand, as model: Operand) -> Storage {
        let storage = allocate(byteCount: operand.elementCount * operand.dtype.itemSize)
        let axes = model.shape.indices.sorted { model.strides[$0] > model.strides[$1] }
        cresset_make_dense(
            operand.pointer, Int32(axes.count), axes.map { Int64(operand.shape[$0]) },
            axes.map { Int64(operand.strides[$0]) }, Int32(operand.dtype.itemSize), storage.pointer)
        return storage
    }
}

extension OptimizerStep {
    fileprivate var kernelStep: cresset_step {
        let (kind, numbers) = rule.kernelRule
        return cresset_step(
            rule: kind, maximize: maximizes, weight_decay: weightDecay, shrinkage: shrinkage, numbers: numbers)
    }
}

extension OptimizerStep.Rule {
    fileprivate var kernelRule: (cresset_rule, cresset_rule_numbers) {
        switch self {
        case .sgd(let lr, let momentum, let dampening, let nesterov, let isFirst):
            let numbers = cresset_sgd(
                lr: lr, momentum: momentum ?? 0, dampening: dampening, has_momentum: momentum != nil,
                nesterov: nesterov, is_first: isFirst)
            return (cresset_rule_sgd, .init(sgd: numbers))
        case .adadelta(let lr, let rho, let epsilon):
            return (cresset_rule_adadelta, .init(adadelta: .init(lr: lr, rho: rho, epsilon: epsilon)))
        case .adagrad(let lr, let epsilon):
            return (cresset_rule_adagrad, .init(adagrad: .init(lr: lr, epsilon: epsilon)))
        case .adam(let lr, let beta1, let beta2, let epsilon, let correction, let amsgrad):
            let numbers = cresset_adam(
                lr: lr, beta1: beta1, beta2: beta2, epsilon: epsilon, correction: correction, amsgrad: amsgrad)
            return (cresset_rule_adam, .init(adam: numbers))
        case .adamax(let lr, let beta1, let beta2, let epsilon):
            let numbers = cresset_adamax(lr: lr, beta1: beta1, beta2: beta2, epsilon: epsilon)
            return (cresset_rule_adamax, .init(adamax: numbers))
        case .nadam(let gradientLR, let momentLR, let beta1, let beta2, let epsilon, let correction):
            let numbers = cresset_nadam(
                gradient_lr: gradientLR, moment_lr: momentLR, beta1: beta1, beta2: beta2, epsilon: epsilon,
                correction: correction)
            return (cresset_rule_nadam, .init(nadam: numbers))
        case .radam(let lr, let beta1, let beta2, let epsilon, let correction, let root, let rectification):
            let numbers = cresset_radam(
                lr: lr, beta1: beta1, beta2: beta2, epsilon: epsilon, correction: correction, root: root,
                rectification: rectification ?? 1, is_rectified: rectification != nil)
            return (cresset_rule_radam, .init(radam: numbers))
        case .rmsprop(let lr, let alpha, let epsilon, let momentum, let isCentered):
            let numbers = cresset_rmsprop(
                lr: lr, alpha: alpha, epsilon: epsilon, momentum: momentum ?? 0, has_momentum: momentum != nil,
                centered: isCentered)
            return (cresset_rule_rmsprop, .init(rmsprop: numbers))
        case .rprop(let etaMinus, let etaPlus, let minimum, let maximum):
            let numbers = cresset_rprop(eta_minus: etaMinus, eta_plus: etaPlus, minimum: minimum, maximum: maximum)
            return (cresset_rule_rprop, .init(rprop: numbers))
        case .asgd(let eta, let mu): return (cresset_rule_asgd, .init(asgd: .init(eta: eta, mu: mu)))
        case .average(let weight): return (cresset_rule_average, .init(average: .init(weight: weight)))
        }
    }
}
