import Cresset
import CressetNN
import CressetVision
import Testing

@Suite struct OptimizedModelTests {
    private func network(_ name: String) throws -> any Layer {
        try Generator.$current.withValue(Generator(seed: 3)) {
            try ModelZoo.make(name, classes: 10, imageSize: 64).eval()
        }
    }

    private func pictures(_ count: Int, seed: UInt64 = 5) -> Tensor {
        Tensor.normal([count, 3, 64, 64], generator: Generator(seed: seed))
    }

    /// Folded norms, shortcuts that are added in place, concatenations, splits, squeezes, attention and windows.
    @Test(
        arguments: [
            "resnet18", "squeezenet1_1", "densenet121", "mobilenet_v3_small", "efficientnet_b0", "shufflenet_v2_x0_5",
            "regnet_y_400mf", "googlenet", "convnext_tiny", "vit_b_32", "swin_t",
        ])
    func itGivesWhatTheNetworkGives(_ name: String) throws {
        let model = try network(name), x = pictures(2)
        let fast = try model.optimized(for: x)
        for input in [x, pictures(2, seed: 6), pictures(1, seed: 7).channelsLast()] {
            let expected = withoutGradients { model(input) }, found = fast(input)
            #expect(found.shape == expected.shape && found.dtype == .float32)
            let scale = expected.abs().amax().item()
            #expect((found - expected).abs().amax().item() <= 1e-5 * scale, "\(name)")
        }
        #expect(fast.description.contains("[2, 3, 64, 64]: "), "\(fast)")
    }

    @Test func halfOfThePrecisionIsHalfOfThePrecision() throws {
        let model = try network("resnet18"), x = pictures(2)
        let fast = try model.optimized(for: x, in: .bfloat16)
        let expected = withoutGradients { withAutocast(.bfloat16) { model(x) }.to(.float32) }, found = fast(x)
        #expect(found.dtype == .float32)
        #expect((found - expected).abs().amax().item() <= 0.02 * expected.abs().amax().item())
    }

    /// Matrices are read in another layout, and summed in the same order.
    @Test(arguments: [1, 3, 16])
    func productsAreEqualToTheBit(rows: Int) throws {
        let generator = Generator(seed: 8)
        let model = Generator.$current.withValue(generator) {
            Sequential(Linear(300, 1100), ReLU(), Linear(1100, 40), GELU(), Linear(40, 7))
        }
        let x = Tensor.normal([rows, 300], generator: generator), fast = try model.eval().optimized(for: x)
        let expected = withoutGradients { model(x) }
        #expect(fast(x).scalars(as: Float.self) == expected.scalars(as: Float.self))
    }

    @Test func resultsAreTensorsOfTheirOwn() throws {
        let model = try network("resnet18"), fast = try model.optimized(for: pictures(1))
        let first = fast(pictures(1)), kept = first.scalars(as: Float.self)
        _ = fast(pictures(1, seed: 9))
        #expect(first.scalars(as: Float.self) == kept)
    }

    @Test func severalThreadsMayCall() async throws {
        let fast = try network("mobilenet_v3_small").optimized(for: pictures(1))
        let expected = (0..<8).map { fast(pictures(1, seed: UInt64($0))).scalars(as: Float.self) }
        let found = await withTaskGroup(of: (Int, [Float]).self) { group in
            for i in 0..<8 {
                group.addTask {
                    let x = Tensor.normal([1, 3, 64, 64], generator: Generator(seed: UInt64(i)))
                    return (i, fast(x).scalars(as: Float.self))
                }
            }
            return await group.reduce(into: [Int: [Float]]()) { $0[$1.0] = $1.1 }
        }
        for i in 0..<8 { #expect(found[i] == expected[i]) }
    }

    @Test func theWeightsAreThoseOfTheMoment() throws {
        let model = try network("resnet18"), x = pictures(1)
        let fast = try model.optimized(for: x), before = fast(x).scalars(as: Float.self)
        for parameter in model.parameters { parameter.value = parameter.value * 0.5 }
        #expect(fast(x).scalars(as: Float.self) == before)
        let after = try model.optimized(for: x)(x).scalars(as: Float.self)
        #expect(after != before)
    }

    // MARK: What cannot be prepared

    private func problem(_ layer: any Layer, _ x: Tensor) -> String {
        do {
            _ = try layer.optimized(for: x)
            return "none"
        } catch { return "\(error)" }
    }

    @Test func networksThatTrainAreRefused() throws {
        let x = Tensor.normal([4, 8], generator: Generator(seed: 1))
        #expect(
            problem(Sequential(Linear(8, 8), Dropout()).train(), x).contains("draws random numbers (call eval() first)")
        )
        let norm = Sequential(Conv2d(3, 4, kernelSize: 3), BatchNorm2d(4)).train()
        #expect(
            problem(norm, pictures(2)).contains("moves the running statistics of a normalisation (call eval() first)"))
        #expect(problem(norm.eval(), pictures(2)) == "none")
    }

    private final class Doubtful: Layer {
        let linear = Linear(8, 8)
        func forward(_ x: Tensor) -> Tensor {
            let y = linear(x)
            return y.sum().item() > 0 ? y : -y
        }
    }

    @Test func networksThatLookAtTheirNumbersAreRefused() {
        let found = problem(Doubtful(), Tensor.normal([4, 8], generator: Generator(seed: 1)))
        #expect(found.contains("it looks at its own numbers") && found.contains("hint: "), "\(found)")
    }

    private final class Counting: Layer {
        let linear = Linear(8, 8)
        var calls: Float = 0
        func forward(_ x: Tensor) -> Tensor {
            calls += 1
            return linear(x) * calls
        }
    }

    @Test func networksThatRememberAreRefused() {
        let found = problem(Counting(), Tensor.normal([4, 8], generator: Generator(seed: 1)))
        #expect(found.contains("another input gives other numbers"), "\(found)")
    }
}
