/// The numbers of one optimizer step: the same for all parameters of a group.
///
/// Powers of decay rates and similar factors that change from step to step are computed beforehand. In the formulas p
/// is the parameter, g its gradient, and the rest is the rule's state for each element.
package struct OptimizerStep: Sendable {
    package var rule: Rule
    /// g = g + weightDecay p.
    package var weightDecay: Double
    /// p = shrinkage p, after the gradient is computed and before the step: decoupled weight decay.
    package var shrinkage: Double
    /// g = -g, before anything else.
    package var maximizes: Bool

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - rule: The rule, with its numbers.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - shrinkage: The factor by which the parameters are multiplied first.
    ///   - maximizes: Whether the loss is maximised.
    package init(_ rule: Rule, weightDecay: Double = 0, shrinkage: Double = 1, maximizes: Bool = false) {
        self.rule = rule
        self.weightDecay = weightDecay
        self.shrinkage = shrinkage
        self.maximizes = maximizes
    }

    /// The rule, in the terms of `torch.optim`; each case lists its state.
    package enum Rule: Sendable {
        /// State m, or none without momentum. m = momentum m + (1 - dampening) g (m = g at first);
        /// p = p - lr m, or p - lr (g + momentum m) with Nesterov's rule.
        case sgd(lr: Double, momentum: Double?, dampening: Double, nesterov: Bool, isFirst: Bool)
        /// State v, u. v = rho v + (1 - rho) g²; d = √(u + epsilon) / √(v + epsilon) g; u = rho u + (1 - rho) d²; p = p - lr d.
        case adadelta(lr: Double, rho: Double, epsilon: Double)
        /// State s. s = s + g²; p = p - lr g / (√s + epsilon).
        case adagrad(lr: Double, epsilon: Double)
        /// State m, v and, with `amsgrad`, the largest v. m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²;
        /// p = p - lr m / (√v / correction + epsilon).
        case adam(lr: Double, beta1: Double, beta2: Double, epsilon: Double, correction: Double, amsgrad: Bool)
        /// State m, u. m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + epsilon); p = p - lr m / u.
        case adamax(lr: Double, beta1: Double, beta2: Double, epsilon: Double)
        /// State m, v as in `adam`. p = p - (gradientLR g + momentLR m) / (√(v / correction) + epsilon).
        case nadam(
            gradientLR: Double, momentLR: Double, beta1: Double, beta2: Double, epsilon: Double, correction: Double)
        /// State m, v as in `adam`. p = p - lr m / correction, times root / (√v + epsilon) and the rectification if
        /// there is one.
        case radam(
            lr: Double, beta1: Double, beta2: Double, epsilon: Double, correction: Double, root: Double,
            rectification: Double?)
        /// State v; m with momentum; a if centred. v = alpha v + (1 - alpha) g²; a = alpha a + (1 - alpha) g;
        /// d = g / (√(v - a²) + epsilon); m = momentum m + d; p = p - lr m (or lr d).
        case rmsprop(lr: Double, alpha: Double, epsilon: Double, momentum: Double?, isCentered: Bool)
        /// State: the previous gradient, and each element's step s. If the two gradients agree in sign, s = etaPlus s,
        /// if they do not, s = etaMinus s and g = 0; s stays between the bounds; p = p - sign(g) s.
        case rprop(etaMinus: Double, etaPlus: Double, minimum: Double, maximum: Double)
        /// State: the mean a of the parameter. p = p - eta g; a = a + mu (p - a).
        case asgd(eta: Double, mu: Double)
        /// No state. An average p goes `weight` of the way to a value g.
        case average(weight: Double)
    }
}

/// One parameter of an optimizer's step.
package struct StepOperands {
    /// Float32, float64 or bfloat16, dense.
    package var parameter: Operand
    /// Of the same type and shape as the parameter.
    package var gradient: Operand
    /// In the parameter's order of axes, and of its type, except that bfloat16 has float32 state.
    package var state: [Operand]

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - parameter: The parameter to change.
    ///   - gradient: Its gradient.
    ///   - state: The moments kept by the rule.
    package init(parameter: Operand, gradient: Operand, state: [Operand]) {
        self.parameter = parameter
        self.gradient = gradient
        self.state = state
    }
}
