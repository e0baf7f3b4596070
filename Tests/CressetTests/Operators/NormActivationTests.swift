import Cresset
import CressetBackend
import Testing

/// A batch norm that computes the activation after it gives what the two give one after the other, to the bit.
@Suite struct NormActivationTests {
    private static let activations: [Epilogue] = [
        .relu, .pointwise(.clamp, a: 0, b: 6), .pointwise(.silu), .pointwise(.hardswish), .pointwise(.gelu),
        .pointwise(.geluTanh), .pointwise(.mish), .pointwise(.leakyReLU, a: 0.1), .pointwise(.elu, a: 0.7),
        .pointwise(.softplus, a: 1, b: 20), .pointwise(.sigmoid),
    ]

    private func leaves(_ shape: Shape, _ dtype: DType, isChannelsLast: Bool) -> [Tensor] {
        let generator = Generator(seed: 5), channels: Shape = [shape[1]]
        let x = Tensor.normal(shape, generator: generator).to(dtype), type: DType = dtype == .float64 ? dtype : .float32
        return [
            isChannelsLast && shape.count > 2 ? x.channelsLast() : x,
            Tensor.uniform(channels, in: 0.5..<3, generator: generator).to(type),
            Tensor.normal(channels, generator: generator).to(type),
        ].map { $0.requiringGradient() }
    }

    private func normalized(_ leaves: [Tensor], _ activation: Epilogue, isFused: Bool) -> Tensor {
        let (mean, variance) = leaves[0].batchStatistics()
        let result = leaves[0].batchNormalized(
            mean: mean, variance: variance, weight: leaves[1], bias: leaves[2], usesBatch: true, adding: nil,
            activation: isFused ? activation : .none)
        return isFused ? result : result.applying(activation)
    }

    @Test(arguments: [DType.float32, .bfloat16, .float64]) func resultsAndGradientsAreThoseOfTheParts(
        dtype: DType
    ) {
        // Whole vectors and parts of one, more rows than a chunk has, planes, and no spatial axes.
        let shapes: [(Shape, Bool)] = [
            ([3, 40, 7, 9], true), ([70, 24], true), ([2, 5, 3, 11], false), ([9, 16, 8, 8], true),
        ]
        for activation in Self.activations {
            // Numbers that round to the bound are below it before.
            if dtype == .bfloat16, activation == .pointwise(.clamp, a: 0, b: 6) { continue }
            for (shape, isChannelsLast) in shapes {
                let leaves = leaves(shape, dtype, isChannelsLast: isChannelsLast)
                let slope = Tensor.normal(shape, generator: Generator(seed: 6)).to(dtype)
                let found = [true, false].map { isFused in
                    let y = normalized(leaves, activation, isFused: isFused)
                    let gradients = y.gradients(seed: slope)
                    return [y] + leaves.map { gradients[$0]! }
                }
                for (fused, parts) in zip(found[0], found[1]) {
                    #expect(
                        fused.scalars(as: Double.self) == parts.scalars(as: Double.self),
                        "\(activation) \(shape) \(isChannelsLast)")
                }
            }
        }
    }

    /// float16 is computed in float32, where nothing is rounded before the activation.
    @Test func float16IsRoundedOnce() {
        let leaves = leaves([9, 16, 8, 8], .float16, isChannelsLast: true)
        let wide = leaves.map { $0.detached().to(.float32).requiringGradient() }
        let results = [leaves, wide].map { leaves in
            let y = normalized(leaves, .pointwise(.silu), isFused: true)
            let gradients = y.gradients(seed: .ones(like: y))
            return ([y] + leaves.map { gradients[$0]! }).map { $0.to(.float32) }
        }
        for (narrow, wide) in zip(results[0], results[1]) {
            #expect((narrow - wide).abs().amax().item() <= 1e-3 * wide.abs().amax().item())
        }
    }

    @Test func gradientsInTwoPartsAreAddedFirst() {
        let leaves = leaves([4, 24, 6, 6], .float32, isChannelsLast: true)
        let found = [true, false].map { isFused in
            let y = normalized(leaves, .pointwise(.silu), isFused: isFused)
            let gradients = (y.squared().sum() + (y * 3).sum()).gradients()
            return leaves.map { gradients[$0]! }
        }
        for (fused, parts) in zip(found[0], found[1]) {
            #expect(fused.scalars(as: Float.self) == parts.scalars(as: Float.self))
        }
    }

    @Test func onlyWhatNeedsAGradientGetsOne() {
        let leaves = leaves([4, 24, 6, 6], .float32, isChannelsLast: true)
        let found = [true, false].map { isFused in
            let y = normalized([leaves[0].detached()] + leaves[1...], .pointwise(.silu), isFused: isFused)
            let gradients = y.squared().sum().gradients()
            return leaves[1...].map { gradients[$0]! }
        }
        for (fused, parts) in zip(found[0], found[1]) {
            #expect(fused.scalars(as: Float.self) == parts.scalars(as: Float.self))
        }
    }

    @Test func anAddendIsAddedBeforeTheActivation() {
        let leaves = leaves([3, 8, 4, 4], .float32, isChannelsLast: true)
        let addend = Tensor.normal([3, 8, 4, 4], generator: Generator(seed: 7)).channelsLast().requiringGradient()
        let (mean, variance) = leaves[0].batchStatistics()
        let y = leaves[0].batchNormalized(
            mean: mean, variance: variance, weight: leaves[1], bias: leaves[2], usesBatch: true, adding: addend,
            activation: .pointwise(.silu))
        let expected = (normalized(leaves, .none, isFused: true) + addend).silu()
        #expect((y - expected).abs().amax().item() < 1e-6)
        let (found, other) = (y.squared().sum().gradients(), expected.squared().sum().gradients())
        for leaf in leaves + [addend] { #expect((found[leaf]! - other[leaf]!).abs().amax().item() < 1e-4) }
    }

    @Test(arguments: [Epilogue.pointwise(.silu), .pointwise(.gelu), .pointwise(.mish)]) func derivativesAreRight(
        activation: Epilogue
    ) throws {
        let leaves = leaves([3, 4, 2, 2], .float64, isChannelsLast: true)
        let target = Tensor.normal([3, 4, 2, 2], generator: Generator(seed: 8)).to(.float64)
        try checkGradients(leaves, order: 2) { (normalized($0, activation, isFused: true) * target).sum() }
        let found = [true, false].map { isFused in
            let loss = (normalized(leaves, activation, isFused: isFused) * target).sum()
            let first = loss.gradients(createsGraph: true)[leaves[0]]!
            let second = first.squared().sum().gradients()
            return leaves.map { second[$0]! }
        }
        for (fused, parts) in zip(found[0], found[1]) {
            #expect((fused - parts).abs().amax().item() <= 1e-9 * max(parts.abs().amax().item(), 1))
        }
    }
}
