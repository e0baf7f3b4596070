import CressetNN
import Testing

/// Layers that PyTorch's sample database leaves out; the numbers are PyTorch's own.
@Suite struct RareLayersTests {
    @Test func fractionalPoolsOfTwoAxes() {
        let x = Tensor.arange(84).to(.float32).reshaped([2, 1, 6, 7]).sin()
        let samples = Tensor([0.1, 0.7, 0.55, 0.2] as [Float], shape: [2, 1, 2])
        let (values, indices) = FractionalMaxPool2d(2, outputSize: [3, 4]).withIndices(x, samples: samples)
        #expect(
            indices.scalars(as: Int64.self) == [
                8, 8, 3, 13, 14, 15, 25, 27, 28, 37, 39, 33, 8, 10, 4, 5, 22, 16, 18, 27, 35, 30, 40, 41,
            ])
        let there = x.flattened(from: 2).gather(axis: 2, indices: indices.flattened(from: 2))
        #expect(values.flattened(from: 2).scalars(as: Float.self) == there.scalars(as: Float.self))
    }

    @Test func fractionalPoolsOfThreeAxes() {
        let x = Tensor.arange(300).to(.float32).reshaped([1, 2, 5, 5, 6]).cos()
        let samples = Tensor([0.1, 0.7, 0.4, 0.9, 0.3, 0.25] as [Float], shape: [1, 2, 3])
        let pool = FractionalMaxPool3d([2, 2, 3], outputRatio: [0.6, 0.5, 0.5])
        let (values, indices) = pool.withIndices(x, samples: samples)
        #expect(values.shape == [1, 2, 3, 2, 3])
        #expect(
            indices.scalars(as: Int64.self) == [
                0, 38, 5, 25, 50, 57, 38, 69, 69, 50, 88, 88, 126, 94, 94, 138, 112, 113, 7, 7, 39, 26, 51, 51, 32, 32,
                70, 50, 51, 51, 120, 127, 95, 139, 139, 113,
            ])
    }

    /// Each element of the result comes from one position in the input, so the gradient sums to the number of results.
    @Test func fractionalPoolsDrawTheirWindows() {
        let x = Tensor.normal([2, 3, 9, 9]).requiringGradient()
        let y = FractionalMaxPool2d(3, outputSize: 4)(x)
        #expect(y.shape == [2, 3, 4, 4])
        #expect(y.sum().gradients(withRespectTo: [x])[x]!.sum().item() == 96)
    }

    @Test func adaptiveLogSoftmax() {
        Generator.current.manualSeed(3)
        let layer = AdaptiveLogSoftmaxWithLoss(8, classes: 10, cutoffs: [3, 6], divisor: 2, headBias: true)
        #expect(
            layer.namedParameters.map(\.name) == [
                "head.weight", "head.bias", "tail.0.0.weight", "tail.0.1.weight", "tail.1.0.weight", "tail.1.1.weight",
            ])
        let x = Tensor.arange(32).to(.float32).reshaped([4, 8]).sin().requiringGradient()
        let (output, loss) = layer(x, Tensor([0, 4, 9, 6] as [Int64]))
        let expected: [Float] = [-1.810_716_8, -2.840_491_3, -2.332_614_4, -2.836_211_4]
        #expect(output.isAllClose(to: Tensor(expected)))
        #expect(abs(loss.item() - 2.455_008_5) < 1e-5)
        let gradient = loss.gradients(withRespectTo: [x])[x]!.selected(axis: 0, index: 1)
        let row: [Float] = [
            0.006_624_953, 0.033_974_05, -0.019_852_927, -0.021_845_182, 0.092_972_055, 0.003_009_172_2,
            0.004_394_255_6, -0.034_043_405,
        ]
        #expect(gradient.isAllClose(to: Tensor(row), absoluteTolerance: 1e-6))
        let all = layer.logProbabilities(x)
        #expect(all.exp().sum(axes: [1]).isAllClose(to: .ones([4])))
        #expect(layer.predict(x).scalars(as: Int64.self) == [1, 0, 0, 2])
    }

    @Test func listsArePrintedOnce() {
        let encoder = TransformerEncoder(TransformerOptions(4, heads: 1, feedForward: 8), layers: 3)
        let lines = encoder.description.split(separator: "\n")
        #expect(lines[1] == "  (layers): ModuleList(" && lines[2] == "    (0-2): 3 x TransformerEncoderLayer(")
        let layer = AdaptiveLogSoftmaxWithLoss(8, classes: 10, cutoffs: [3, 6], divisor: 2, headBias: true)
        #expect(
            layer.description == """
                AdaptiveLogSoftmaxWithLoss(
                  (head): Linear(in_features=8, out_features=5, bias=True)
                  (tail): ModuleList(
                    (0): Sequential(
                      (0): Linear(in_features=8, out_features=4, bias=False)
                      (1): Linear(in_features=4, out_features=3, bias=False)
                    )
                    (1): Sequential(
                      (0): Linear(in_features=8, out_features=2, bias=False)
                      (1): Linear(in_features=2, out_features=4, bias=False)
                    )
                  )
                )
                """)
    }
}
