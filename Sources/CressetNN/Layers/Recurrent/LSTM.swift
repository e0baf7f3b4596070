import Cresset

/// The state of an LSTM between steps.
public struct LSTMState: Sendable {
    /// The hidden state, which is also the output.
    public let hidden: Tensor
    /// The cell state, which only the gates change.
    public let cell: Tensor

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - hidden: The states.
    ///   - cell: The cells.
    public init(hidden: Tensor, cell: Tensor) {
        self.hidden = hidden
        self.cell = cell
    }
}

/// A long short-term memory network: c' = f c + i g and h' = o tanh(c').
///
/// *Shape*: (T, N, inputSize), (N, T, inputSize) with `batchFirst`, or (T, inputSize) gives the same with directions ·
/// hiddenSize as the last length; states are (layers · directions, N, hiddenSize), or without N. With a projection,
/// outputs and hidden states (not cells) have the projection's size.
/// *Source*: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; Sak et al., 2014, for projections;
/// `torch.nn.LSTM`.
public final class LSTM: Module, CustomReflectable {
    public var isTraining = true
    private let stack: RecurrentStack<LongShortTermCell>

    /// A network with random weights within ±1/√hiddenSize, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - inputSize: The number of input features.
    ///   - hiddenSize: The number of features in a state.
    ///   - layers: The number of stacked layers.
    ///   - bias: Whether the matrices have biases.
    ///   - batchFirst: Whether the batch is the first axis of inputs and outputs (never of states).
    ///   - dropout: The share of each layer's outputs, except the last's, set to zero in training.
    ///   - isBidirectional: Whether a second network reads each layer's input backwards.
    ///   - projectionSize: The length to which a separate matrix projects hidden states; 0 for no projection.
    ///   - dtype: The type of the parameters.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
        dropout: Double = 0, isBidirectional: Bool = false, projectionSize: Int = 0, dtype: DType = .float32
    ) {
        let options = RecurrentOptions(
            name: "LSTM", inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, hasBias: bias,
            batchFirst: batchFirst, dropout: dropout, isBidirectional: isBidirectional, projectionSize: projectionSize)
        stack = RecurrentStack(options, LongShortTermCell(), dtype: dtype)
    }

    public var details: String { stack.options.details }
    public var customMirror: Mirror { stack.mirror(self) }

    ///
    /// - Parameters:
    ///   - x: The sequences, (L, N, input size), or (N, L, input size) if the batch is first.
    ///   - state: The state before the first step; zeros if nil.
    ///   - lengths: The number of steps of each sequence, all steps if nil: beyond them outputs are zeros and the
    ///     state does not change.
    public func callAsFunction(_ x: Tensor, state: LSTMState? = nil, lengths: [Int]? = nil) -> (
        output: Tensor, state: LSTMState
    ) {
        let (output, states) = stack.run(
            x, states: state.map { [$0.hidden, $0.cell] },
            stateSizes: [stack.options.stateSize, stack.options.hiddenSize], lengths: lengths, isTraining: isTraining)
        return (output, LSTMState(hidden: states[0], cell: states[1]))
    }
}
