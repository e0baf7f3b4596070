import Cresset
import CressetNN
import Foundation
import Testing

/// What layers compute together is what they compute one by one: in every type, with every activation.
@Suite struct FusionTests {
    private var activations: [any Layer] {
        [
            ReLU(), ReLU6(), Hardtanh(min: -0.5, max: 0.7), LeakyReLU(), LeakyReLU(slope: 0.3), ELU(), ELU(alpha: 0.4),
            SELU(), GELU(), GELU(approximation: .tanh), SiLU(), Mish(), Hardswish(), Hardsigmoid(), Sigmoid(), Tanh(),
            Softplus(),
        ]
    }

    /// The largest difference allowed, beside numbers of about 1.
    private func tolerance(_ dtype: DType) -> Double {
        switch dtype {
        case .float64: 1e-12
        case .float32: 3e-6
        case .float16: 6e-3
        default: 3e-2
        }
    }

    private func areClose(_ a: Tensor, _ b: Tensor, _ tolerance: Double) -> Bool {
        let (x, y): ([Double], [Double]) = (a.scalars(), b.scalars())
        return a.shape == b.shape && a.dtype == b.dtype
            && zip(x, y).allSatisfy { ($0.isNaN && $1.isNaN) || $0 == $1 || abs($0 - $1) <= tolerance * (1 + abs($1)) }
    }

    /// What the layers give one by one: a hook forbids fusion.
    private func apart(_ body: () -> Tensor) -> Tensor { withForwardHook({ _, _ in }, body: body) }

    private func input(_ shape: Shape, _ dtype: DType, seed: UInt64, isSpiced: Bool) -> Tensor {
        var values: [Double] = Tensor.normal(shape, generator: Generator(seed: seed)).scalars().map { $0 * 2 }
        if isSpiced { (values[40], values[700], values[1400]) = (.nan, .infinity, -.infinity) }
        return Tensor(values, shape: shape).to(dtype)
    }

    private func norm(_ channels: Int, seed: UInt64) -> BatchNorm2d {
        let (norm, generator) = (BatchNorm2d(channels), Generator(seed: seed))
        norm.weight!.update { $0 = Tensor.uniform([channels], in: 0.5..<2, generator: generator) }
        norm.bias!.update { $0 = Tensor.normal([channels], generator: generator) }
        norm.runningMean!.update { $0 = Tensor.normal([channels], generator: generator) }
        norm.runningVar!.update { $0 = Tensor.uniform([channels], in: 0.5..<2, generator: generator) }
        return norm
    }

