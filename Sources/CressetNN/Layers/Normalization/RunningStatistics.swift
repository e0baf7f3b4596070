import Cresset

/// A layer that keeps running statistics of its inputs.
public protocol RunningStatistics: Module {
    var runningMean: Buffer? { get }
    var runningVar: Buffer? { get }
    var numBatchesTracked: Buffer? { get }
    /// The weight of a new batch in the running statistics; nil takes the mean over all batches.
    var momentum: Double? { get }
}

extension RunningStatistics {
    func statisticsDetails(isAffine: Bool, hasBias: Bool) -> String {
        "momentum=\(momentum.python), affine=\(isAffine.python), bias=\(hasBias.python), track_running_stats=\((runningMean != nil).python)"
    }

    /// Moves the running statistics by `share` towards those of a batch, whose variance is first multiplied by
    /// `correction`; `counts` says whether the batch is counted.
    func moveStatistics(to mean: Tensor, _ variance: Tensor, share: Double, correction: Double = 1, counts: Bool) {
        guard let runningMean, let runningVar, let numBatchesTracked else { return }
        runningMean.update { ownMean in
            runningVar.update { ownVariance in
                numBatchesTracked.update { counter in
                    Tensor.moveStatistics(
                        mean: &ownMean, variance: &ownVariance, counting: &counter, by: counts ? 1 : 0,
                        batchMean: mean.contiguous(),
                        batchVariance: variance.contiguous(), share: share, correction: correction)
                }
            }
        }
    }
}

/// The weight and the bias of a normalisation, initially without effect; none if there is no shape.
func makeAffine(_ shape: Shape?, bias: Bool, _ dtype: DType) -> (weight: Parameter?, bias: Parameter?) {
    guard let shape else { return (nil, nil) }
    return (Parameter(.ones(shape, dtype: dtype)), bias ? Parameter(zeros: shape, dtype: dtype) : nil)
}

/// Statistics of `features` channels before any batch has been seen; none if nil.
func makeStatistics(_ features: Int?, _ dtype: DType) -> (mean: Buffer?, variance: Buffer?, batches: Buffer?) {
    guard let features else { return (nil, nil, nil) }
    return (
        Buffer(.zeros([features], dtype: dtype)), Buffer(.ones([features], dtype: dtype)),
        Buffer(.zeros([], dtype: .int64))
    )
}

extension Module {
    /// Recomputes the running statistics of batch normalisation as means over `batches`.
    ///
    /// For averaged weights, with which no batch has ever been seen. Layers that keep their running statistics fixed
    /// (frozen ones) are skipped. The model's mode is restored afterwards.
    ///
    /// - Parameters:
    ///   - batches: The inputs to call the model with.
    ///   - forward: Calls the model.
    public func updateBatchNorm<Batch>(
        _ batches: some Sequence<Batch>, _ forward: (Batch) throws -> Void
    ) rethrows {
        let modes = namedModules.filter(\.module.keepsMode).map { ($0.module, $0.module.isTraining) }
        let layers = namedModules.compactMap { ($0.module as? any RunningStatistics).flatMap(StatisticsMean.init) }
        train()
        defer { for (module, isTraining) in modes { module.isTraining = isTraining } }
        defer { for layer in layers { layer.finish() } }
        try withoutGradients {
            for batch in batches {
                for layer in layers { layer.begin() }
                try forward(batch)
                for layer in layers { layer.end() }
            }
        }
    }
}

/// The mean of a layer's statistics over batches.
private final class StatisticsMean {
    private let mean, variance, counter: Buffer
    /// The share of a batch in statistics that start at zero.
    private let share: Double
    private let original: [Tensor]
    private var sums: (mean: Tensor, variance: Tensor)
    private var count = 0
    private var before: Tensor.Contents?

    init?(_ layer: any RunningStatistics) {
        guard let mean = layer.runningMean, let variance = layer.runningVar, let counter = layer.numBatchesTracked,
            layer.momentum != 0
        else { return nil }
        (self.mean, self.variance, self.counter) = (mean, variance, counter)
        share = layer.momentum ?? 1
        original = [mean.value, variance.value, counter.value]
        sums = (.zeros(like: mean.value), .zeros(like: variance.value))
    }

    func begin() {
        for buffer in [mean, variance, counter] { buffer.value = .zeros(like: buffer.value) }
        before = counter.value.contents
    }

    func end() {
        // The counter is written when the layer is called; reading its value would mean waiting for the device.
        if counter.value.contents == before { return }
        sums.mean += mean.value / share
        sums.variance += variance.value / share
        count += 1
    }

    func finish() {
        if count == 0 {
            (mean.value, variance.value, counter.value) = (original[0], original[1], original[2])
        } else {
            mean.value = sums.mean / Double(count)
            variance.value = sums.variance / Double(count)
            counter.value = Tensor(count, device: counter.device).to(counter.dtype)
        }
    }
}
