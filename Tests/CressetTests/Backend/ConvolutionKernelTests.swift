import Cresset
import CressetBackend
import CressetCPU
import Testing

/// Convolutions and their gradients compared with loops that spell out the definition.
@Suite struct ConvolutionKernelTests {
    @Test(arguments: [DType.float32, .float64, .bfloat16])
    func randomGeometriesMatchTheDefinition(dtype: DType) {
        var generator = TestGenerator(seed: 1)
        for round in 0..<24 {
            let problem = ConvolutionCase(dtype: dtype, spatialRank: round % 3 + 1, using: &generator)
            problem.check(using: &generator)
        }
    }

    /// Each channel with a kernel of its own: whole and partial vectors of channels, every kernel and stride that has loops
    /// of our own, pictures that are smaller than the kernel, and wide enough for several bands.
    @Test(arguments: [DType.float32, .bfloat16])
    func depthwiseGeometriesMatchTheDefinition(dtype: DType) {
        var generator = TestGenerator(seed: 5)
        for (kernel, stride) in [(3, 1), (3, 2), (5, 1), (5, 2), (7, 1), (7, 2), (4, 1)] {
            for (channels, lengths) in [(8, [1, 2]), (35, [5, 8])] {
                for padding in [kernel / 2, channels % 2 == 0 ? kernel - 1 : 0]
                where lengths.min()! + 2 * padding >= kernel {
                    var problem = ConvolutionCase(
                        depthwise: channels, dtype: dtype, kernel: kernel, stride: stride, padding: padding,
                        lengths: lengths, using: &generator)
                    if padding == 0 { problem.weightDType = .float32 }
                    problem.check(using: &generator)
                }
            }
        }
    }

    /// Pictures so large that the forward pass is ours too, and that they are divided into bands and groups of channels.
    @Test(arguments: [(DType.float32, 1, 3, 1), (.float32, 2, 5, 2), (.bfloat16, 2, 3, 1)])
    func largeDepthwiseConvolutionsMatchFloat64WhateverTheTeam(
        dtype: DType, batch: Int, width: Int, stride: Int
    ) {
        let random = Generator(seed: 6)
        let x = Tensor.normal([batch, 150, 84, 85], generator: random).to(dtype)
        let weight = Tensor.normal([150, 1, width, width], generator: random).to(dtype)
        let bias = Tensor.normal([150], generator: random).to(dtype)
        let window = Window(stride: [stride], padding: [1], groups: 150)
        func results(_ dtype: DType) -> [Tensor] {
            let (x, weight) = (x.to(dtype).requiringGradient(), weight.to(dtype).requiringGradient())
            let y = x.convolution(weight: weight, bias: bias.to(dtype), window, activation: .relu)
            let gradients = y.sum().gradients()
            return [y, gradients[x]!, gradients[weight]!].map { $0.detached().to(.float64) }
        }
        let expected = results(.float64)
        let teams = [1, 2, 3].map { threads in withThreads(threads) { results(dtype) } }
        for (i, value) in teams[0].enumerated() {
            let error = (value - expected[i]).abs().amax().item() / expected[i].abs().amax().item()
            #expect(error < (dtype == .float32 ? 1e-6 : 4e-3), "result \(i)")
            for team in teams { #expect(team[i].scalars(as: Double.self) == value.scalars(as: Double.self)) }
        }
    }

    @Test func bfloat16TakesAFloat32Weight() {
        var generator = TestGenerator(seed: 2)
        var problem = ConvolutionCase(dtype: .bfloat16, spatialRank: 2, using: &generator)
        problem.weightDType = .float32
        problem.check(using: &generator)
    }

    @Test func aFixedWeightIsPackedOnceUntilItsStorageIsWritten() {
        var generator = TestGenerator(seed: 3)
        let x = TestOperand(random: [1, 16, 6, 6], order: .channelsLast, using: &generator)
        let weight = TestOperand(random: [16, 16, 3, 3], using: &generator)
        let out = TestOperand([1, 16, 4, 4], order: .channelsLast)
        let geometry = ConvolutionGeometry(
            window: WindowGeometry(
                kernel: [3, 3], stride: [1, 1], paddingBefore: [0, 0], paddingAfter: [0, 0], dilation: [1, 1]),
            groups: 1)
        let storage = CPUBackend.shared.allocate([16, 16, 3, 3], .float32)
        var fixed = weight.operand
        fixed.pointer = storage.pointer
        fixed.storage = storage
        CPUBackend.shared.copy(weight.operand, to: fixed)
        func run() -> Double {
            CPUBackend.shared.convolution(
                x.operand, weight: fixed, bias: nil, geometry: geometry, addend: nil, epilogue: .none,
                weightIsFixed: true, into: out.operand)
            return out[[0, 0, 0, 0]]
        }
        let first = run()
        CPUBackend.shared.binary(.add, fixed, fixed, a: 0, b: 0, into: fixed)
        #expect(run() == first)
        storage.contentsChanged()
        #expect(abs(run() - 2 * first) < 1e-5)
    }

    @Test func emptyBatchesGiveZeroGradients() {
        let x = TestOperand([0, 2, 4, 4], order: .channelsLast)
        let out = TestOperand([0, 3, 4, 4], order: .channelsLast)
        let weight = TestOperand([3, 2, 1, 1])
        let bias = TestOperand([3])
        let geometry = ConvolutionGeometry(
            window: WindowGeometry(
                kernel: [1, 1], stride: [1, 1], paddingBefore: [0, 0], paddingAfter: [0, 0], dilation: [1, 1]),
            groups: 1)
        CPUBackend.shared.convolution(
            x.operand, weight: weight.operand, bias: nil, geometry: geometry, addend: nil, epilogue: .none,
            weightIsFixed: false,
            into: out.operand)
        CPUBackend.shared.convolutionWeightGradient(
            out.operand, x.operand, geometry: geometry, weight: weight.operand, bias: bias.operand)
        #expect(weight.indices.allSatisfy { weight[$0] == 0 } && bias.indices.allSatisfy { bias[$0] == 0 })
    }
}

/// One convolution problem with random lengths.
private struct ConvolutionCase {
    let dtype: DType
    var weightDType: DType
    let geometry: ConvolutionGeometry
    let batch: Int
    let inChannels, outChannels: Int
    let inLengths, outLengths: [Int]
    let weightOrder: TestOperand.Order
    let hasBias, hasAddend, addsInPlace, hasRelu: Bool

