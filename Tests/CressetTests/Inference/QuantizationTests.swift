import Cresset
import CressetCPU
import CressetNN
import CressetVision
import Testing

@Suite struct QuantizationTests {
    /// Integers of which some are the largest, so that a step is 1.
    private func integers(_ shape: [Int], _ range: ClosedRange<Int>, seed: UInt64) -> Tensor {
        var generator = TestGenerator(seed: seed)
        let count = shape.reduce(1, *)
        var values = (0..<count).map { _ in Float(Int.random(in: range, using: &generator)) }
        let rows = count / shape[0]
        for row in 0..<shape[0] { values[row * rows] = Float(range.upperBound) }
        return Tensor(values, shape: Shape(shape))
    }

    /// Where nothing is rounded, results are those in float32: signed and unsigned inputs, strides, padding, groups.
    @Test(arguments: [(0...255, 1, 1), (-127...127, 1, 1), (0...255, 2, 1), (-127...127, 1, 4), (0...255, 2, 8)])
    func integersAreExact(_ range: ClosedRange<Int>, _ stride: Int, _ groups: Int) throws {
        let layer = Conv2d(8, 16, kernelSize: 3, stride: stride, padding: 1, groups: groups)
        layer.weight.value = integers([16, 8 / groups, 3, 3], -127...127, seed: 2)
        layer.bias!.value = integers([16], -9...9, seed: 3)
        let x = integers([2, 8, 9, 7], range, seed: 4)
        let exact = withoutGradients { layer(x) }
        let fast = try layer.optimized(for: x, in: .int8(Int8Calibration([x], method: .extremes)))
        let found = fast(x)
        // On processors without VNNI, weights have 7 bits.
        let tolerance = CPUBackend.hasInt8Instructions ? 1e-6 : 0.02
        #expect((found - exact).abs().amax().item() <= tolerance * exact.abs().amax().item())
    }

    @Test func linearLayersAreExactToo() throws {
        let layer = Linear(24, 10)
        layer.weight.value = integers([10, 24], -127...127, seed: 2)
        let x = integers([5, 24], 0...255, seed: 4)
        let exact = withoutGradients { layer(x) }
        let found = try layer.optimized(for: x, in: .int8(Int8Calibration([x], method: .extremes)))(x)
        let tolerance = CPUBackend.hasInt8Instructions ? 1e-6 : 0.02
        #expect((found - exact).abs().amax().item() <= tolerance * exact.abs().amax().item())
    }

    /// A network whose activations stay integers: a pool, a shortcut, a concatenation.
    private final class Parts: Layer {
        let first = Conv2d(3, 8, kernelSize: 3, padding: 1)
        let pool = MaxPool2d(3, stride: 2, padding: 1)
        let left = Conv2d(8, 8, kernelSize: 3, padding: 1)
        let right = Conv2d(8, 8, kernelSize: 1)
        let last = Conv2d(16, 4, kernelSize: 1)
        let relu = ReLU()
        func forward(_ x: Tensor) -> Tensor {
            let x = pool(first(x, norm: nil, activation: relu))
            let left = left(x, norm: nil, adding: x, activation: relu)
            return last(Tensor.concatenated([left, right(x, norm: nil, activation: relu)], axis: 1))
        }
    }

