import Cresset

// One step of a recurrent network, for custom loops.

/// One step of a plain recurrent network: h' = tanh(W x + b + U h + c).
///
/// *Shape*: (N, inputSize) with a state of (N, hiddenSize) gives the next state; both without N too.
public final class RNNCell: Module {
    public let weightIh, weightHh: Parameter
    public let biasIh, biasHh: Parameter?
    public let activation: RecurrentActivation
    private let weights: RecurrentWeights

    /// A cell with random weights within ±1/√hiddenSize, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - inputSize: The number of input features.
    ///   - hiddenSize: The number of features in a state.
    ///   - bias: Whether a bias is added.
    ///   - activation: The activation applied to each new state.
    ///   - dtype: The type of the parameters.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, activation: RecurrentActivation = .tanh,
        dtype: DType = .float32
    ) {
        weights = RecurrentWeights(input: inputSize, hidden: hiddenSize, gates: 1, hasBias: bias, dtype: dtype)
        (weightIh, weightHh, biasIh, biasHh) = weights.all
        self.activation = activation
    }

    public var details: String {
        weights.details(gates: 1) + (activation == .tanh ? "" : ", nonlinearity=\(activation.rawValue)")
    }

    ///
    /// - Parameters:
    ///   - x: The inputs, (N, input size).
    ///   - state: The previous state; zeros if nil.
    public func callAsFunction(_ x: Tensor, state: Tensor? = nil) -> Tensor {
        weights.step(ElmanCell(activation: activation), x, state.map { [$0] }, count: 1)[0]
    }
}

/// One step of an LSTM: c' = f c + i g and h' = o tanh(c').
///
/// *Shape*: (N, inputSize) with states of (N, hiddenSize) gives the next states; all without N too.
public final class LSTMCell: Module {
    public let weightIh, weightHh: Parameter
    public let biasIh, biasHh: Parameter?
    private let weights: RecurrentWeights

    /// A cell with random weights within ±1/√hiddenSize, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - inputSize: The number of input features.
    ///   - hiddenSize: The number of features in a state.
    ///   - bias: Whether a bias is added.
    ///   - dtype: The type of the parameters.
    public init(_ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, dtype: DType = .float32) {
        weights = RecurrentWeights(input: inputSize, hidden: hiddenSize, gates: 4, hasBias: bias, dtype: dtype)
        (weightIh, weightHh, biasIh, biasHh) = weights.all
    }

    public var details: String { weights.details(gates: 4) }

    ///
    /// - Parameters:
    ///   - x: The inputs, (N, input size).
    ///   - state: The previous state; zeros if nil.
    public func callAsFunction(_ x: Tensor, state: LSTMState? = nil) -> LSTMState {
        let next = weights.step(LongShortTermCell(), x, state.map { [$0.hidden, $0.cell] }, count: 2)
        return LSTMState(hidden: next[0], cell: next[1])
    }
}

/// One step of a GRU: h' = (1 - z) n + z h.
///
/// *Shape*: (N, inputSize) with a state of (N, hiddenSize) gives the next state; both without N too.
public final class GRUCell: Module {
    public let weightIh, weightHh: Parameter
    public let biasIh, biasHh: Parameter?
    private let weights: RecurrentWeights

    /// A cell with random weights within ±1/√hiddenSize, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - inputSize: The number of input features.
    ///   - hiddenSize: The number of features in a state.
    ///   - bias: Whether a bias is added.
    ///   - dtype: The type of the parameters.
    public init(_ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, dtype: DType = .float32) {
        weights = RecurrentWeights(input: inputSize, hidden: hiddenSize, gates: 3, hasBias: bias, dtype: dtype)
        (weightIh, weightHh, biasIh, biasHh) = weights.all
    }

    public var details: String { weights.details(gates: 3) }

    ///
    /// - Parameters:
    ///   - x: The inputs, (N, input size).
    ///   - state: The previous state; zeros if nil.
    public func callAsFunction(_ x: Tensor, state: Tensor? = nil) -> Tensor {
        weights.step(GatedCell(), x, state.map { [$0] }, count: 1)[0]
    }
}

extension RecurrentWeights {
    fileprivate var all: (Parameter, Parameter, Parameter?, Parameter?) { (input, hidden, inputBias, hiddenBias) }

    fileprivate func details(gates: Int) -> String {
        "\(input.shape[1]), \(input.shape[0] / gates)" + (inputBias == nil ? ", bias=False" : "")
    }

    /// One step of a cell whose state is `count` tensors.
    fileprivate func step(_ cell: some RecurrentCell, _ x: Tensor, _ state: [Tensor]?, count: Int) -> [Tensor] {
        guard x.rank == 1 || x.rank == 2, x.shape.last == input.shape[1] else {
            fatalError(
                "\(type(of: cell)): an input of shape \(x.shape), expected \(input.shape[1]) features in the last axis")
        }
        let isBatched = x.rank == 2
        let batch = isBatched ? x : x.unsqueezed(at: 0)
        let wanted: Shape = [batch.shape[0], hidden.shape[1]]
        let before = state?.map { isBatched ? $0 : $0.unsqueezed(at: 0) }
        for tensor in before ?? [] where tensor.shape != wanted {
            fatalError("\(type(of: cell)): a state of shape \(tensor.shape), expected \(wanted)")
        }
        let zeros = Tensor.zeros(wanted, dtype: x.dtype, device: x.device)
        let tensors = values
        let next = cell.step(
            cell.project(batch, tensors), before ?? [Tensor](repeating: zeros, count: count), tensors)
        return isBatched ? next : next.map { $0.squeezed(axis: 0) }
    }
}
