import Cresset
import Testing

/// Layers, groups and channels normalised by the fused kernel, compared with the definition in float64.
@Suite struct PartNormalizationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let shape: Shape
        /// Groups of channels; nil for the last axis, as in layer normalisation.
        let groups: Int?
        var isCentred = true
        var isChannelsLast = false

        var testDescription: String { "\(shape) in \(groups.map(String.init) ?? "layers")" }
        var affine: Shape { groups == nil ? [shape.last!] : [shape[1]] }

        func fused(_ x: [Tensor]) -> Tensor {
            let first = isChannelsLast ? x[0].channelsLast() : x[0]
            guard let groups else {
                return isCentred
                    ? first.layerNormalized(shape: affine, weight: x[1], bias: x[2])
                    : first.rmsNormalized(shape: affine, weight: x[1], epsilon: 1e-5)
            }
            return groups == shape[1]
                ? first.instanceNormalized(weight: x[1], bias: x[2])
                : first.groupNormalized(groups: groups, weight: x[1], bias: x[2])
        }

        func defined(_ x: [Tensor]) -> Tensor {
            var lengths = shape
            if let groups { lengths = [shape[0], groups, shape.elementCount / shape[0] / groups] }
            let parts = x[0].reshaped(lengths)
            let centred = isCentred ? parts - parts.mean(axes: [-1], keepsAxes: true) : parts
            let normal = centred / (centred.squared().mean(axes: [-1], keepsAxes: true) + 1e-5).sqrt()
            func spread(_ values: Tensor) -> Tensor {
                let ones = [Int](repeating: 1, count: groups == nil ? 0 : shape.count - 2)
                return values.reshaped(Shape(Array(affine) + ones))
            }
            let scaled = normal.reshaped(shape) * spread(x[1])
            return isCentred ? scaled + spread(x[2]) : scaled
        }
    }

    static let cases: [Case] = [
        Case(shape: [3, 5], groups: nil), Case(shape: [70, 3, 35], groups: nil), Case(shape: [1, 200], groups: nil),
        Case(shape: [40, 64], groups: nil, isCentred: false), Case(shape: [4, 6], groups: 3),
        Case(shape: [2, 6, 5], groups: 2), Case(shape: [3, 32, 4, 9], groups: 8),
        Case(shape: [2, 40, 3, 3], groups: 40),
        Case(shape: [3, 40, 4, 9], groups: 10, isChannelsLast: true),
        Case(shape: [2, 20, 3, 5], groups: 20, isChannelsLast: true),
        Case(shape: [1, 20, 3, 5], groups: 4, isChannelsLast: true),
    ]

    private func inputs(_ test: Case) -> [Tensor] {
        let generator = Generator(seed: 5)
        return [test.shape, test.affine, test.affine].map {
            Tensor.normal($0, dtype: .float64, generator: generator) * 2 + 1
        }
    }

    private func run(_ inputs: [Tensor], _ body: ([Tensor]) -> Tensor) -> [Tensor] {
        let leaves = inputs.map { $0.requiringGradient() }
        let out = body(leaves)
        let gradients = (out * out.detached().sin()).sum().gradients()
        return [out.detached()] + leaves.map { gradients[$0] ?? .zeros(like: $0) }
    }

    @Test(arguments: cases, [DType.float32, .float64, .bfloat16])
    func resultsAndGradientsMatchTheDefinition(_ test: Case, dtype: DType) {
        let inputs = inputs(test).map { $0.to(dtype) }
        let found = run(inputs, test.fused)
        // The seed of the gradients is derived from the result, so it must be the same.
        let leaves = inputs.map { $0.to(.float64).requiringGradient() }
        let out = test.defined(leaves)
        let gradients = (out * found[0].to(.float64).sin().to(dtype).to(.float64)).sum().gradients()
        let expected = [out] + leaves.map { gradients[$0] ?? .zeros(like: $0) }
        for (x, y) in zip(found, expected) {
            #expect(x.dtype == dtype)
            let size = max(1, y.abs().amax().item())
            #expect((x.to(.float64) - y).abs().amax().item() < tolerance(dtype) * size)
        }
    }

    private func tolerance(_ dtype: DType) -> Double {
        switch dtype {
        case .float64: 1e-11
        case .float32: 1e-5
        default: 2e-2
        }
    }

    @Test(arguments: cases.filter { $0.shape.elementCount < 200 })
    func gradientsOfGradientsAreTheirSlopes(_ test: Case) throws {
        try checkGradients(inputs(test), order: 2, test.fused)
    }

    /// torch.nn.functional.layer_norm and group_norm of arange(12) squared.
    @Test func valuesAreThoseOfPyTorch() {
        let x = Tensor((0..<12).map { Float($0 * $0) })
        func check(_ found: Tensor, _ expected: [Float]) {
            for (a, b) in zip(found.scalars(as: Float.self), expected) { #expect(abs(a - b) < 1e-5) }
        }
        check(
            x.reshaped([3, 4]).layerNormalized(shape: [4]),
            [
                -1, -0.714285, 0.142857, 1.57143, -1.25618, -0.526787, 0.364698, 1.41827, -1.29313, -0.493742, 0.399696,
                1.38718,
            ])
        check(
            x.reshaped([1, 4, 3]).groupNormalized(groups: 2),
            [
                -1.03043, -0.918015, -0.580785, -0.018735, 0.768135, 1.77983, -1.34409, -0.897964, -0.383208, 0.200183,
                0.852208, 1.57287,
            ])
        check(
            x.reshaped([3, 4]).rmsNormalized(shape: [4]),
            [0, 0.202031, 0.808122, 1.81827, 0.472947, 0.738979, 1.06413, 1.4484, 0.681295, 0.862263, 1.06452, 1.28807])
    }

    @Test func aConstantPartIsItsBias() {
        let x = Tensor.full([2, 50], 3e7)
        #expect(x.layerNormalized(shape: [50], bias: .full([50], 2)).scalars(as: Float.self).allSatisfy { $0 == 2 })
    }

    @Test func whatIsNotANumberStaysSoInItsPartAlone() {
        let x = Tensor([1, 2, .nan, 4, 5, 6] as [Float], shape: [2, 3])
        let found: [Float] = x.layerNormalized(shape: [3]).scalars()
        #expect(found[0..<3].allSatisfy(\.isNaN) && found[3...].allSatisfy(\.isFinite))
    }

    @Test func otherTypesAnswerToo() {
        let x = Tensor.normal([4, 6])
        let half = x.to(.float16)
        let wide = half.to(.float32).layerNormalized(shape: [6])
        #expect(half.layerNormalized(shape: [6]).dtype == .float16)
        #expect((half.layerNormalized(shape: [6]).to(.float32) - wide).abs().amax().item() < 2e-3)
        let mixed = x.layerNormalized(shape: [6], weight: .ones([6], dtype: .float64))
        #expect((mixed.to(.float32) - x.layerNormalized(shape: [6])).abs().amax().item() < 1e-6)
    }
}
