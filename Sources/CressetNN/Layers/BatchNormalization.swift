import Cresset

/// The state that batch normalisation over one, two or three spatial axes shares.
final class BatchNormState: @unchecked Sendable {
    let weight, bias: Parameter?
    let runningMean, runningVar: Buffer?
    let numBatchesTracked: Buffer?
    let epsilon: Double
    /// The weight of a new batch in the running statistics; nil takes the mean over all batches.
    let momentum: Double?
    /// The convolution before this layer with this layer folded in.
    let folding = FoldedWeights()

    init(
        _ features: Int, epsilon: Double, momentum: Double?, affine: Bool, tracksStatistics: Bool, bias hasBias: Bool,
        dtype: DType
    ) {
        weight = affine ? Parameter(.ones([features], dtype: dtype)) : nil
        bias = affine && hasBias ? Parameter(.zeros([features], dtype: dtype)) : nil
        runningMean = tracksStatistics ? Buffer(.zeros([features], dtype: dtype)) : nil
        runningVar = tracksStatistics ? Buffer(.ones([features], dtype: dtype)) : nil
        numBatchesTracked = tracksStatistics ? Buffer(.zeros([], dtype: .int64)) : nil
        self.epsilon = epsilon
        self.momentum = momentum
    }

    /// Whether there are parameters and none of them learns.
    var isFrozen: Bool {
        let parameters = [weight, bias].compactMap { $0 }
        return !parameters.isEmpty && !parameters.contains(where: \.requiresGradient)
    }

    /// Whether a call takes its statistics from the batch: in training unless frozen, and where none are kept.
    func usesBatch(_ isTraining: Bool) -> Bool { (isTraining && !isFrozen) || runningMean == nil }

    func details(_ features: Int) -> String {
        func python(_ value: Bool) -> String { value ? "True" : "False" }
        return "\(features), eps=\(epsilon), momentum=\(momentum.map { "\($0)" } ?? "None"),"
            + " affine=\(python(weight != nil)), track_running_stats=\(python(runningMean != nil))"
    }

    func normalize(_ x: Tensor, isTraining: Bool, adding addend: Tensor?, activation: Epilogue) -> Tensor {
        guard usesBatch(isTraining) else {
            return x.batchNormalized(
                mean: runningMean!.value, variance: runningVar!.value, weight: weight?.value, bias: bias?.value,
                epsilon: epsilon, usesBatch: false, adding: addend, activation: activation)
        }
        let (mean, variance) = x.batchStatistics()
        if isTraining { track(mean, variance, count: x.elementCount / Swift.max(1, x.shape[1])) }
        return x.batchNormalized(
            mean: mean, variance: variance, weight: weight?.value, bias: bias?.value, epsilon: epsilon, usesBatch: true,
            adding: addend, activation: activation)
    }

    private func track(_ mean: Tensor, _ variance: Tensor, count: Int) {
        guard let runningMean, let runningVar, let numBatchesTracked else { return }
        numBatchesTracked.update { $0 += 1 }
        // An empty batch is counted, but says nothing of the mean.
        if count == 0 { return }
        let share = momentum ?? 1 / numBatchesTracked.value.item()
        // The running variance is the unbiased one.
        let unbiased = variance * (Double(count) / Double(Swift.max(1, count - 1)))
        runningMean.value = runningMean.value * (1 - share) + mean.to(runningMean.dtype) * share
        runningVar.value = runningVar.value * (1 - share) + unbiased.to(runningVar.dtype) * share
    }
}
