import Cresset
import Testing

/// Values and gradients of `torch.Tensor.scatter_reduce` along axis 0, with 1, 2, … 6 as the gradient of the result.
///
/// If a replaced element happens to equal the extreme, PyTorch counts it as one of the extremes and gives the others
/// half of their gradient; here replaced elements are ignored.
@Suite struct ScatterReductionTests {
    struct Reduced: Sendable, CustomTestStringConvertible {
        let reduction: ScatterReduction
        let includesSelf: Bool
        let values, gradient, sourceGradient: [Float]

        init(
            _ reduction: ScatterReduction, includesSelf: Bool, _ values: [Float], _ gradient: [Float],
            _ sourceGradient: [Float]
        ) {
            self.reduction = reduction
            self.includesSelf = includesSelf
            self.values = values
            self.gradient = gradient
            self.sourceGradient = sourceGradient
        }

        var testDescription: String { "\(reduction.rawValue), includesSelf: \(includesSelf)" }
    }

    static let cases = [
        Reduced(.sum, includesSelf: true, [6, 0, 3, 3, 6, 2.5], [1, 2, 3, 4, 5, 6], [1, 5, 3, 1, 2, 6, 4, 5, 6]),
        Reduced(.sum, includesSelf: false, [4, 0, 0, 2, 7, -1.5], [0, 0, 0, 0, 0, 0], [1, 5, 3, 1, 2, 6, 4, 5, 6]),
        Reduced(
            .product, includesSelf: true, [6, 0, 0, 2, -10, -4], [3, 0, 0, 8, 50, -6],
            [6, -25, 9, 2, 0, 12, 4, -10, -48]),
        Reduced(
            .product, includesSelf: false, [3, 0, 0, 2, 10, -1], [0, 0, 0, 0, 0, 0], [3, 25, 3, 1, 2, 3, 4, 10, -12]),
        Reduced(
            .mean, includesSelf: true, [2, 0, 1.5, 1.5, 2, 0.833333], [0.333333, 1, 1.5, 2, 1.66667, 2],
            [0.333333, 1.66667, 1.5, 0.333333, 1, 2, 2, 1.66667, 2]),
        Reduced(
            .mean, includesSelf: false, [2, 0, 0, 2, 3.5, -0.75], [0, 0, 0, 0, 0, 0],
            [0.5, 2.5, 3, 0.5, 2, 3, 4, 2.5, 3]),
        Reduced(.amax, includesSelf: true, [3, 0, 3, 2, 5, 4], [0, 1, 3, 0, 0, 6], [0, 0, 0, 1, 1, 0, 4, 5, 0]),
        Reduced(.amax, includesSelf: false, [3, 0, 0, 2, 5, 0.5], [0, 0, 0, 0, 0, 0], [0, 0, 3, 1, 2, 0, 4, 5, 6]),
        Reduced(.amin, includesSelf: true, [1, 0, 0, 1, -1, -2], [0, 1, 0, 4, 5, 0], [1, 0, 3, 0, 1, 6, 0, 0, 0]),
        Reduced(.amin, includesSelf: false, [1, 0, 0, 2, 2, -2], [0, 0, 0, 0, 0, 0], [1, 5, 3, 0, 2, 6, 4, 0, 0]),
    ]

    private let x = Tensor([2, 0, 3, 1, -1, 4] as [Float], shape: [2, 3])
    private let source = Tensor([1, 2, 0, 3, 0, -2, 2, 5, 0.5] as [Float], shape: [3, 3])
    private let indices = Tensor([0, 1, 0, 0, 0, 1, 1, 1, 1], shape: [3, 3])

    @Test(arguments: cases) func valuesAndGradientsAreThoseOfPyTorch(_ test: Reduced) {
        let (x, source) = (x.requiringGradient(), source.requiringGradient())
        let out = x.scatterReduce(
            axis: 0, indices: indices, source, test.reduction, includesSelf: test.includesSelf)
        let gradients = out.gradients(seed: (Tensor.arange(6).to(.float32) + 1).reshaped([2, 3]))
        for (found, expected) in [
            (out, test.values), (gradients[x]!, test.gradient), (gradients[source]!, test.sourceGradient),
        ] {
            for (a, b) in zip(found.scalars(as: Float.self), expected) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test(arguments: cases) func gradientsOfGradientsAreTheirSlopes(_ test: Reduced) throws {
        let generator = Generator(seed: 8)
        let inputs = [[2, 3] as Shape, [3, 3]].map {
            Tensor.uniform($0, in: 0.5..<2, dtype: .float64, generator: generator)
        }
        let indices = indices
        try checkGradients(inputs, order: 2) {
            $0[0].scatterReduce(axis: 0, indices: indices, $0[1], test.reduction, includesSelf: test.includesSelf)
        }
    }

    @Test func integersWrapAroundAndCount() {
        let big = Tensor([Int64.max, 2, 7])
        let places = Tensor([0, 0, 2])
        #expect(
            big.scatterReduce(axis: 0, indices: places, Tensor([1, 1, 2]), .sum).scalars() == [Int64.min + 1, 2, 9])
        #expect(
            big.scatterReduce(axis: 0, indices: places, Tensor([-7, 4, 2]), .amin, includesSelf: false)
                .scalars() == [-7, 2, 2] as [Int])
        #expect(
            Tensor([1, 2, 7]).scatterReduce(axis: 0, indices: places, Tensor([4, 5, 2]), .mean).scalars()
                == [3, 2, 4] as [Int])
        let flags = Tensor([true, false, true])
        #expect(
            flags.scatterReduce(axis: 0, indices: places, Tensor([true, false, false]), .amax, includesSelf: false)
                .scalars() == [true, false, false])
    }

    @Test func whatIsNotANumberWins() {
        let x = Tensor([1, .nan, 3] as [Float])
        let source = Tensor([.nan, 5, 2] as [Float])
        let found: [Float] = x.scatterReduce(axis: 0, indices: Tensor([0, 1, 2]), source, .amax).scalars()
        #expect(found[0].isNaN && found[1].isNaN && found[2] == 3)
    }

    @Test func countsOfSmallTypesAreExact() {
        let many = Tensor.ones([700], dtype: .bfloat16)
        let found = Tensor.zeros([1], dtype: .bfloat16)
            .scatterReduce(axis: 0, indices: .zeros([700], dtype: .int64), many * 0 + 1, .mean, includesSelf: false)
        // A sum in bfloat16 stops at 256.
        #expect(abs(found.item() - 256.0 / 700) < 2e-3)
    }
}
