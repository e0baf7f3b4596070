import Cresset
import CressetNN
import Synchronization
import Testing

/// The fused kernels (float32) compared with the same networks composed of operators (float64).
@Suite struct RecurrentKernelTests {
    enum Kind: String, CaseIterable { case tanh, relu, gated, longShortTerm }

    struct Size: Sendable {
        var steps, hidden, batch: Int
        var layers = 1
        var isBidirectional = false
        var hasBias = true
    }

    /// What the four networks have in common: the output and the last states.
    private struct Network {
        let parameters: [Parameter]
        let run: (Tensor, [Tensor]) -> [Tensor]

        init(_ kind: Kind, _ size: Size, _ dtype: DType) {
            switch kind {
            case .tanh, .relu:
                let net = RNN(
                    6, size.hidden, layers: size.layers, activation: kind == .tanh ? .tanh : .relu, bias: size.hasBias,
                    isBidirectional: size.isBidirectional, dtype: dtype)
                parameters = net.parameters
                run = { x, state in
                    let (output, last) = net(x, state: state[0])
                    return [output, last]
                }
            case .gated:
                let net = GRU(
                    6, size.hidden, layers: size.layers, bias: size.hasBias, isBidirectional: size.isBidirectional,
                    dtype: dtype)
                parameters = net.parameters
                run = { x, state in
                    let (output, last) = net(x, state: state[0])
                    return [output, last]
                }
            case .longShortTerm:
                let net = LSTM(
                    6, size.hidden, layers: size.layers, bias: size.hasBias, isBidirectional: size.isBidirectional,
                    dtype: dtype)
                parameters = net.parameters
                run = { x, state in
                    let (output, last) = net(x, state: LSTMState(hidden: state[0], cell: state[1]))
                    return [output, last.hidden, last.cell]
                }
            }
        }
    }

    private func pair(_ kind: Kind, _ size: Size) -> (fused: Network, composed: Network) {
        let pair = (fused: Network(kind, size, .float32), composed: Network(kind, size, .float64))
        for (a, b) in zip(pair.fused.parameters, pair.composed.parameters) { b.value = a.value.to(.float64) }
        return pair
    }

    private func difference(_ a: Tensor, _ b: Tensor) -> Double {
        (a.to(.float64) - b.to(.float64)).abs().amax().item()
    }

    static let sizes = [
        Size(steps: 1, hidden: 16, batch: 1), Size(steps: 5, hidden: 48, batch: 7, layers: 2, isBidirectional: true),
        Size(steps: 4, hidden: 64, batch: 13, isBidirectional: true), Size(steps: 3, hidden: 80, batch: 32),
        Size(steps: 3, hidden: 5, batch: 9, layers: 2), Size(steps: 4, hidden: 35, batch: 3, isBidirectional: true),
        Size(steps: 3, hidden: 20, batch: 2, hasBias: false),
        // Few sequences and large matrices: threads share out the units.
        Size(steps: 3, hidden: 272, batch: 1), Size(steps: 2, hidden: 256, batch: 7, isBidirectional: true),
    ]

