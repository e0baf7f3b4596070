import Cresset
import Glibc

/// Adam with the largest recent gradient in place of the mean of squares.
///
/// m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + epsilon); p = p - lr m / (1 - beta1ᵗ) / u.
///
/// *Source*: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2014, section 7.1.
public final class Adamax: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - betas: The decay rates of the averages of the gradient and of its square, each from 0 to below 1.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999),
        epsilon: Double = 1e-8, weightDecay: Double = 0, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            AdamaxRule(), P.groups(parameters),
            [
                .lr: lr, .beta1: betas.0, .beta2: betas.1, .epsilon: epsilon, .weightDecay: weightDecay,
                .maximize: maximize ? 1 : 0,
            ])
    }
}

private struct AdamaxRule: UpdateRule {
    let name = "Adamax"

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.epsilon, .weightDecay)
        try group.requireShares(.beta1, .beta2)
    }

    func slots(_ group: ParameterGroup) -> [Slot] { [Slot("exp_avg"), Slot("exp_inf")] }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        let rule = OptimizerStep.Rule.adamax(
            lr: group[.lr] / (1 - pow(group[.beta1], Double(progress.count))), beta1: group[.beta1],
            beta2: group[.beta2], epsilon: group[.epsilon])
        return OptimizerStep(rule, group, isDecoupled: false)
    }
}

/// Adam with Nesterov's lookahead.
///
/// The momentum of step t is mu = beta1 (1 - 0.96^(t momentumDecay) / 2). With m and v as in ``Adam``,
/// p = p - lr ((1 - mu) g / (1 - Πmu) + mu' m / (1 - mu' Πmu)) / (√(v / (1 - beta2ᵗ)) + epsilon), mu' the next step's.
///
/// *Source*: Dozat, "Incorporating Nesterov Momentum into Adam", 2016.
public final class NAdam: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - betas: The decay rates of the averages of the gradient and of its square, each from 0 to below 1.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - momentumDecay: How fast the momentum reaches its final value.
    ///   - decoupledWeightDecay: Whether weight decay is decoupled from the gradient, as in ``AdamW``.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999),
        epsilon: Double = 1e-8, weightDecay: Double = 0, momentumDecay: Double = 4e-3,
        decoupledWeightDecay: Bool = false, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            NAdamRule(), P.groups(parameters),
            [
                .lr: lr, .beta1: betas.0, .beta2: betas.1, .epsilon: epsilon, .weightDecay: weightDecay,
                .momentumDecay: momentumDecay, .decoupledWeightDecay: decoupledWeightDecay ? 1 : 0,
                .maximize: maximize ? 1 : 0,
            ])
    }
}

private struct NAdamRule: UpdateRule {
    let name = "NAdam"

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.epsilon, .weightDecay, .momentumDecay)
        try group.requireShares(.beta1, .beta2)
    }

    func slots(_ group: ParameterGroup) -> [Slot] { [Slot("exp_avg"), Slot("exp_avg_sq")] }

    func numbers(_ group: ParameterGroup) -> [(name: String, value: Double)] { [("mu_product", 1)] }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        let t = Double(progress.count)
        func momentum(_ t: Double) -> Double { group[.beta1] * (1 - 0.5 * pow(0.96, t * group[.momentumDecay])) }
        let (now, next) = (momentum(t), momentum(t + 1))
        // PyTorch keeps the product in float32.
        let product = Double(Float(progress.numbers[0]) * Float(now))
        progress.numbers[0] = product
        let rule = OptimizerStep.Rule.nadam(
            gradientLR: group[.lr] * (1 - now) / (1 - product), momentLR: group[.lr] * next / (1 - product * next),
            beta1: group[.beta1], beta2: group[.beta2], epsilon: group[.epsilon],
            correction: 1 - pow(group[.beta2], t))
        return OptimizerStep(rule, group, isDecoupled: group.isOn(.decoupledWeightDecay))
    }
}

/// Adam that steps along the mean of gradients alone until enough steps have been made for their variance to be known.
///
/// *Source*: Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2019.
public final class RAdam: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - betas: The decay rates of the averages of the gradient and of its square, each from 0 to below 1.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - decoupledWeightDecay: Whether weight decay is decoupled from the gradient, as in ``AdamW``.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
        epsilon: Double = 1e-8, weightDecay: Double = 0, decoupledWeightDecay: Bool = false, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            RAdamRule(), P.groups(parameters),
            [
                .lr: lr, .beta1: betas.0, .beta2: betas.1, .epsilon: epsilon, .weightDecay: weightDecay,
                .decoupledWeightDecay: decoupledWeightDecay ? 1 : 0, .maximize: maximize ? 1 : 0,
            ])
    }
}

private struct RAdamRule: UpdateRule {
    let name = "RAdam"

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.epsilon, .weightDecay)
        try group.requireShares(.beta1, .beta2)
    }

    func slots(_ group: ParameterGroup) -> [Slot] { [Slot("exp_avg"), Slot("exp_avg_sq")] }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        let t = Double(progress.count)
        let power = pow(group[.beta2], t)
        // The length of a simple mean that would vary as much as the exponential one.
        let limit = 2 / (1 - group[.beta2]) - 1
        let length = limit - 2 * t * power / (1 - power)
        let share = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
        let rule = OptimizerStep.Rule.radam(
            lr: group[.lr], beta1: group[.beta1], beta2: group[.beta2], epsilon: group[.epsilon],
            correction: 1 - pow(group[.beta1], t), root: sqrt(1 - power),
            rectification: length > 5 ? sqrt(share) : nil)
        return OptimizerStep(rule, group, isDecoupled: group.isOn(.decoupledWeightDecay))
    }
}
