import Cresset
import CressetNN

extension ModuleTable {
    mutating func addRecurrentModules() {
        addNetworks()
        addCells()
    }

    private mutating func addNetworks() {
        addAny("RNN", "RNN(inputs, hidden, layers: layers)") {
            // The constructor of RNN has the activation between the layers and the bias.
            let activation = try $0.activation(3)
            let options = try RecurrentArguments($0, from: 4)
            let layer = RNN(
                options.inputs, options.hidden, layers: options.layers, activation: activation, bias: options.bias,
                batchFirst: options.batchFirst, dropout: options.dropout, isBidirectional: options.isBidirectional)
            return MadeModule(layer) {
                let (output, state) = layer(try $0.x, state: try $0.tensorIfAny(1, "hx"))
                return .tensors([output, state])
            }
        }
        addAny("GRU", "GRU(inputs, hidden, layers: layers)") {
            let options = try RecurrentArguments($0, from: 3)
            let layer = GRU(
                options.inputs, options.hidden, layers: options.layers, bias: options.bias,
                batchFirst: options.batchFirst, dropout: options.dropout, isBidirectional: options.isBidirectional)
            return MadeModule(layer) {
                let (output, state) = layer(try $0.x, state: try $0.tensorIfAny(1, "hx"))
                return .tensors([output, state])
            }
        }
        addAny("LSTM", "LSTM(inputs, hidden, layers: layers)") {
            let options = try RecurrentArguments($0, from: 3)
            let layer = try LSTM(
                options.inputs, options.hidden, layers: options.layers, bias: options.bias,
                batchFirst: options.batchFirst, dropout: options.dropout, isBidirectional: options.isBidirectional,
                projectionSize: $0.int(8, "proj_size", 0))
            return MadeModule(layer) {
                let (output, state) = layer(try $0.x, state: try $0.memory)
                return .list([.tensor(output), .tensors([state.hidden, state.cell])])
            }
        }
        note("returns (output, state); lengths: replaces packed sequences", "RNN", "GRU", "LSTM")
    }

    private mutating func addCells() {
        addAny("RNNCell", "RNNCell(inputs, hidden)") {
            let cell = try RNNCell(
                $0.int(0, "input_size"), $0.int(1, "hidden_size"), bias: $0.bool(2, "bias", true),
                activation: $0.activation(3))
            return MadeModule(cell) { .tensor(cell(try $0.x, state: try $0.tensorIfAny(1, "hx"))) }
        }
        addAny("GRUCell", "GRUCell(inputs, hidden)") {
            let cell = try GRUCell(
                $0.int(0, "input_size"), $0.int(1, "hidden_size"), bias: $0.bool(2, "bias", true))
            return MadeModule(cell) { .tensor(cell(try $0.x, state: try $0.tensorIfAny(1, "hx"))) }
        }
        addAny("LSTMCell", "LSTMCell(inputs, hidden)") {
            let cell = try LSTMCell(
                $0.int(0, "input_size"), $0.int(1, "hidden_size"), bias: $0.bool(2, "bias", true))
            return MadeModule(cell) {
                let state = cell(try $0.x, state: try $0.memory)
                return .tensors([state.hidden, state.cell])
            }
        }
    }
}

/// What the constructors of recurrent networks share; those from the bias on begin at a position given separately.
private struct RecurrentArguments {
    let inputs, hidden, layers: Int
    let bias, batchFirst, isBidirectional: Bool
    let dropout: Double

    init(_ arguments: Arguments, from position: Int) throws {
        inputs = try arguments.int(0, "input_size")
        hidden = try arguments.int(1, "hidden_size")
        layers = try arguments.int(2, "num_layers", 1)
        bias = try arguments.bool(position, "bias", true)
        batchFirst = try arguments.bool(position + 1, "batch_first", false)
        dropout = try arguments.double(position + 2, "dropout", 0)
        isBidirectional = try arguments.bool(position + 3, "bidirectional", false)
    }
}

extension Arguments {
    fileprivate func activation(_ position: Int) throws -> RecurrentActivation {
        let name = try string(position, "nonlinearity", "tanh")
        guard let activation = RecurrentActivation(rawValue: name) else {
            throw Failure("unknown nonlinearity \(name)")
        }
        return activation
    }

    /// The pair of states of an LSTM, or nil.
    fileprivate var memory: LSTMState? {
        get throws {
            guard case .list(let parts)? = value(1, "hx") else { return nil }
            let tensors = parts.flatMap(\.tensors)
            guard tensors.count == 2 else { throw Failure("an LSTM has two states, not \(tensors.count)") }
            return LSTMState(hidden: tensors[0], cell: tensors[1])
        }
    }
}