    @Test(arguments: [DType.float32, .float64, .bfloat16, .float16], [false, true])
    func convolutionsInEvaluation(dtype: DType, hasNorm: Bool) {
        // A result large enough for oneDNN's own activations, and one that is not.
        for (isLarge, hasBias) in [(true, false), (true, true), (false, true)] {
            let side = isLarge ? 17 : 7
            let generator = Generator(seed: 1)
            let conv = Generator.$current.withValue(generator) {
                Conv2d(6, 16, kernelSize: 3, padding: 1, bias: hasBias)
            }
            let norm = hasNorm ? norm(16, seed: 2) : nil
            let net = Sequential([conv] + (norm.map { [$0] } ?? []))
            net.to(dtype)
            net.eval()
            for isSpiced in [false, true] {
                let x = input([2, 6, side, side], dtype, seed: 3, isSpiced: isSpiced && isLarge)
                let shortcut = input([2, 16, side, side], dtype, seed: 4, isSpiced: isSpiced && isLarge).channelsLast()
                withoutGradients {
                    for activation in activations {
                        for addend in [nil, shortcut] {
                            let fused = conv(x, norm: norm, adding: addend, activation: activation)
                            let parts = apart { conv(x, norm: norm, adding: addend, activation: activation) }
                            #expect(
                                areClose(fused, parts, tolerance(dtype)),
                                "\(activation) bias \(hasBias) addend \(addend != nil) spiced \(isSpiced) \(side)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [DType.float32, .float64, .bfloat16, .float16]) func linearLayers(dtype: DType) {
        let layer = Generator.$current.withValue(Generator(seed: 1)) { Linear(12, 40) }
        layer.to(dtype)
        let x = input([130, 12], dtype, seed: 2, isSpiced: true)
        for activation in activations {
            withoutGradients {
                let fused = layer(x, activation: activation)
                #expect(areClose(fused, activation(layer(x)), tolerance(dtype)), "\(activation)")
            }
        }
    }

    /// Gradients of the input and of all parameters, in training.
    private func gradients(_ net: Sequential, _ x: Tensor, _ run: (() -> Tensor) -> Tensor) -> [Tensor] {
        let x = x.requiringGradient()
        let y = run { net(x) }
        let weights = Tensor.normal(y.shape, generator: Generator(seed: 9)).to(y.dtype)
        let all = (y * weights).sum().gradients()
        return [y.detached(), all[x]!] + net.parameters.map { all[$0]! }
    }

    @Test(arguments: [DType.float32, .float64], [false, true]) func trainedLayers(dtype: DType, hasNorm: Bool) {
        for activation in activations {
            let conv = Generator.$current.withValue(Generator(seed: 1)) { Conv2d(3, 5, kernelSize: 3) }
            let net = Sequential([conv] + (hasNorm ? [norm(5, seed: 2)] : []) + [activation])
            net.to(dtype)
            let x = input([4, 3, 9, 9], dtype, seed: 3, isSpiced: false)
            let fused = gradients(net, x) { $0() }
            let parts = gradients(net, x) { apart($0) }
            for (i, (a, b)) in zip(fused, parts).enumerated() {
                #expect(areClose(a, b, 10 * tolerance(dtype)), "\(activation) \(i)")
            }
        }
    }

    @Test func normBeforeActivationAndConvolution() {
        // As in DenseNet; the layout of signals without spatial axes too.
        for activation in activations {
            let net = Sequential(norm(6, seed: 1), activation, Conv2d(6, 4, kernelSize: 1))
            let x = input([3, 6, 5, 5], .float32, seed: 3, isSpiced: false)
            for (a, b) in zip(gradients(net, x) { $0() }, gradients(net, x) { apart($0) }) {
                #expect(areClose(a, b, 3e-5), "\(activation)")
            }
        }
        let flat = Sequential(BatchNorm1d(7), ReLU6())
        let x = input([33, 7], .float64, seed: 4, isSpiced: false) * 4
        flat.to(.float64)
        for (a, b) in zip(gradients(flat, x) { $0() }, gradients(flat, x) { apart($0) }) {
            #expect(areClose(a, b, 1e-12))
        }
    }

    @Test func shortcutsWithACeiling() {
        let norm = norm(8, seed: 1)
        let values = [input([2, 8, 6, 6], .float32, seed: 2, isSpiced: false) * 3, .ones([2, 8, 6, 6])]
        func gradients(_ run: (() -> Tensor) -> Tensor) -> [Tensor] {
            let inputs = values.map { $0.requiringGradient() }
            let y = run { norm(inputs[0], adding: inputs[1], activation: ReLU6()) }
            let all = y.squared().sum().gradients()
            return [y.detached()] + inputs.map { all[$0]! } + norm.parameters.map { all[$0]! }
        }
        let fused = gradients { $0() }
        for (a, b) in zip(fused, gradients { apart($0) }) { #expect(areClose(a, b, 1e-5)) }
        #expect((fused[0] .== 6).any().item() == 1)
    }

    @Test func aGPUSaysNoAndRunsThePartsInSequence() async {
        await #expect(processExitsWith: .success) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            let x = Tensor.normal([2, 3, 6, 6], generator: Generator(seed: 1))
            for activation in [ReLU(), ReLU6(), SiLU()] as [any Layer] {
                let net = Sequential(Conv2d(3, 4, kernelSize: 3), BatchNorm2d(4), activation)
                net.eval()
                withoutGradients {
                    let expected = net(x).scalars(as: Float.self)
                    net.to(.cuda(0))
                    let found = net(x.to(.cuda(0))).to(.cpu).scalars(as: Float.self)
                    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "\(activation)")
                }
            }
        }
    }

    // MARK: Plans

    @Test func aSequenceFollowsItsLayers() {
        let net = Sequential(Conv2d(3, 4, kernelSize: 3), BatchNorm2d(4), SiLU())
        net.eval()
        let x = Tensor.normal([2, 3, 8, 8], generator: Generator(seed: 1))
        func check(_ what: String) {
            withoutGradients { #expect(areClose(net(x), apart { net(x) }, 1e-5), "\(what)") }
        }
        check("as made")
        net[2] = ReLU6()
        check("another activation")
        net[1] = norm(4, seed: 2)
        net.eval()
        check("another normalisation")
        (net[0] as! Conv2d).weight.update { $0 *= 2 }
        check("another weight")
        net.append(Conv2d(4, 2, kernelSize: 1))
        net.append(Tanh())
        check("appended")
        net["1"] = nil
        check("removed")
        net["0"] = Identity()
        net[0] = Conv2d(3, 4, kernelSize: 3, paddingMode: .reflect)
        check("another convolution")
    }

    @Test func hooksSeeEveryLayer() throws {
        let net = Sequential(Conv2d(3, 4, kernelSize: 3), BatchNorm2d(4), SiLU(), Flatten(), Linear(144, 2), ReLU())
        net.eval()
        var seen: [String] = []
        let x = Tensor.normal([1, 3, 8, 8], generator: Generator(seed: 1))
        _ = withForwardHook({ module, _ in seen.append(type(of: module).className) }, body: { net(x) })
        #expect(seen == ["Conv2d", "BatchNorm2d", "SiLU", "Flatten", "Linear", "ReLU", "Sequential"])
        let features = try net.features(at: ["0", "1", "2"], x)
        #expect(areClose(features["2"]!, features["1"]!.silu(), 1e-6))
    }

    @Test func modesAndFrozenNormsAreAskedInEachCall() {
        let batchNorm = norm(4, seed: 2)
        let net = Sequential(Conv2d(3, 4, kernelSize: 3, bias: false), batchNorm, ReLU6())
        let x = Tensor.normal([2, 3, 8, 8], generator: Generator(seed: 1))
        net.eval()
        let evaluated = withoutGradients { net(x) }
        net.train()
        let trained = net(x)
        #expect(!areClose(evaluated, trained.detached(), 1e-3))
        #expect(batchNorm.numBatchesTracked!.value.item() == 1)
        // Training moved the statistics, which the folded weights must notice.
        net.eval()
        let again = withoutGradients { net(x) }
        #expect(!areClose(evaluated, again, 1e-4))
        net.train()
        net.freeze()
        #expect(areClose(net(x), again, 1e-5))
        #expect(batchNorm.numBatchesTracked!.value.item() == 1)
    }

    @Test func secondDerivativesOfFusedLayers() {
        let net = Sequential(norm(2, seed: 1), ReLU6())
        net.to(.float64)
        let x = input([6, 2, 3, 3], .float64, seed: 5, isSpiced: false).requiringGradient()
        func second(_ run: (() -> Tensor) -> Tensor) -> Tensor {
            let first = run { net(x) }.squared().sum().gradients(createsGraph: true)[x]!
            return first.squared().sum().gradients()[x]!
        }
        #expect(areClose(second { $0() }, second { apart($0) }, 1e-9))
    }
}
