import Cresset
import CressetNN
import Testing

/// What is fused with a product gives what its parts give, also for what is not a number.
@Suite struct EpilogueTests {
    static let types: [DType] = [.float32, .float64, .bfloat16, .float16]
    private static let extremes: [Double] = [.nan, .infinity, -.infinity, -0.0, 0, 1e38, -1e38, 1e-40]

    /// Numbers of which some are extreme.
    private func spiced(_ shape: Shape, _ dtype: DType, every step: Int, _ seed: UInt64) -> Tensor {
        var values: [Double] = Tensor.normal(shape, generator: Generator(seed: seed)).scalars()
        for (n, i) in stride(from: step / 2, to: values.count, by: step).enumerated() {
            values[i] = Self.extremes[n % Self.extremes.count]
        }
        return Tensor(values, shape: shape).to(dtype)
    }

    /// Equal to the bit but for the payload of NaN and the last bits of sums.
    private func areEqual(_ a: Tensor, _ b: Tensor) -> Bool {
        let (x, y): ([Double], [Double]) = (a.scalars(), b.scalars())
        return a.shape == b.shape
            && zip(x, y).allSatisfy {
                ($0.isNaN && $1.isNaN) || ($0 == $1 && ($0.sign == $1.sign)) || abs($0 - $1) <= 1e-5 * abs($1)
            }
    }

    /// The processor remembers invalid operations: ones before the call must not change its last bits.
    @Test func whatWasComputedBeforeDoesNotMatter() {
        let x = Tensor.normal([128, 64], generator: Generator(seed: 4))
        let weight = Tensor.normal([64, 64], generator: Generator(seed: 5))
        func bits() -> [UInt32] {
            x.linear(weight: weight, bias: nil, activation: .pointwise(.hardswish)).scalars(as: Float.self).map(
                \.bitPattern)
        }
        let expected = bits()
        for count in [1, 1 << 20] {
            _ = Tensor.zeros([count]) / Tensor.zeros([count])
            #expect(bits() == expected)
        }
    }

    @Test(arguments: types) func linearAndRectifier(dtype: DType) {
        // Small results, large ones, and sizes that fill no vector.
        for (rows, inputs, outputs) in [(3, 5, 7), (64, 64, 64), (130, 33, 67)] {
            let weight = spiced([outputs, inputs], dtype, every: inputs * outputs / 2, 1)
            let bias = spiced([outputs], dtype, every: outputs, 2)
            for step in [rows * inputs + 1, inputs * 2 + 3] {
                let x = spiced([rows, inputs], dtype, every: step, 3)
                let fused = x.linear(weight: weight, bias: bias, activation: .relu)
                #expect(areEqual(fused, x.linear(weight: weight, bias: bias).relu()), "\(rows) \(inputs) \(outputs)")
            }
        }
    }

    @Test func aLayerOfNaNGivesNaN() {
        let net = Sequential(Linear(64, 64), ReLU())
        let x = Tensor.full([70, 64], Double.nan)
        #expect(net(x).isNaN().all().item() == 1)
        let trained = net(x.requiringGradient())
        #expect(trained.isNaN().all().item() == 1)
        // PyTorch's rectifier lets the gradient through beside NaN.
        let gradients = trained.sum().gradients()
        #expect(gradients[net.parameters[1]]!.scalars(as: Float.self)[0] == 70)
    }

    @Test(arguments: types) func convolutionNormAndRectifier(dtype: DType) {
        for (channels, side) in [(3, 5), (24, 19)] {
            let conv = Conv2d(channels, 20, kernelSize: 3, padding: 1, bias: false)
            let norm = BatchNorm2d(20)
            let net = Sequential(conv, norm, ReLU())
            net.to(dtype)
            net.eval()
            let x = spiced([2, channels, side, side], dtype, every: channels * side * 3, 5)
            withoutGradients {
                let scale = (norm.runningVar!.value + norm.epsilon).rsqrt()
                let parts = x.convolution(
                    weight: conv.weight.value * scale.reshaped([20, 1, 1, 1]),
                    bias: norm.bias!.value - norm.runningMean!.value * scale, Window(padding: [1]))
                #expect(areEqual(net(x), parts.relu()), "\(dtype) \(channels)")
            }
            net.train()
            let tame = spiced([2, channels, side, side], dtype, every: 100_000, 6)
            let fused = net(tame)
            #expect(areEqual(fused, norm(conv(tame)).relu()), "\(dtype) in training")
        }
    }

    @Test(arguments: [DType.float32, .float64, .bfloat16]) func normShortcutAndRectifier(dtype: DType) {
        for channels in [3, 40] {
            let norm = BatchNorm2d(channels, dtype: dtype)
            norm.eval()
            let x = spiced([2, channels, 7, 9], dtype, every: 11, 7).channelsLast()
            let shortcut = spiced([2, channels, 7, 9], dtype, every: 13, 8).channelsLast()
            let (a, b) = (x.requiringGradient(), shortcut.requiringGradient())
            let fused = norm(a, adding: b, activation: ReLU())
            let (c, d) = (x.requiringGradient(), shortcut.requiringGradient())
            let apart = (norm(c) + d).relu()
            #expect((fused.isNaN() .== apart.isNaN()).all().item() == 1)
            // Apart, bfloat16 is rounded more often.
            if dtype == .bfloat16 { continue }
            #expect(areEqual(fused, apart))
            let (left, right) = (fused.sum().gradients(), apart.sum().gradients())
            #expect(areEqual(left[b]!, right[d]!) && areEqual(left[a]!, right[c]!), "\(dtype) \(channels)")
        }
    }

    @Test func recurrentRectifierKeepsNaN() {
        let net = RNN(4, 32, activation: .relu)
        var x = Tensor.normal([3, 2, 4], generator: Generator(seed: 1))
        x[1, 0, 2] = Tensor(Float.nan)
        let out = net(x).output
        #expect(out[1, 0].isNaN().all().item() == 1 && out[2, 0].isNaN().all().item() == 1)
        #expect(out[0].isNaN().any().item() == 0 && out[2, 1].isNaN().any().item() == 0)
    }
}
