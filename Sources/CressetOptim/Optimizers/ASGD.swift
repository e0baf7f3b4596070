import Cresset
import Glibc

/// Stochastic gradient descent with a decreasing rate that also keeps the mean of the parameters.
///
/// p = (1 - lambd eta) p - eta g, with eta = lr / (1 + lambd lr t)^alpha; from step `t0` on, `ax` is the mean of p,
/// which is part of ``GradientOptimizer/state``.
///
/// *Source*: Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
public final class ASGD: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - lambd: The decay of parameters.
    ///   - alpha: The power by which the rate falls.
    ///   - t0: The step at which averaging begins.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-2, lambd: Double = 1e-4, alpha: Double = 0.75,
        t0: Double = 1e6, weightDecay: Double = 0, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            ASGDRule(), P.groups(parameters),
            [
                .lr: lr, .lambd: lambd, .alpha: alpha, .t0: t0, .weightDecay: weightDecay,
                .maximize: maximize ? 1 : 0,
            ])
    }
}

private struct ASGDRule: UpdateRule {
    let name = "ASGD"

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.weightDecay)
        for option: ParameterGroup.Option in [.lambd, .alpha, .t0] { try group.require(option, "a number", \.isFinite) }
    }

    func slots(_ group: ParameterGroup) -> [Slot] { [Slot("ax")] }

    func numbers(_ group: ParameterGroup) -> [(name: String, value: Double)] {
        [("eta", Double(Float(group[.lr]))), ("mu", 1)]
    }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        let t = Double(progress.count)
        let (eta, mu) = (progress.numbers[0], progress.numbers[1])
        // The numbers of the next step; PyTorch keeps them in float32.
        let next = group[.lr] / pow(1 + group[.lambd] * group[.lr] * t, group[.alpha])
        progress.numbers = [Double(Float(next)), Double(Float(1 / max(1, t - group[.t0])))]
        return OptimizerStep(
            .asgd(eta: eta, mu: mu), weightDecay: group[.weightDecay], shrinkage: 1 - group[.lambd] * eta,
            maximizes: group.isOn(.maximize))
    }
}
