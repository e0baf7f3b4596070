import Cresset

/// The state that instance normalisation over one, two or three spatial axes shares.
final class InstanceNormState {
    let axes, features: Int
    let weight, bias: Parameter?
    let runningMean, runningVar, numBatchesTracked: Buffer?
    let epsilon: Double
    let momentum: Double?

    init(
        axes: Int, _ features: Int, epsilon: Double, momentum: Double?, affine: Bool, tracksStatistics: Bool,
        bias hasBias: Bool, dtype: DType
    ) {
        self.axes = axes
        self.features = features
        weight = affine ? Parameter(.ones([features], dtype: dtype)) : nil
        bias = affine && hasBias ? Parameter(.zeros([features], dtype: dtype)) : nil
        runningMean = tracksStatistics ? Buffer(.zeros([features], dtype: dtype)) : nil
        runningVar = tracksStatistics ? Buffer(.ones([features], dtype: dtype)) : nil
        numBatchesTracked = tracksStatistics ? Buffer(.zeros([], dtype: .int64)) : nil
        self.epsilon = epsilon
        self.momentum = momentum
    }

    var details: String {
        "\(features), eps=\(epsilon), momentum=\(momentum.python), affine=\((weight != nil).python),"
            + " track_running_stats=\((runningMean != nil).python)"
    }

    func normalize(_ x: Tensor, isTraining: Bool) -> Tensor {
        guard x.rank == axes + 1 || x.rank == axes + 2, x.shape[x.rank - axes - 1] == features || weight == nil else {
            fatalError(
                "InstanceNorm\(axes)d: an input of shape \(x.shape) where (N, \(features), spatial…) or "
                    + "(\(features), spatial…) with \(axes) spatial axes is wanted")
        }
        return x.batched(axes: axes) { x in
            if let runningMean, let runningVar, !isTraining {
                return x.batchNormalized(
                    mean: runningMean.value, variance: runningVar.value, weight: weight?.value, bias: bias?.value,
                    epsilon: epsilon, usesBatch: false)
            }
            track(x)
            return x.instanceNormalized(weight: weight?.value, bias: bias?.value, epsilon: epsilon)
        }
    }

    /// Moves the running statistics towards the mean of the examples' own; the variance is the unbiased one.
    private func track(_ x: Tensor) {
        guard let runningMean, let runningVar, let momentum else { return }
        withoutGradients {
            let spatial = Array(2..<x.rank)
            let mean = x.mean(axes: spatial).mean(axes: [0])
            let variance = x.variance(axes: spatial).mean(axes: [0])
            runningMean.value = runningMean.value * (1 - momentum) + mean.to(runningMean.dtype) * momentum
            runningVar.value = runningVar.value * (1 - momentum) + variance.to(runningVar.dtype) * momentum
        }
    }
}
