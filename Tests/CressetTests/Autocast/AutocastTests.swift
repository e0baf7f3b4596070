import CressetOptim
import Testing

/// Types as given by `torch.autocast('cpu', torch.bfloat16)` in PyTorch 2.15.
@Suite struct AutocastTests {
    private let x = Tensor([0.5, -1, 2, 3, 0.25, -0.75] as [Float], shape: [2, 3])

    @Test func productsAreShortAndTheRestComesAsItIs() {
        withAutocast(.bfloat16) {
            #expect(x.matmul(x.t).dtype == .bfloat16)
            #expect(x.linear(weight: x).dtype == .bfloat16)
            #expect(x.reshaped([1, 2, 3]).convolution(weight: Tensor.ones([4, 2, 1])).dtype == .bfloat16)
            #expect(x.relu().dtype == .float32)
            #expect((x + x).dtype == .float32)
            #expect(x.to(.float64).matmul(x.to(.float64).t).dtype == .float64)
            #expect(withAutocast(nil) { x.matmul(x.t).dtype } == .float32)
        }
        #expect(x.matmul(x.t).dtype == .float32)
    }

    @Test func lossesAreFloat32() {
        let scores = x.to(.bfloat16)
        let labels = Tensor([0, 2] as [Int64])
        withAutocast {
            #expect(scores.crossEntropy(labels).dtype == .float32)
            #expect(scores.meanSquaredError(scores * 0).dtype == .float32)
            #expect(scores.binaryCrossEntropyWithLogits(scores.sigmoid()).dtype == .float32)
        }
        #expect(scores.crossEntropy(labels).dtype == .bfloat16)
    }

    @Test func biasesAndMasksDoNotRaiseProducts() {
        let short = x.to(.bfloat16)
        withAutocast {
            #expect(short.linear(weight: short, bias: Tensor([1, 2] as [Float])).dtype == .bfloat16)
            #expect(short.attention(keys: short, values: short, mask: Tensor.zeros([2, 2])).dtype == .bfloat16)
        }
    }

    @Test func gradientsArriveInTheParametersType() throws {
        let layer = Linear(3, 2)
        let loss = withAutocast { layer(x).crossEntropy(Tensor([0, 1] as [Int64])) }
        let gradients = loss.gradients()
        #expect(gradients[layer.weight]?.dtype == .float32)
        #expect(gradients[layer.bias!]?.dtype == .float32)
        let exact = layer(x).crossEntropy(Tensor([0, 1] as [Int64])).gradients()
        let difference = (gradients[layer.weight]! - exact[layer.weight]!).abs().amax().item()
        #expect(difference < 0.02)
    }

    @Test func weightsAreConvertedAnewAfterAStep() throws {
        let layer = Linear(3, 2, bias: false)
        let before = withAutocast { layer(x) }
        layer.weight.update { $0 += 1 }
        let after = withAutocast { layer(x) }
        #expect(before.scalars(as: Float.self) != after.scalars(as: Float.self))
    }

    /// Parts and transposes start at the weight's address but are not the weight.
    @Test func viewsOfAWeightAreNotTakenForIt() {
        let weight = Tensor((0..<24).map { Float($0) - 11 }, shape: [6, 4])
        let (x, z) = (Tensor.ones([3, 4]), Tensor.ones([3, 6]))
        func shortened(_ x: Tensor, _ weight: Tensor) -> [Float] {
            x.to(.bfloat16).matmul(weight.to(.bfloat16).t).scalars()
        }
        withoutGradients {
            withAutocast {
                let part = weight.narrowed(axis: 0, start: 0, count: 2)
                #expect(x.linear(weight: part).scalars() == shortened(x, part))
                #expect(x.linear(weight: weight).scalars() == shortened(x, weight))
                #expect(z.linear(weight: weight.t).scalars() == shortened(z, weight.t))
            }
        }
    }

    @Test func scalerTakesLargeGradientsOfFloat64ForFinite() throws {
        let parameter = Parameter(Tensor([1.0, 2.0] as [Double]))
        let optimizer = try SGD([parameter], lr: 0.1)
        var gradients = (parameter.value * 1e39).sum().gradients()
        let scaler = GradientScaler(initialScale: 1)
        scaler.step(optimizer, &gradients)
        #expect(!scaler.foundNonFinite)
    }

    @Test func scalerSkipsAndAdapts() throws {
        let parameter = Parameter(Tensor([1, 2] as [Float]))
        let optimizer = try SGD([parameter], lr: 0.1)
        let scaler = GradientScaler(initialScale: 4, growthInterval: 2)
        for _ in 0..<2 {
            var gradients = scaler.scaled((parameter.value * 3).sum()).gradients()
            scaler.step(optimizer, &gradients)
            #expect(!scaler.foundNonFinite)
        }
        #expect(scaler.scale == 8)
        let expected: [Float] = [0.4, 1.4]
        for (found, wanted) in zip(parameter.value.scalars(as: Float.self), expected) {
            #expect(abs(found - wanted) < 1e-6)
        }
        var gradients = scaler.scaled((parameter.value * Float.infinity).sum()).gradients()
        scaler.step(optimizer, &gradients)
        #expect(scaler.foundNonFinite)
        #expect(scaler.scale == 4)
    }
}
