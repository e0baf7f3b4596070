import Cresset
import CressetNN
import CressetOptim

// Recurrent networks alone, as `scripts/recurrent-peers.py` measures them with PyTorch.

extension Benchmark {
    /// The steps of a sequence, and the features of inputs and states.
    private static let (steps, features) = (64, 256)

    func runRecurrent() throws {
        for name in ["lstm", "gru"] {
            for batch in [1, 32, 128] {
                let tokens = Double(batch * Self.steps)
                try measure("infer_recurrent_\(name)_b\(batch)_f32", "tokens/s", work: recurrentWork(name)) {
                    let network = RecurrentPair(name, features: Self.features)
                    let x = Tensor.normal([Self.steps, batch, Self.features])
                    return withoutGradients { tokens / repeatedSeconds { _ = network(x) } }
                }
                try measure("train_recurrent_\(name)_b\(batch)_f32", "tokens/s", work: recurrentWork(name, passes: 3)) {
                    let network = RecurrentPair(name, features: Self.features)
                    let x = Tensor.normal([Self.steps, batch, Self.features])
                    let optimizer = try SGD(network.parameters, lr: 0.001, momentum: 0.9)
                    return tokens / repeatedSeconds { optimizer.step(network(x).mean().gradients()) }
                }
            }
        }
    }

    /// The median time of a call that may take less than a millisecond.
    private func repeatedSeconds(_ body: () -> Void) -> Double {
        let calls = 10
        return medianSeconds(repeats: repeats) { for _ in 0..<calls { body() } } / Double(calls)
    }

    /// What a token takes: in each layer, a product with the input's matrix and one with the state's.
    private func recurrentWork(_ name: String, passes: Double = 1) -> Work {
        let gates = name == "lstm" ? 4 : 3
        return Work(operations: passes * 2 * 2 * 2 * Double(gates * Self.features * Self.features))
    }
}

/// Two layers of one kind.
private struct RecurrentPair {
    let parameters: [Parameter]
    private let outputs: (Tensor) -> Tensor

    init(_ name: String, features: Int) {
        if name == "lstm" {
            let network = LSTM(features, features, layers: 2)
            (parameters, outputs) = (network.parameters, { network($0).output })
        } else {
            let network = GRU(features, features, layers: 2)
            (parameters, outputs) = (network.parameters, { network($0).output })
        }
    }

    func callAsFunction(_ x: Tensor) -> Tensor { outputs(x) }
}
