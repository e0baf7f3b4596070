import Cresset

/// What an LSTM remembers from step to step.
public struct LSTMState: Sendable {
    /// What it also gives as its output.
    public let hidden: Tensor
    /// What only the gates change.
    public let cell: Tensor

    public init(hidden: Tensor, cell: Tensor) {
        self.hidden = hidden
        self.cell = cell
    }
}

/// A recurrent network with long short-term memory: c' = f c + i g and h' = o tanh(c').
///
/// *Shape*: (T, N, inputSize), (N, T, inputSize) with `batchFirst`, or (T, inputSize) gives the same with
/// directions · hiddenSize; states are (layers · directions, N, hiddenSize), or without N. With a projection, outputs
/// and hidden states (not cells) have the projection's size.
/// *Source*: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; Sak et al., 2014, for projections;
/// `torch.nn.LSTM`.
public final class LSTM: Module, CustomReflectable {
    public var isTraining = true
    private let stack: RecurrentStack<LongShortTermCell>

    /// A network with random weights within ±1/√hiddenSize, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - layers: Networks one above the other.
    ///   - bias: Whether the matrices have biases beside them.
    ///   - batchFirst: Whether the batch is the first axis of inputs and outputs (never of states).
    ///   - dropout: The share of each layer's outputs but the last's set to zero in training.
    ///   - isBidirectional: Whether a second network reads each layer's input backwards.
    ///   - projectionSize: The length that hidden states are brought to by a matrix of their own; 0 leaves them.
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

    /// - Parameters:
    ///   - state: The state before the first step; zeros where nil.
    ///   - lengths: The steps of each sequence: beyond them outputs are zeros and the state stays. All where nil.
    public func callAsFunction(_ x: Tensor, state: LSTMState? = nil, lengths: [Int]? = nil) -> (
        output: Tensor, state: LSTMState
    ) {
        let (output, states) = stack.run(
            x, states: state.map { [$0.hidden, $0.cell] },
            stateSizes: [stack.options.stateSize, stack.options.hiddenSize], lengths: lengths, isTraining: isTraining)
        return (output, LSTMState(hidden: states[0], cell: states[1]))
    }
}
