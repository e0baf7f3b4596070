import CressetOptim

/// One step: from the loss of a batch to new weights.
struct WeightUpdate {
    let optimizer: any Optimizer
    let clipping: GradientClipping?

    /// Makes a step along the gradients of what `assess` returns, unless its loss is known not to be finite.
    ///
    /// A step along a gradient that is not a number would ruin the weights. On a GPU the loop does not wait to find out:
    /// it ends a little later, with the best weights so far.
    func callAsFunction(_ assess: () throws -> Assessment) throws -> Assessment {
        if optimizer.needsLoss { return try reevaluating(assess) }
        let assessment = try assess()
        if assessment.loss.device != .cpu || assessment.loss.detached().item().isFinite {
            var gradients = assessment.loss.gradients()
            try clipping?.change(&gradients)
            try optimizer.step(gradients)
        }
        return assessment.detached()
    }

    /// The same for an optimizer that evaluates the loss several times; the first evaluation is the one that counts.
    private func reevaluating(_ assess: () throws -> Assessment) throws -> Assessment {
        var first: Assessment?
        do {
            try optimizer.step {
                let assessment = try assess()
                if first == nil { first = assessment.detached() }
                return assessment.loss
            }
        } catch OptimizerError.lossNotFinite where first?.loss.item().isFinite == false {
            // Reported by the loop, which knows where it happened.
        }
        guard let first else { fatalError("\(optimizer.name).step: the loss was never evaluated") }
        return first
    }
}
