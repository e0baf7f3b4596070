import Cresset

/// Normalises each channel of each example over its places.
///
/// With running statistics, these are used in evaluation; without them (as by default) the example's own, always.
///
/// *Shape*: (N, features, L) or (features, L), the result has the same.
/// *Source*: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016.
public final class InstanceNorm1d: Layer {
    public let weight, bias: Parameter?
    public let runningMean, runningVar, numBatchesTracked: Buffer?
    public var isTraining = true
    private let state: InstanceNormState

    /// - Parameters:
    ///   - epsilon: Added to the variance before the root.
    ///   - momentum: The weight of a new batch in the running statistics; nil leaves them as they are.
    ///   - affine: Whether there are a weight and a bias.
    ///   - bias: Whether there is a bias beside the weight.
    ///   - tracksRunningStatistics: Whether running statistics are kept.
    public init(
        _ features: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = false,
        tracksRunningStatistics: Bool = false, bias: Bool = true, dtype: DType = .float32
    ) {
        state = InstanceNormState(
            axes: 1, features, epsilon: epsilon, momentum: momentum, affine: affine,
            tracksStatistics: tracksRunningStatistics, bias: bias, dtype: dtype)
        (weight, self.bias) = (state.weight, state.bias)
        (runningMean, runningVar, numBatchesTracked) = (state.runningMean, state.runningVar, state.numBatchesTracked)
    }

    public var details: String { state.details }

    public func callAsFunction(_ x: Tensor) -> Tensor { state.normalize(x, isTraining: isTraining) }
}

/// Normalises each channel of each example over its places.
///
/// With running statistics, these are used in evaluation; without them (as by default) the example's own, always.
///
/// *Shape*: (N, features, H, W) or (features, H, W), the result has the same.
/// *Source*: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016.
public final class InstanceNorm2d: Layer {
    public let weight, bias: Parameter?
    public let runningMean, runningVar, numBatchesTracked: Buffer?
    public var isTraining = true
    private let state: InstanceNormState

    /// - Parameters:
    ///   - epsilon: Added to the variance before the root.
    ///   - momentum: The weight of a new batch in the running statistics; nil leaves them as they are.
    ///   - affine: Whether there are a weight and a bias.
    ///   - bias: Whether there is a bias beside the weight.
    ///   - tracksRunningStatistics: Whether running statistics are kept.
    public init(
        _ features: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = false,
        tracksRunningStatistics: Bool = false, bias: Bool = true, dtype: DType = .float32
    ) {
        state = InstanceNormState(
            axes: 2, features, epsilon: epsilon, momentum: momentum, affine: affine,
            tracksStatistics: tracksRunningStatistics, bias: bias, dtype: dtype)
        (weight, self.bias) = (state.weight, state.bias)
        (runningMean, runningVar, numBatchesTracked) = (state.runningMean, state.runningVar, state.numBatchesTracked)
    }

    public var details: String { state.details }

    public func callAsFunction(_ x: Tensor) -> Tensor { state.normalize(x, isTraining: isTraining) }
}

/// Normalises each channel of each example over its places.
///
/// With running statistics, these are used in evaluation; without them (as by default) the example's own, always.
///
/// *Shape*: (N, features, D, H, W) or (features, D, H, W), the result has the same.
/// *Source*: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016.
public final class InstanceNorm3d: Layer {
    public let weight, bias: Parameter?
    public let runningMean, runningVar, numBatchesTracked: Buffer?
    public var isTraining = true
    private let state: InstanceNormState

    /// - Parameters:
    ///   - epsilon: Added to the variance before the root.
    ///   - momentum: The weight of a new batch in the running statistics; nil leaves them as they are.
    ///   - affine: Whether there are a weight and a bias.
    ///   - bias: Whether there is a bias beside the weight.
    ///   - tracksRunningStatistics: Whether running statistics are kept.
    public init(
        _ features: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = false,
        tracksRunningStatistics: Bool = false, bias: Bool = true, dtype: DType = .float32
    ) {
        state = InstanceNormState(
            axes: 3, features, epsilon: epsilon, momentum: momentum, affine: affine,
            tracksStatistics: tracksRunningStatistics, bias: bias, dtype: dtype)
        (weight, self.bias) = (state.weight, state.bias)
        (runningMean, runningVar, numBatchesTracked) = (state.runningMean, state.runningVar, state.numBatchesTracked)
    }

    public var details: String { state.details }

    public func callAsFunction(_ x: Tensor) -> Tensor { state.normalize(x, isTraining: isTraining) }
}
