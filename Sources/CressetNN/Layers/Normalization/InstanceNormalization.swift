import Cresset

/// Instance normalisation of (N, features, L).
public typealias InstanceNorm1d = InstanceNormalization<1>
/// Instance normalisation of (N, features, H, W).
public typealias InstanceNorm2d = InstanceNormalization<2>
/// Instance normalisation of (N, features, D, H, W).
public typealias InstanceNorm3d = InstanceNormalization<3>

/// Normalises each channel of each example over its positions.
///
/// If running statistics are kept, evaluation uses them; without them (the default) it always uses the example's own.
/// Then an input with a single spatial element traps, since it has no variance.
///
/// *Shape*: (N, features, spatial…) with `axes` spatial axes, or without N; the result has the same shape.
/// *Source*: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016.
public final class InstanceNormalization<let axes: Int>: RunningStatistics, Layer {
    public let weight, bias: Parameter?
    public let runningMean, runningVar, numBatchesTracked: Buffer?
    public var isTraining = true
    public let features: Int
    public let epsilon: Double
    public let momentum: Double?

    ///
    /// - Parameters:
    ///   - features: The number of channels.
    ///   - epsilon: Added to the variance before the square root.
    ///   - momentum: The weight of a new batch in the running statistics; nil leaves them unchanged.
    ///   - affine: Whether there are a weight and a bias.
    ///   - tracksRunningStatistics: Whether running statistics are kept.
    ///   - bias: Whether there is a bias in addition to the weight.
    ///   - dtype: The type of the parameters.
    public init(
        _ features: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = false,
        tracksRunningStatistics: Bool = false, bias: Bool = true, dtype: DType = .float32
    ) {
        self.features = features
        self.epsilon = epsilon
        self.momentum = momentum
        (weight, self.bias) = makeAffine(affine ? [features] : nil, bias: bias, dtype)
        (runningMean, runningVar, numBatchesTracked) = makeStatistics(tracksRunningStatistics ? features : nil, dtype)
    }

    public static var className: String { "InstanceNorm\(axes)d" }
    public var details: String {
        "\(features), eps=\(epsilon), " + statisticsDetails(isAffine: weight != nil, hasBias: bias != nil)
    }

    public func forward(_ x: Tensor) -> Tensor {
        guard x.rank == axes + 1 || x.rank == axes + 2, x.shape[x.rank - axes - 1] == features || weight == nil else {
            fatalError(
                "InstanceNorm\(axes)d: an input of shape \(x.shape), expected (N, \(features), spatial…) or "
                    + "(\(features), spatial…) with \(axes) spatial axes")
        }
        return x.batched(axes: axes) { x in
            if let runningMean, let runningVar, !isTraining {
                return x.batchNormalized(
                    mean: runningMean.value, variance: runningVar.value, weight: weight?.value, bias: bias?.value,
                    epsilon: epsilon, usesBatch: false)
            }
            if runningMean != nil, let momentum {
                // The mean over the examples; the variance is the unbiased one.
                withoutGradients {
                    let spatial = Array(2..<x.rank)
                    moveStatistics(
                        to: x.mean(axes: spatial).mean(axes: [0]), x.variance(axes: spatial).mean(axes: [0]),
                        share: momentum, counts: false)
                }
            }
            return x.instanceNormalized(weight: weight?.value, bias: bias?.value, epsilon: epsilon)
        }
    }
}
