import Cresset

/// Batch normalisation of (N, features) or (N, features, L).
public typealias BatchNorm1d = BatchNormalization<1>
/// Batch normalisation of (N, features, H, W).
public typealias BatchNorm2d = BatchNormalization<2>
/// Batch normalisation of (N, features, D, H, W).
public typealias BatchNorm3d = BatchNormalization<3>

/// Normalises each channel over the batch and the spatial axes, then scales and shifts it.
///
/// In training the batch's own mean and variance are used, and running ones are updated; in evaluation the running ones
/// are used. While its parameters are frozen it behaves as in evaluation and keeps its running statistics fixed.
/// A batch with a single value per channel has no variance: it traps if the batch's own would be used.
///
/// *Shape*: (N, features, spatial…) with `axes` spatial axes, or, for one axis, (N, features); the result has the same
/// shape.
/// *Source*: Ioffe and Szegedy, "Batch Normalization", 2015.
public final class BatchNormalization<let axes: Int>: RunningStatistics, Layer {
    public let weight, bias: Parameter?
    public let runningMean, runningVar: Buffer?
    public let numBatchesTracked: Buffer?
    public var isTraining = true
    public let features: Int
    public let epsilon: Double
    public let momentum: Double?
    /// The convolution before this layer with this layer folded in.
    private let folding = FoldedWeights()

    ///
    /// - Parameters:
    ///   - features: The number of channels.
    ///   - epsilon: Added to the variance before the square root.
    ///   - momentum: The weight of a new batch in the running statistics; nil takes the mean over all batches.
    ///   - affine: Whether there are a weight and a bias.
    ///   - tracksRunningStatistics: Whether running statistics are kept; without them evaluation uses the batch too.
    ///   - bias: Whether there is a bias in addition to the weight.
    ///   - dtype: The type of the parameters.
    public init(
        _ features: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
        tracksRunningStatistics: Bool = true, bias: Bool = true, dtype: DType = .float32
    ) {
        self.features = features
        self.epsilon = epsilon
        self.momentum = momentum
        (weight, self.bias) = makeAffine(affine ? [features] : nil, bias: bias, dtype)
        (runningMean, runningVar, numBatchesTracked) = makeStatistics(tracksRunningStatistics ? features : nil, dtype)
    }

    public static var className: String { "BatchNorm\(axes)d" }
    public var details: String {
        "\(features), eps=\(epsilon), " + statisticsDetails(isAffine: weight != nil, hasBias: bias != nil)
    }

    public func forward(_ x: Tensor) -> Tensor { normalize(x, adding: nil, activation: .none) }

    /// Normalises, adds and activates, in one pass over memory for ``ReLU``, on the CPU for other activations too, such as
    /// ``ReLU6`` and, if nothing is added, ``SiLU``, ``Hardswish`` and ``GELU``.
    ///
    /// - Parameters:
    ///   - x: The input.
    ///   - addend: A tensor that is added before the activation; nil for none.
    ///   - activation: The activation applied last; nil for none.
    public func callAsFunction(_ x: Tensor, adding addend: Tensor?, activation: (any Layer)? = nil) -> Tensor {
        guard ForwardHook.current == nil, let epilogue = activation.epilogue else {
            // With hooks, each part shows its own result.
            let sum = addend.map { self(x) + $0 } ?? self(x)
            return activation?(sum) ?? sum
        }
        return normalize(x, adding: addend, activation: epilogue)
    }

    private func normalize(_ x: Tensor, adding addend: Tensor?, activation: Epilogue) -> Tensor {
        guard x.rank == axes + 2 || axes == 1 && x.rank == 2, x.shape[1] == features else {
            let shapes = axes == 1 ? "(N, features) or (N, features, L)" : "(N, features, spatial…)"
            fatalError(
                "BatchNorm\(axes)d: input shape \(x.shape), expected \(shapes) with \(features) features and \(axes)"
                    + " spatial axes")
        }
        guard usesBatch else {
            return x.batchNormalized(
                mean: runningMean!.value, variance: runningVar!.value, weight: weight?.value, bias: bias?.value,
                epsilon: epsilon, usesBatch: false, adding: addend, activation: activation)
        }
        if x.elementCount == features {
            fatalError(
                "BatchNorm\(axes)d: an input of shape \(x.shape) has one value a channel, which has no variance"
                    + "\n  hint: train on batches of more than one example; eval() uses the running statistics")
        }
        let (mean, variance) = x.batchStatistics()
        if isTraining { track(mean, variance, count: x.elementCount / Swift.max(1, x.shape[1])) }
        return x.batchNormalized(
            mean: mean, variance: variance, weight: weight?.value, bias: bias?.value, epsilon: epsilon, usesBatch: true,
            adding: addend, activation: activation)
    }

    private func track(_ mean: Tensor, _ variance: Tensor, count: Int) {
        guard let numBatchesTracked else { return }
        // An empty batch is counted, but says nothing about the mean.
        if count == 0 {
            numBatchesTracked.update { $0 += 1 }
            return
        }
        // The running variance is the unbiased one.
        moveStatistics(
            to: mean, variance, share: momentum ?? 1 / (numBatchesTracked.value.item() + 1),
            correction: Double(count) / Double(Swift.max(1, count - 1)), counts: true)
    }
}

extension BatchNormalization {
    /// Whether there are parameters and none of them is trained.
    private var isFrozen: Bool { (weight != nil || bias != nil) && !hasTrainableParameters }

    /// Whether the next call takes its statistics from the batch: in training unless frozen, or if none are kept.
    package var usesBatch: Bool { (isTraining && !isFrozen) || runningMean == nil }

    var hasTrainableParameters: Bool { weight?.requiresGradient == true || bias?.requiresGradient == true }

    /// A convolution's weight and bias that do what the convolution followed by this layer in evaluation do.
    ///
    /// Cached until a parameter or a statistic changes. Nil if there are no running statistics.
    func folded(into weight: Parameter, _ convolutionBias: Parameter?) -> (weight: Tensor, bias: Tensor)? {
        guard let runningMean, let runningVar else { return nil }
        let sources = [
            weight.value, convolutionBias?.value, runningMean.value, runningVar.value, self.weight?.value, bias?.value,
        ]
        return folding.value(for: sources) {
            // 16-bit types are rounded once, at the end.
            let dtype = weight.value.dtype
            let wide: DType = dtype == .float64 ? .float64 : .float32
            var scale = (runningVar.value.to(wide) + epsilon).rsqrt()
            if let gain = self.weight { scale = scale * gain.value.to(wide) }
            var centre = runningMean.value.to(wide)
            if let convolutionBias { centre = centre - convolutionBias.value.to(wide) }
            let shift = (bias?.value.to(wide) ?? Tensor.zeros(like: scale)) - centre * scale
            let filter = weight.value.to(wide) * scale.reshaped(Shape([-1] + [Int](repeating: 1, count: axes + 1)))
            return (filter.to(dtype), shift.to(dtype))
        }
    }
}

extension BatchNormalization: AbsorbingLayer {
    package func absorbing(_ next: ArraySlice<any Layer>) -> (count: Int, call: (Tensor) -> Tensor)? {
        guard let activation = next.first as? any PointwiseActivation else { return nil }
        return (1, { self($0, adding: nil, activation: activation) })
    }
}
