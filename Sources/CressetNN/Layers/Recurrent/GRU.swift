import Cresset

/// A gated recurrent network: h' = (1 - z) n + z h with n = tanh(W x + b + r (U h + c)).
///
/// *Shape*: (T, N, inputSize), (N, T, inputSize) with `batchFirst`, or (T, inputSize) gives the same with directions ·
/// hiddenSize as the last length; states are (layers · directions, N, hiddenSize), or without N.
/// *Source*: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014; `torch.nn.GRU`.
public final class GRU: Module, CustomReflectable {
    public var isTraining = true
    private let stack: RecurrentStack<GatedCell>

    /// A network with random weights within ±1/√hiddenSize, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - inputSize: The number of input features.
    ///   - hiddenSize: The number of features in a state.
    ///   - layers: The number of stacked layers.
    ///   - bias: Whether b and c exist.
    ///   - batchFirst: Whether the batch is the first axis of inputs and outputs (never of states).
    ///   - dropout: The share of each layer's outputs, except the last's, set to zero in training.
    ///   - isBidirectional: Whether a second network reads each layer's input backwards.
    ///   - dtype: The type of the parameters.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
        dropout: Double = 0, isBidirectional: Bool = false, dtype: DType = .float32
    ) {
        let options = RecurrentOptions(
            name: "GRU", inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, hasBias: bias,
            batchFirst: batchFirst, dropout: dropout, isBidirectional: isBidirectional)
        stack = RecurrentStack(options, GatedCell(), dtype: dtype)
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
