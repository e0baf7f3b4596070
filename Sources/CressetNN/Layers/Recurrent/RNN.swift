import Cresset

/// A plain (Elman) recurrent network: h' = tanh(W x + b + U h + c), optionally with several layers and both directions.
///
/// *Shape*: (T, N, inputSize), (N, T, inputSize) with `batchFirst`, or (T, inputSize) gives the same with directions ·
/// hiddenSize as the last length; states are (layers · directions, N, hiddenSize), or without N.
/// *Source*: Elman, "Finding Structure in Time", 1990; `torch.nn.RNN`.
public final class RNN: Module, CustomReflectable {
    public var isTraining = true
    private let stack: RecurrentStack<ElmanCell>

    /// A network with random weights within ±1/√hiddenSize, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - inputSize: The number of input features.
    ///   - hiddenSize: The number of features in a state.
    ///   - layers: The number of stacked layers.
    ///   - activation: The activation applied to each new state.
    ///   - bias: Whether b and c exist.
    ///   - batchFirst: Whether the batch is the first axis of inputs and outputs (never of states).
    ///   - dropout: The share of each layer's outputs, except the last's, set to zero in training.
    ///   - isBidirectional: Whether a second network reads each layer's input backwards.
    ///   - dtype: The type of the parameters.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, activation: RecurrentActivation = .tanh,
        bias: Bool = true, batchFirst: Bool = false, dropout: Double = 0, isBidirectional: Bool = false,
        dtype: DType = .float32
    ) {
        let options = RecurrentOptions(
            name: "RNN", inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, hasBias: bias,
            batchFirst: batchFirst, dropout: dropout, isBidirectional: isBidirectional)
        stack = RecurrentStack(options, ElmanCell(activation: activation), dtype: dtype)
    }

    public var details: String { stack.options.details }
    public var customMirror: Mirror { stack.mirror(self) }

    ///
    /// - Parameters:
    ///   - x: The sequences, (L, N, input size), or (N, L, input size) if the batch is first.
    ///   - state: The hidden state before the first step; zeros if nil.
    ///   - lengths: The number of steps of each sequence, all steps if nil: beyond them outputs are zeros and the
    ///     state does not change.
    public func callAsFunction(_ x: Tensor, state: Tensor? = nil, lengths: [Int]? = nil) -> (
        output: Tensor, state: Tensor
    ) {
        let (output, states) = stack.run(
            x, states: state.map { [$0] }, stateSizes: [stack.options.hiddenSize], lengths: lengths,
            isTraining: isTraining)
        return (output, states[0])
    }
}
