import CressetOptim

/// Steps: from the losses of one or several batches to new weights.
final class WeightUpdate {
    let optimizer: any Optimizer
    let clipping: GradientClipping?
    /// The number of batches whose gradients make a step.
    let accumulatedBatches: Int
    private var gradients = Gradients()
    private var batchCount = 0
    private var sampleCount = 0

    init(optimizer: any Optimizer, clipping: GradientClipping?, accumulatedBatches: Int = 1) {
        self.optimizer = optimizer
        self.clipping = clipping
        self.accumulatedBatches = accumulatedBatches
    }

    /// Whether there are gradients that have made no step yet.
    var isPending: Bool { batchCount > 0 }

    /// Takes in the gradients of what `assess` returns, unless its loss is known not to be finite, and makes a step if
    /// they were the last that it needs.
    ///
    /// A step along a gradient that is not a number would ruin the weights. On a GPU the loop does not wait to find out:
    /// it ends a little later, with the best weights so far.
    ///
    /// - Returns: What `assess` returned, and whether a step was made.
    func callAsFunction(_ assess: () throws -> Assessment) throws -> (assessment: Assessment, isStep: Bool) {
        if optimizer.needsLoss { return (try reevaluating(assess), true) }
        let assessment = try assess()
        var isUsable = true
        if assessment.loss.device == .cpu { isUsable = assessment.loss.detached().item().isFinite }
        if accumulatedBatches == 1 {
            if isUsable { try step(assessment.loss.gradients()) }
            return (assessment.detached(), true)
        }
        if isUsable { add(assessment.loss.gradients(), assessment.count) }
        let isStep = batchCount == accumulatedBatches
        if isStep { try finish() }
        return (assessment.detached(), isStep)
    }

    /// Makes a step along the gradients that wait for further batches.
    func finish() throws {
        if !isPending { return }
        let share = 1 / Double(max(sampleCount, 1))
        gradients.mapInPlace { $0 * share }
        let mean = gradients
        (gradients, batchCount, sampleCount) = (Gradients(), 0, 0)
        try step(mean)
    }

    private func add(_ new: Gradients, _ count: Int) {
        var new = new
        new.mapInPlace { $0 * Double(count) }
        gradients += new
        batchCount += 1
        sampleCount += count
    }

    private func step(_ gradients: Gradients) throws {
        var gradients = gradients
        try clipping?.change(&gradients)
        try optimizer.step(gradients)
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
