import CressetNN
import Testing

@Suite struct RecurrentTests {
    private func seeded<R>(_ body: () throws -> R) rethrows -> R {
        try Generator.$current.withValue(Generator(seed: 5), operation: body)
    }

    private func close(_ a: Tensor, _ b: Tensor, within tolerance: Double = 1e-5) -> Bool {
        a.shape == b.shape
            && zip(a.scalars(as: Double.self), b.scalars(as: Double.self)).allSatisfy {
                abs($0 - $1) <= tolerance
            }
    }

    @Test func aNetworkIsItsCellOverAndOver() throws {
        try seeded {
            let (network, cell) = (LSTM(3, 4), LSTMCell(3, 4))
            try cell.load(
                StateDict(network.stateDict().map { (name: String($0.name.dropLast(3)), tensor: $0.tensor) }))
            let x = Tensor.normal([5, 2, 3])
            let (output, state) = network(x)
            var own: LSTMState?
            for (step, expected) in zip(x.unstacked(), output.unstacked()) {
                own = cell(step, state: own)
                #expect(close(own!.hidden, expected))
            }
            #expect(close(state.cell[0], own!.cell) && close(state.hidden[0], own!.hidden))
        }
    }

    @Test(arguments: [false, true]) func sequencesOfOtherLengthsAreAsAlone(isBidirectional: Bool) {
        seeded {
            let gru = GRU(3, 4, layers: 2, isBidirectional: isBidirectional)
            let x = Tensor.normal([5, 3, 3])
            let lengths = [5, 2, 3]
            let (output, state) = gru(x, lengths: lengths)
            for (i, length) in lengths.enumerated() {
                let alone = gru(x[0..<length, i])
                #expect(close(output[0..<length, i], alone.output))
                #expect(close(state[.all, i], alone.state))
                #expect(output[length..., i].abs().sum().item() == 0)
            }
        }
    }

    @Test func theBatchMayComeFirst() throws {
        try seeded {
            let (timeFirst, batchFirst) = (RNN(3, 4, layers: 2), RNN(3, 4, layers: 2, batchFirst: true))
            try batchFirst.load(timeFirst.stateDict())
            let x = Tensor.normal([5, 2, 3])
            let (a, b) = (timeFirst(x), batchFirst(x.transposed(0, 1)))
            #expect(close(a.output, b.output.transposed(0, 1)) && close(a.state, b.state))
        }
    }

    @Test func dropoutIsBetweenLayersInTrainingOnly() {
        seeded {
            let lstm = LSTM(3, 4, layers: 2, dropout: 0.9)
            let x = Tensor.normal([5, 2, 3])
            #expect(!close(lstm(x).output, lstm(x).output))
            lstm.eval()
            #expect(close(lstm(x).output, lstm(x).output))
        }
    }

    @Test func gradientsAreSlopes() throws {
        try seeded {
            let networks = (
                LSTM(2, 3, isBidirectional: true, projectionSize: 2, dtype: .float64), GRU(2, 3, dtype: .float64)
            )
            let x = Tensor.normal([3, 2, 2], dtype: .float64)
            try checkGradients([x], order: 2) { inputs in
                let (output, state) = networks.0(inputs[0], lengths: [3, 2])
                return output.sum() + state.cell.squared().sum()
            }
            try checkGradients([x, Tensor.normal([1, 2, 3], dtype: .float64)]) { inputs in
                networks.1(inputs[0], state: inputs[1]).output.squared()
            }
        }
    }
}
