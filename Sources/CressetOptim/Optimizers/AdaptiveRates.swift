import Cresset
import Glibc

/// Scales each element's gradient by the ratio of its past steps to its past gradients.
///
/// v = rho v + (1 - rho) g²; d = √(u + epsilon) / √(v + epsilon) g; u = rho u + (1 - rho) d²; p = p - lr d.
///
/// *Source*: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012.
public final class Adadelta: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - rho: The decay rate of the averages.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1, rho: Double = 0.9, epsilon: Double = 1e-6,
        weightDecay: Double = 0, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            AdadeltaRule(), P.groups(parameters),
            [.lr: lr, .rho: rho, .epsilon: epsilon, .weightDecay: weightDecay, .maximize: maximize ? 1 : 0])
    }
}

private struct AdadeltaRule: UpdateRule {
    let name = "Adadelta"

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.epsilon, .weightDecay)
        try group.require(.rho, "0 to 1") { $0 >= 0 && $0 <= 1 }
    }

    func slots(_ group: ParameterGroup) -> [Slot] { [Slot("square_avg"), Slot("acc_delta")] }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        OptimizerStep(
            .adadelta(lr: group[.lr], rho: group[.rho], epsilon: group[.epsilon]), group, isDecoupled: false)
    }
}

/// Each element's learning rate falls with the squares of all its gradients.
///
/// s = s + g²; p = p - lr / (1 + (t - 1) lrDecay) g / (√s + epsilon).
///
/// *Source*: Duchi et al., "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011.
public final class Adagrad: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - lrDecay: How fast the learning rate falls.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - initialAccumulatorValue: The initial value of the sum of squares.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-2, lrDecay: Double = 0, weightDecay: Double = 0,
        initialAccumulatorValue: Double = 0, epsilon: Double = 1e-10, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            AdagradRule(), P.groups(parameters),
            [
                .lr: lr, .lrDecay: lrDecay, .weightDecay: weightDecay,
                .initialAccumulatorValue: initialAccumulatorValue, .epsilon: epsilon, .maximize: maximize ? 1 : 0,
            ])
    }
}

private struct AdagradRule: UpdateRule {
    let name = "Adagrad"
    let remembersFromTheStart = true

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.lrDecay, .weightDecay, .initialAccumulatorValue, .epsilon)
    }

    func slots(_ group: ParameterGroup) -> [Slot] { [Slot("sum", initial: group[.initialAccumulatorValue])] }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        let lr = group[.lr] / (1 + Double(progress.count - 1) * group[.lrDecay])
        return OptimizerStep(.adagrad(lr: lr, epsilon: group[.epsilon]), group, isDecoupled: false)
    }
}

/// Gradients over the root of the mean of their squares; if centred, over their standard deviation.
///
/// v = alpha v + (1 - alpha) g²; d = g / (√v + epsilon); with momentum m = momentum m + d; p = p - lr m (or lr d).
/// If centred, the square of the mean gradient is subtracted from v.
///
/// *Source*: Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012; Graves, "Generating Sequences With Recurrent
/// Neural Networks", 2013 (centred).
public final class RMSprop: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - alpha: The decay rate of the average of the square.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - momentum: The share of the last step that is added to the next; 0 for none.
    ///   - centered: Whether the variance of the gradients is used in place of their mean square.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8,
        weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            RMSpropRule(), P.groups(parameters),
            [
                .lr: lr, .alpha: alpha, .epsilon: epsilon, .weightDecay: weightDecay, .momentum: momentum,
                .centered: centered ? 1 : 0, .maximize: maximize ? 1 : 0,
            ])
    }
}

private struct RMSpropRule: UpdateRule {
    let name = "RMSprop"

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.epsilon, .weightDecay, .momentum, .alpha)
    }

    func slots(_ group: ParameterGroup) -> [Slot] {
        [Slot("square_avg")] + (group[.momentum] > 0 ? [Slot("momentum_buffer")] : [])
            + (group.isOn(.centered) ? [Slot("grad_avg")] : [])
    }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        let rule = OptimizerStep.Rule.rmsprop(
            lr: group[.lr], alpha: group[.alpha], epsilon: group[.epsilon],
            momentum: group[.momentum] > 0 ? group[.momentum] : nil, isCentered: group.isOn(.centered))
        return OptimizerStep(rule, group, isDecoupled: false)
    }
}
