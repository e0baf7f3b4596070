import Cresset

/// The parameters of one layer and direction of a recurrent network, or of a cell.
struct RecurrentWeights {
    let input, hidden: Parameter
    let inputBias, hiddenBias: Parameter?
    /// Reduces the size of an LSTM's hidden state.
    let projection: Parameter?

    /// Parameters drawn within ±1/√hidden, in PyTorch's order.
    init(input: Int, hidden: Int, gates: Int, hasBias: Bool, projection size: Int = 0, dtype: DType) {
        let bound = hidden > 0 ? 1 / Double(hidden).squareRoot() : 0
        func drawn(_ shape: Shape) -> Parameter {
            let parameter = Parameter(zeros: shape, dtype: dtype)
            parameter.drawUniform(bound: bound)
            return parameter
        }
        self.input = drawn([gates * hidden, input])
        self.hidden = drawn([gates * hidden, size > 0 ? size : hidden])
        inputBias = hasBias ? drawn([gates * hidden]) : nil
        hiddenBias = hasBias ? drawn([gates * hidden]) : nil
        projection = size > 0 ? drawn([size, hidden]) : nil
    }

    /// The parameters with PyTorch's names, where `suffix` names the layer and direction.
    func named(_ suffix: String) -> [(name: String, parameter: Parameter)] {
        let all = [
            ("weight_ih", input), ("weight_hh", hidden), ("bias_ih", inputBias), ("bias_hh", hiddenBias),
            ("weight_hr", projection),
        ]
        return all.compactMap { name, parameter in parameter.map { (name + suffix, $0) } }
    }

    /// The tensors of one call.
    var values: RecurrentTensors {
        RecurrentTensors(
            input: input.value, hidden: hidden.value, inputBias: inputBias?.value, hiddenBias: hiddenBias?.value,
            projection: projection?.value)
    }
}

/// The tensors that a cell computes with.
struct RecurrentTensors: Sendable {
    let input, hidden: Tensor
    let inputBias, hiddenBias: Tensor?
    let projection: Tensor?
}

/// How a recurrent network computes the next state.
protocol RecurrentCell: Sendable {
    /// The kernel that takes all steps at once.
    var kind: RecurrentKind { get }

    /// The inputs' contribution to the gates, for all steps at once.
    func project(_ x: Tensor, _ weights: RecurrentTensors) -> Tensor

    /// The next state; its first tensor is the output.
    func step(_ projected: Tensor, _ state: [Tensor], _ weights: RecurrentTensors) -> [Tensor]
}

extension RecurrentCell {
    /// How many vectors of the hidden length the matrices produce.
    var gates: Int { kind.gates }

    /// Both biases are simply added, so they are combined into one.
    func project(_ x: Tensor, _ weights: RecurrentTensors) -> Tensor {
        let biases = [weights.inputBias, weights.hiddenBias].compactMap { $0 }
        return x.linear(weight: weights.input, bias: biases.count == 2 ? biases[0] + biases[1] : biases.first)
    }
}

/// The activation of a plain recurrent network.
public enum RecurrentActivation: String, Sendable {
    case tanh, relu
}

/// h' = activation(W x + U h + b).
struct ElmanCell: RecurrentCell, Sendable {
    let activation: RecurrentActivation
    var kind: RecurrentKind { activation == .tanh ? .tanh : .relu }

    func step(_ projected: Tensor, _ state: [Tensor], _ weights: RecurrentTensors) -> [Tensor] {
        let sum = projected + state[0].linear(weight: weights.hidden)
        return [activation == .tanh ? sum.tanh() : sum.relu()]
    }
}

/// c' = f c + i g and h' = o tanh(c'), from the gates i, f, g, o.
struct LongShortTermCell: RecurrentCell, Sendable {
    var kind: RecurrentKind { .longShortTerm }

    func step(_ projected: Tensor, _ state: [Tensor], _ weights: RecurrentTensors) -> [Tensor] {
        let gates = (projected + state[0].linear(weight: weights.hidden)).chunked(4, axis: -1)
        let cell = gates[1].sigmoid() * state[1] + gates[0].sigmoid() * gates[2].tanh()
        let hidden = gates[3].sigmoid() * cell.tanh()
        return [weights.projection.map { hidden.linear(weight: $0) } ?? hidden, cell]
    }
}

/// h' = n + z (h - n), from the gates r, z and the candidate n, where r scales U h.
struct GatedCell: RecurrentCell, Sendable {
    var kind: RecurrentKind { .gated }

    func project(_ x: Tensor, _ weights: RecurrentTensors) -> Tensor {
        x.linear(weight: weights.input, bias: weights.inputBias)
    }

    func step(_ projected: Tensor, _ state: [Tensor], _ weights: RecurrentTensors) -> [Tensor] {
        let hidden = state[0]
        let length = hidden.shape.last!
        let lengths = [2 * length, length]
        let fromInput = projected.split(lengths: lengths, axis: -1)
        let fromHidden = hidden.linear(weight: weights.hidden, bias: weights.hiddenBias)
            .split(lengths: lengths, axis: -1)
        let gates = (fromInput[0] + fromHidden[0]).sigmoid().chunked(2, axis: -1)
        let candidate = (fromInput[1] + gates[0] * fromHidden[1]).tanh()
        return [candidate + gates[1] * (hidden - candidate)]
    }
}