    @Test(arguments: Kind.allCases, sizes)
    func resultsAndGradients(_ kind: Kind, _ size: Size) {
        Generator.$current.withValue(Generator(seed: 3)) {
            let pair = pair(kind, size)
            let directions = size.isBidirectional ? 2 : 1
            let state: Shape = [size.layers * directions, size.batch, size.hidden]
            let inputs = [Tensor.normal([size.steps, size.batch, 6]), .normal(state), .normal(state)]
            let weight = Tensor.normal([size.steps, size.batch, size.hidden * directions])
            func run(_ network: Network, _ dtype: DType) -> (values: [Tensor], gradients: [Tensor]) {
                let x = inputs.map { $0.to(dtype).requiringGradient() }
                let values = network.run(x[0], Array(x[1...]))
                let loss = values[1...].reduce((values[0] * weight.to(dtype)).sum()) { $0 + $1.squared().sum() }
                let gradients = loss.gradients()
                let leaves = x[0...(values.count - 1)] + network.parameters.map(\.value)
                return (values, leaves.map { gradients[$0]! })
            }
            let (a, b) = (run(pair.fused, .float32), run(pair.composed, .float64))
            for (x, y) in zip(a.values, b.values) { #expect(difference(x, y) < 2e-5) }
            for (x, y) in zip(a.gradients, b.gradients) {
                #expect(x.shape == y.shape && difference(x, y) < 3e-5 * max(1, y.abs().amax().item()))
            }
        }
    }

    @Test(arguments: Kind.allCases, [16, 3])
    func gradientsOfGradients(_ kind: Kind, hidden: Int) {
        Generator.$current.withValue(Generator(seed: 4)) {
            let pair = pair(kind, Size(steps: 3, hidden: hidden, batch: 2))
            let (x, state) = (Tensor.normal([3, 2, 6]), Tensor.normal([1, 2, hidden]))
            func run(_ network: Network, _ dtype: DType) -> Tensor {
                let x = x.to(dtype).requiringGradient()
                let states = [state.to(dtype), state.to(dtype)]
                let first = network.run(x, states)[0].squared().sum().gradients(createsGraph: true)[x]!
                return first.squared().sum().gradients()[x]!
            }
            #expect(difference(run(pair.fused, .float32), run(pair.composed, .float64)) < 1e-4)
        }
    }

    @Test func onlyTheLastStateIsUsed() {
        let pair = pair(.longShortTerm, Size(steps: 4, hidden: 32, batch: 2))
        let (x, state) = (Tensor.normal([4, 2, 6]), Tensor.zeros([1, 2, 32]))
        func gradient(_ network: Network, _ dtype: DType) -> Tensor {
            let states = [state.to(dtype), state.to(dtype)]
            return network.run(x.to(dtype), states)[2].sum().gradients()[network.parameters[1].value]!
        }
        #expect(difference(gradient(pair.fused, .float32), gradient(pair.composed, .float64)) < 1e-5)
    }

    @Test(arguments: Kind.allCases) func withoutGradientsTheSameBits(_ kind: Kind) {
        let network = Network(kind, Size(steps: 6, hidden: 32, batch: 5, layers: 2), .float32)
        let (x, state) = (Tensor.normal([6, 5, 6]), Tensor.normal([2, 5, 32]))
        let quiet: [Float] = withoutGradients { network.run(x, [state, state])[0] }.scalars()
        #expect(quiet == network.run(x, [state, state])[0].scalars())
    }

    @Test(arguments: Kind.allCases, [1, 9]) func anyNumberOfThreadsTheSameBits(_ kind: Kind, batch: Int) {
        let network = Network(kind, Size(steps: 4, hidden: 272, batch: batch), .float32)
        let x = Tensor.normal([4, batch, 6])
        let state = Tensor.normal([1, batch, 272]).requiringGradient()
        func run(_ threads: Int) -> [[Float]] {
            withThreads(threads) {
                let output = network.run(x, [state, state])[0]
                let gradients = output.squared().sum().gradients()
                return [output.scalars(), gradients[state]!.scalars()]
            }
        }
        let alone = run(1)
        #expect(run(2) == alone)
        #expect(run(3) == alone)
    }

    @Test(arguments: Kind.allCases) func keptMatricesFollowTheirWeights(_ kind: Kind) {
        let network = Network(kind, Size(steps: 3, hidden: 32, batch: 2), .float32)
        let (x, state) = (Tensor.normal([3, 2, 6]), Tensor.normal([1, 2, 32]))
        func output() -> [Float] { withoutGradients { network.run(x, [state, state])[0].scalars() } }
        let first = output()
        #expect(output() == first)
        let old = network.parameters[1].value
        network.parameters[1].value = old * 2
        #expect(output() != first)
        network.parameters[1].value = old
        #expect(output() == first)
    }

    /// The second derivative is a separate computation: hooks before the layer run once, with the whole gradient.
    @Test func hooksBeforeALayerRunOnceWhenTheGraphIsCreated() {
        let layer = LSTM(2, 16)
        let x = Tensor.normal([3, 1, 2]).requiringGradient()
        let hidden = x * 2
        let calls = Mutex(0)
        hidden.onGradient { _ in
            calls.withLock { $0 += 1 }
            return nil
        }
        let plain = layer((x * 2)).output.sum().gradients(withRespectTo: [x])[x]!
        let recorded = layer(hidden).output.sum().gradients(withRespectTo: [x], createsGraph: true)[x]!
        #expect(calls.withLock { $0 } == 1)
        #expect(recorded.isAllClose(to: plain, absoluteTolerance: 1e-6))
    }
}
