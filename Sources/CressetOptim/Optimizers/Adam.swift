import Cresset
import Glibc

/// Adam: steps along the mean of gradients over the root of the mean of their squares, both with bias correction.
///
/// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²;
/// p = p - lr m / (1 - beta1ᵗ) / (√(v / (1 - beta2ᵗ)) + epsilon). With `amsgrad` v is the largest so far. Weight decay is
/// added to the gradient.
///
/// *Source*: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2014; Reddi et al., "On the Convergence of Adam
/// and Beyond", 2018.
public final class Adam: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - betas: The decay rates of the averages of the gradient and of its square, each from 0 to below 1.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - amsgrad: Whether the largest average of squares so far is used.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
        epsilon: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            AdamRule(name: "Adam", isDecoupled: false), P.groups(parameters),
            AdamRule.options(lr, betas, epsilon, weightDecay, amsgrad: amsgrad, maximize: maximize))
    }
}

/// Adam with decoupled weight decay: p = (1 - lr weightDecay) p before the step.
///
/// *Source*: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2017.
public final class AdamW: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - betas: The decay rates of the averages of the gradient and of its square, each from 0 to below 1.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - amsgrad: Whether the largest average of squares so far is used.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
        epsilon: Double = 1e-8, weightDecay: Double = 1e-2, amsgrad: Bool = false, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            AdamRule(name: "AdamW", isDecoupled: true), P.groups(parameters),
            AdamRule.options(lr, betas, epsilon, weightDecay, amsgrad: amsgrad, maximize: maximize))
    }
}

private struct AdamRule: UpdateRule {
    let name: String
    let isDecoupled: Bool

    static func options(
        _ lr: Double, _ betas: (Double, Double), _ epsilon: Double, _ weightDecay: Double, amsgrad: Bool, maximize: Bool
    ) -> [ParameterGroup.Option: Double] {
        [
            .lr: lr, .beta1: betas.0, .beta2: betas.1, .epsilon: epsilon, .weightDecay: weightDecay,
            .amsgrad: amsgrad ? 1 : 0, .maximize: maximize ? 1 : 0,
        ]
    }

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.epsilon, .weightDecay)
        try group.requireShares(.beta1, .beta2)
    }

    func slots(_ group: ParameterGroup) -> [Slot] {
        [Slot("exp_avg"), Slot("exp_avg_sq")] + (group.isOn(.amsgrad) ? [Slot("max_exp_avg_sq")] : [])
    }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        let t = Double(progress.count)
        let rule = OptimizerStep.Rule.adam(
            lr: group[.lr] / (1 - pow(group[.beta1], t)), beta1: group[.beta1], beta2: group[.beta2],
            epsilon: group[.epsilon], correction: sqrt(1 - pow(group[.beta2], t)), amsgrad: group.isOn(.amsgrad))
        return OptimizerStep(rule, group, isDecoupled: isDecoupled)
    }
}

extension OptimizerStep {
    /// A step with the group's weight decay, added to the gradient or decoupled from it.
    init(_ rule: Rule, _ group: ParameterGroup, isDecoupled: Bool) {
        self.init(
            rule, weightDecay: isDecoupled ? 0 : group[.weightDecay],
            shrinkage: isDecoupled ? 1 - group[.lr] * group[.weightDecay] : 1, maximizes: group.isOn(.maximize))
    }
}
