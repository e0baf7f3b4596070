import Cresset

/// Stochastic gradient descent, with momentum, dampening, weight decay and Nesterov's lookahead.
///
/// v = momentum v + (1 - dampening) (g + weightDecay p); p = p - lr v (or lr (g + momentum v) with Nesterov). The first
/// step sets v to the gradient, undampened, as PyTorch does.
///
/// *Source*: Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
public final class SGD: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: The learning rate.
    ///   - momentum: The share of the last step that is added to the next; 0 for none.
    ///   - dampening: The share of the gradient that is excluded from the momentum.
    ///   - weightDecay: The multiple of the parameters that is added to their gradients.
    ///   - nesterov: Whether to use Nesterov's momentum.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
        weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            SGDRule(), P.groups(parameters),
            [
                .lr: lr, .momentum: momentum, .dampening: dampening, .weightDecay: weightDecay,
                .nesterov: nesterov ? 1 : 0, .maximize: maximize ? 1 : 0,
            ])
    }
}

private struct SGDRule: UpdateRule {
    let name = "SGD"

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.momentum, .weightDecay)
        try group.require(.dampening, "a number", \.isFinite)
        if group.isOn(.nesterov) && (group[.momentum] <= 0 || group[.dampening] != 0) {
            throw .conflict("Nesterov's rule needs a momentum above 0 and no dampening")
        }
    }

    func slots(_ group: ParameterGroup) -> [Slot] {
        group[.momentum] == 0 ? [] : [Slot("momentum_buffer", mayBeMissing: true)]
    }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        OptimizerStep(
            .sgd(
                lr: group[.lr], momentum: group[.momentum] == 0 ? nil : group[.momentum], dampening: group[.dampening],
                nesterov: group.isOn(.nesterov), isFirst: progress.isNew),
            weightDecay: group[.weightDecay], maximizes: group.isOn(.maximize))
    }
}
