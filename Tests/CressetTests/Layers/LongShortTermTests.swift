import Cresset
import CressetNN
import Testing

/// The fused kernel (float32, lengths that 16 divides) beside the same network composed of operators (float64).
@Suite struct LongShortTermTests {
    private struct Pair {
        let fused: LSTM
        let composed: LSTM

        init(_ inputSize: Int, _ hiddenSize: Int, layers: Int, isBidirectional: Bool) {
            fused = LSTM(inputSize, hiddenSize, layers: layers, isBidirectional: isBidirectional)
            composed = LSTM(
                inputSize, hiddenSize, layers: layers, isBidirectional: isBidirectional, dtype: .float64)
            for (a, b) in zip(fused.parameters, composed.parameters) { b.value = a.value.to(.float64) }
        }
    }

    private func difference(_ a: Tensor, _ b: Tensor) -> Double {
        (a.to(.float64) - b.to(.float64)).abs().amax().item()
    }

    @Test(arguments: [(1, 16, 1, 1, false), (5, 48, 7, 2, true), (4, 64, 13, 1, true), (3, 80, 32, 1, false)])
    func resultsAndGradients(steps: Int, hidden: Int, batch: Int, layers: Int, isBidirectional: Bool) {
        Generator.current.manualSeed(3)
        let pair = Pair(6, hidden, layers: layers, isBidirectional: isBidirectional)
        let rows = layers * (isBidirectional ? 2 : 1)
        let inputs = [
            Tensor.normal([steps, batch, 6]), .normal([rows, batch, hidden]), .normal([rows, batch, hidden]),
        ]
        let weight = Tensor.normal([steps, batch, hidden * (isBidirectional ? 2 : 1)])
        func run(_ model: LSTM, _ dtype: DType) -> (values: [Tensor], gradients: [Tensor]) {
            let x = inputs.map { $0.to(dtype).requiringGradient() }
            let (output, state) = model(x[0], state: LSTMState(hidden: x[1], cell: x[2]))
            let loss = (output * weight.to(dtype)).sum() + state.hidden.squared().sum() + state.cell.sum()
            let gradients = loss.gradients()
            return (
                [output, state.hidden, state.cell],
                x.map { gradients[$0]! } + model.parameters.map { gradients[$0]! }
            )
        }
        let (a, b) = (run(pair.fused, .float32), run(pair.composed, .float64))
        for (x, y) in zip(a.values, b.values) { #expect(difference(x, y) < 1e-5) }
        for (x, y) in zip(a.gradients, b.gradients) {
            #expect(difference(x, y) < 2e-5 * max(1, y.abs().amax().item()))
        }
    }

    @Test func gradientsOfGradients() {
        Generator.current.manualSeed(4)
        let pair = Pair(3, 16, layers: 1, isBidirectional: false)
        let x = Tensor.normal([3, 2, 3])
        func run(_ model: LSTM, _ dtype: DType) -> Tensor {
            let x = x.to(dtype).requiringGradient()
            let first = model(x).output.squared().sum().gradients(createsGraph: true)[x]!
            return first.squared().sum().gradients()[x]!
        }
        #expect(difference(run(pair.fused, .float32), run(pair.composed, .float64)) < 1e-4)
    }

    @Test func onlyTheLastStateIsUsed() {
        let pair = Pair(3, 32, layers: 1, isBidirectional: false)
        let x = Tensor.normal([4, 2, 3])
        func gradient(_ model: LSTM, _ dtype: DType) -> Tensor {
            model(x.to(dtype)).state.cell.sum().gradients()[model.parameters[1]]!
        }
        #expect(difference(gradient(pair.fused, .float32), gradient(pair.composed, .float64)) < 1e-5)
    }

    @Test func withoutGradientsTheSameBits() {
        let model = LSTM(3, 32, layers: 2)
        let x = Tensor.normal([6, 5, 3])
        let quiet: [Float] = withoutGradients { model(x).output }.scalars()
        let recorded: [Float] = model(x).output.scalars()
        #expect(quiet == recorded)
    }
}