    init(dtype: DType, spatialRank: Int, using generator: inout TestGenerator) {
        func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        func axes(_ range: ClosedRange<Int>) -> [Int] { (0..<spatialRank).map { _ in pick(range) } }
        self.dtype = dtype
        weightDType = dtype
        batch = pick(1...3)
        let groups = [1, 1, 2, 3, 8][pick(0...4)]
        let isDepthwise = groups == 8
        inChannels = groups * (isDepthwise ? 1 : pick(1...9))
        outChannels = groups * (isDepthwise ? 1 : pick(1...9))
        let kernel = axes(1...3)
        let stride = axes(1...3)
        let dilation = axes(1...2)
        let before = axes(0...2)
        let after = axes(0...2)
        let lengths = axes(5...8)
        inLengths = lengths
        outLengths = (0..<spatialRank).map {
            (lengths[$0] + before[$0] + after[$0] - dilation[$0] * (kernel[$0] - 1) - 1) / stride[$0] + 1
        }
        geometry = ConvolutionGeometry(
            window: WindowGeometry(
                kernel: Shape(kernel), stride: Shape(stride), paddingBefore: Shape(before), paddingAfter: Shape(after),
                dilation: Shape(dilation)),
            groups: groups)
        weightOrder = pick(0...1) == 0 ? .rowMajor : .channelsLast
        hasBias = pick(0...1) == 0
        hasAddend = pick(0...1) == 0
        addsInPlace = pick(0...1) == 0
        hasRelu = pick(0...1) == 0
    }

    /// Each channel with a kernel of its own.
    init(
        depthwise channels: Int, dtype: DType, kernel: Int, stride: Int, padding: Int, lengths: [Int],
        using generator: inout TestGenerator
    ) {
        self.dtype = dtype
        weightDType = dtype
        batch = 2
        (inChannels, outChannels) = (channels, channels)
        inLengths = lengths
        outLengths = lengths.map { ($0 + 2 * padding - kernel) / stride + 1 }
        geometry = ConvolutionGeometry(
            window: WindowGeometry(
                kernel: [kernel, kernel], stride: [stride, stride], paddingBefore: [padding, padding],
                paddingAfter: [padding, padding], dilation: [1, 1]),
            groups: channels)
        weightOrder = Bool.random(using: &generator) ? .rowMajor : .channelsLast
        hasBias = Bool.random(using: &generator)
        hasAddend = Int.random(in: 0...4, using: &generator) == 0
        addsInPlace = false
        hasRelu = Bool.random(using: &generator)
    }

