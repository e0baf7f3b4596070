import Cresset

/// Normalises each channel over the batch and the spatial axes, then scales and shifts it.
///
/// In training the batch's own mean and variance are used, and running ones kept; in evaluation the running ones. While
/// its parameters are frozen it behaves as in evaluation and keeps its statistics still.
///
/// *Shape*: (N, features, D, H, W), the result has the same.
/// *Source*: Ioffe and Szegedy, "Batch Normalization", 2015.
public final class BatchNorm3d: Layer {
    public let weight, bias: Parameter?
    public let runningMean, runningVar: Buffer?
    public let numBatchesTracked: Buffer?
    public var isTraining = true
    private let features: Int
    let state: BatchNormState

    /// - Parameters:
    ///   - epsilon: Added to the variance before the root.
    ///   - momentum: The weight of a new batch in the running statistics; nil takes the mean over all batches.
    ///   - affine: Whether there are a weight and a bias.
    ///   - bias: Whether there is a bias beside the weight.
    ///   - tracksRunningStatistics: Whether running statistics are kept; without them evaluation uses the batch too.
    public init(
        _ features: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
        tracksRunningStatistics: Bool = true, bias: Bool = true, dtype: DType = .float32
    ) {
        self.features = features
        state = BatchNormState(
            features, epsilon: epsilon, momentum: momentum, affine: affine, tracksStatistics: tracksRunningStatistics,
            bias: bias, dtype: dtype)
        (weight, self.bias) = (state.weight, state.bias)
        (runningMean, runningVar, numBatchesTracked) = (state.runningMean, state.runningVar, state.numBatchesTracked)
    }

    public var details: String { state.details(features) }

    public func callAsFunction(_ x: Tensor) -> Tensor { self(x, adding: nil, activation: .none) }

    /// Normalises, adds and activates in one pass over memory.
    public func callAsFunction(_ x: Tensor, adding addend: Tensor?, activation: Epilogue) -> Tensor {
        guard x.rank == 5, x.shape[1] == features else {
            fatalError(
                "BatchNorm3d: an input of shape \(x.shape) where (N, features, D, H, W) with \(features) features is wanted"
            )
        }
        return state.normalize(x, isTraining: isTraining, adding: addend, activation: activation)
    }
}