    /// The same with every activation rounded by the definition, in float64.
    private func expected(_ model: Parts, _ x: Tensor) -> Tensor {
        func rounded(_ x: Tensor, _ largest: Double, _ levels: Double) -> Tensor {
            let step = largest / levels
            return (x / step).round().clamp(min: -levels - 1, max: levels) * step
        }
        func activation(_ x: Tensor, like range: Tensor) -> Tensor {
            rounded(x, range.abs().amax().to(.float64).item(), range.amin().item() < 0 ? 127 : 255)
        }
        func weight(_ layer: Conv2d) -> Tensor {
            let w = layer.weight.value.to(.float64)
            let step = w.abs().amax(axes: [1, 2, 3], keepsAxes: true) / 127
            return (w / step).round() * step
        }
        func convolved(_ x: Tensor, _ layer: Conv2d, padding: Int) -> Tensor {
            x.convolution(
                weight: weight(layer), bias: layer.bias!.value.to(.float64), Window(padding: [padding, padding]))
        }
        let exact = withoutGradients {
            let first = model.first(x).relu(), x = model.pool(first)
            return (first: first, left: (model.left(x) + x).relu(), right: model.right(x).relu())
        }
        let joined = Tensor.concatenated([exact.left, exact.right], axis: 1)
        let input = activation(x.to(.float64), like: x)
        let first = activation(convolved(input, model.first, padding: 1).relu(), like: exact.first)
        let pooled = first.maxPooled(kernel: [3, 3], Window(stride: [2, 2], padding: [1, 1]))
        let left = activation((convolved(pooled, model.left, padding: 1) + pooled).relu(), like: joined)
        let right = activation(convolved(pooled, model.right, padding: 0).relu(), like: joined)
        return convolved(Tensor.concatenated([left, right], axis: 1), model.last, padding: 0).to(.float32)
    }

    @Test func activationsStayIntegersBetweenConvolutions() throws {
        let model = Generator.$current.withValue(Generator(seed: 8)) { Parts() }
        let x = Tensor.normal([2, 3, 12, 10], generator: Generator(seed: 9))
        let fast = try model.optimized(for: x, in: .int8(Int8Calibration([x], method: .extremes)))
        let found = fast(x), wanted = withoutGradients { expected(model, x) }
        // A sum that is half way between two integers may be rounded to either.
        let step = wanted.abs().amax().item() / 100
        #expect((found - wanted).abs().amax().item() < step)
        #expect((found - wanted).abs().mean().item() < step / 20)
    }

    @Test(arguments: [Int8Calibration.Method.leastSquares, .percentile(0.9999), .extremes])
    func networksLoseLittle(_ method: Int8Calibration.Method) throws {
        for name in ["resnet18", "mobilenet_v2", "squeezenet1_1", "googlenet"] {
            let model = try Generator.$current.withValue(Generator(seed: 3)) {
                try ModelZoo.make(name, classes: 10).eval()
            }
            let x = Tensor.normal([4, 3, 64, 64], generator: Generator(seed: 5))
            let exact = withoutGradients { model(x) }
            let found = try model.optimized(for: x, in: .int8(Int8Calibration([x], method: method)))(x)
            let error = (found - exact).squared().mean().item().squareRoot()
            let spread = (exact - exact.mean(axes: [1], keepsAxes: true)).squared().mean().item().squareRoot()
            #expect(error < 0.25 * spread, "\(name): \(error) of \(spread)")
        }
    }

    @Test func inputsToCalibrateWithAreChecked() {
        let layer = Conv2d(3, 4, kernelSize: 3), x = Tensor.ones([1, 3, 8, 8])
        for (batches, text) in [
            ([], "there are no inputs to calibrate with"), ([x, Tensor.ones([2, 3, 8, 8])], "different shapes"),
        ] {
            #expect {
                _ = try layer.optimized(for: x, in: .int8(Int8Calibration(batches)))
            } throws: { "\($0)".contains(text) }
        }
    }

    @Test func scalesAreFoundByTheirDefinition() {
        var histogram = MagnitudeHistogram()
        let values = (0..<1000).map { Float($0) / 1000 } + [10]
        let x = TestOperand([values.count])
        for (index, value) in zip(x.indices, values) { x[index] = Double(value) }
        histogram.addExtremes(of: x.operand)
        histogram.count(x.operand)
        #expect(histogram.extreme == 10 && !histogram.hasNegatives)
        #expect(abs(histogram.percentile(0.99) - 0.99) < 0.01)
        #expect(histogram.percentile(1) == 10)
        // One value of a thousand is cut off, if that costs less than a coarse step for the rest.
        #expect(histogram.leastSquares == 10, "the error of 9 at one value is the larger one")
    }
}