    /// Calls `body` with the indices of each product that the definition sums: output, input, weight.
    func forEachProduct(_ body: ([Int], [Int], [Int]) -> Void) {
        let perGroup = (inChannels / geometry.groups, outChannels / geometry.groups)
        let window = geometry.window
        let taps = TestOperand.indices(Array(window.kernel))
        for out in TestOperand.indices([batch, outChannels] + outLengths) {
            let group = out[1] / perGroup.1
            for tap in taps {
                let position = tap.indices.map {
                    out[2 + $0] * window.stride[$0] - window.paddingBefore[$0] + tap[$0] * window.dilation[$0]
                }
                guard zip(position, inLengths).allSatisfy({ $0.0 >= 0 && $0.0 < $0.1 }) else { continue }
                for channel in 0..<perGroup.0 {
                    body(out, [out[0], group * perGroup.0 + channel] + position, [out[1], channel] + tap)
                }
            }
        }
    }

    func check(using generator: inout TestGenerator) {
        let x = TestOperand(
            random: Shape([batch, inChannels] + inLengths), dtype, order: .channelsLast, using: &generator)
        let weight = TestOperand(
            random: Shape([outChannels, inChannels / geometry.groups] + geometry.window.kernel), weightDType,
            order: weightOrder, using: &generator)
        let outShape = Shape([batch, outChannels] + outLengths)
        checkForward(x, weight, outShape, using: &generator)
        let gradient = TestOperand(random: outShape, dtype, order: .channelsLast, using: &generator)
        var expectedInput = Dictionary(uniqueKeysWithValues: x.indices.map { ($0, 0.0) })
        var expectedWeight = Dictionary(uniqueKeysWithValues: weight.indices.map { ($0, 0.0) })
        var expectedBias = Dictionary(uniqueKeysWithValues: (0..<outChannels).map { ([$0], 0.0) })
        forEachProduct { out, input, tap in
            expectedInput[input]! += gradient[out] * weight[tap]
            expectedWeight[tap]! += gradient[out] * x[input]
        }
        for index in gradient.indices { expectedBias[[index[1]]]! += gradient[index] }

        let inputGradient = TestOperand(x.shape, dtype, order: .channelsLast)
        CPUBackend.shared.convolutionInputGradient(
            gradient.operand, weight: weight.operand, geometry: geometry, weightIsFixed: false,
            into: inputGradient.operand)
        #expect(inputGradient.error(against: expectedInput) < dtype.testTolerance, "input gradient of \(self)")

        let weightGradient = TestOperand(weight.shape, weightDType, order: weightOrder)
        let biasGradient = TestOperand([outChannels], weightDType)
        CPUBackend.shared.convolutionWeightGradient(
            gradient.operand, x.operand, geometry: geometry, weight: weightGradient.operand,
            bias: hasBias ? biasGradient.operand : nil)
        #expect(weightGradient.error(against: expectedWeight) < dtype.testTolerance, "weight gradient of \(self)")
        if hasBias {
            #expect(biasGradient.error(against: expectedBias) < dtype.testTolerance, "bias gradient of \(self)")
        }
    }

    private func checkForward(
        _ x: TestOperand, _ weight: TestOperand, _ outShape: Shape, using generator: inout TestGenerator
    ) {
        let bias = TestOperand(random: [outChannels], weightDType, using: &generator)
        let addend = TestOperand(random: outShape, dtype, order: .channelsLast, using: &generator)
        let out = addsInPlace && hasAddend ? addend : TestOperand(outShape, dtype, order: .channelsLast)
        var expected = Dictionary(
            uniqueKeysWithValues: TestOperand.indices(Array(outShape)).map {
                ($0, (hasBias ? bias[[$0[1]]] : 0) + (hasAddend ? addend[$0] : 0))
            })
        forEachProduct { out, input, tap in expected[out]! += x[input] * weight[tap] }
        if hasRelu { expected = expected.mapValues { max($0, 0) } }
        CPUBackend.shared.convolution(
            x.operand, weight: weight.operand, bias: hasBias ? bias.operand : nil, geometry: geometry,
            addend: hasAddend ? addend.operand : nil, epilogue: hasRelu ? .relu : .none, weightIsFixed: false,
            into: out.operand)
        #expect(out.error(against: expected) < dtype.testTolerance, "\(self)")
    }
}
