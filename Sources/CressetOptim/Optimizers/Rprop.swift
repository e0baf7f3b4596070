import Cresset

/// Steps by the sign of the gradient alone: an element's step grows while the sign stays the same and shrinks when it
/// flips.
///
/// For gradients of whole data sets, not of batches.
///
/// *Source*: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm", 1993.
public final class Rprop: GradientOptimizer {
    ///
    /// - Parameters:
    ///   - parameters: The parameters to train, or groups of them with separate options.
    ///   - lr: Every element's first step.
    ///   - etas: The factors applied to a step when the sign has flipped, and when it has not.
    ///   - stepSizes: The bounds of a step.
    ///   - maximize: Whether the loss is maximised instead of minimised.
    /// - Throws: ``OptimizerError`` if an option is out of range, unknown, or a parameter is given twice.
    public init<P: ParameterList>(
        _ parameters: [P], lr: Double = 1e-2, etas: (Double, Double) = (0.5, 1.2),
        stepSizes: (Double, Double) = (1e-6, 50), maximize: Bool = false
    ) throws(OptimizerError) {
        try super.init(
            RpropRule(), P.groups(parameters),
            [
                .lr: lr, .etaMinus: etas.0, .etaPlus: etas.1, .minimumStep: stepSizes.0, .maximumStep: stepSizes.1,
                .maximize: maximize ? 1 : 0,
            ])
    }
}

private struct RpropRule: UpdateRule {
    let name = "Rprop"

    func check(_ group: ParameterGroup) throws(OptimizerError) {
        try group.requireNotNegative(.minimumStep, .maximumStep)
        try group.require(.etaMinus, "above 0 and below 1") { $0 > 0 && $0 < 1 }
        try group.require(.etaPlus, "above 1") { $0 > 1 && $0.isFinite }
        if group[.minimumStep] > group[.maximumStep] { throw .conflict("the smallest step is larger than the largest") }
    }

    func slots(_ group: ParameterGroup) -> [Slot] { [Slot("prev"), Slot("step_size", initial: group[.lr])] }

    func step(_ group: ParameterGroup, _ progress: inout Progress) -> OptimizerStep {
        OptimizerStep(
            .rprop(
                etaMinus: group[.etaMinus], etaPlus: group[.etaPlus], minimum: group[.minimumStep],
                maximum: group[.maximumStep]), maximizes: group.isOn(.maximize))
    }
}
