import Cresset
import Testing

/// A differentiable operator and where to differentiate it.
struct DifferentiableOperator: Sendable, CustomTestStringConvertible {
    let name: String
    let shapes: [Shape]
    /// The range that inputs are drawn from, away from kinks and poles.
    var range: Range<Double> = 0.3..<2
    /// Whether second derivatives are supported.
    var isTwiceDifferentiable = true
    let body: @Sendable ([Tensor]) -> Tensor

    var testDescription: String { name }

    init(
        _ name: String, _ shapes: [Shape] = [[2, 3]], in range: Range<Double> = 0.3..<2, twice: Bool = true,
        _ body: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
        self.name = name
        self.shapes = shapes
        self.range = range
        isTwiceDifferentiable = twice
        self.body = body
    }

    var inputs: [Tensor] {
        let generator = Generator(seed: 11)
        return shapes.map { .uniform($0, in: range, dtype: .float64, generator: generator) }
    }
}

@Suite struct GradientTests {
    @Test(arguments: DifferentiableOperator.all)
    func gradientsAreTheSlopes(_ op: DifferentiableOperator) throws {
        try checkGradients(op.inputs, op.body)
    }

    @Test(arguments: DifferentiableOperator.all.filter(\.isTwiceDifferentiable))
    func gradientsOfGradientsAreTheirSlopes(_ op: DifferentiableOperator) throws {
        try checkGradients(op.inputs, order: 2, op.body)
    }

    @Test func aWrongGradientIsFound() {
        #expect(throws: GradientMismatch.self) {
            try checkGradients([Tensor([0.5, 1.5] as [Double])]) { $0[0].detached() + $0[0] * 0.5 }
        }
    }
}

extension DifferentiableOperator {
    static let all: [DifferentiableOperator] =
        arithmetic + elementary + activations + reductions + views + indexing + products + networks + losses

    static let pair: [Shape] = [[2, 3], [2, 3]]

    static let arithmetic: [DifferentiableOperator] = [
        .init("add", [[2, 3], [3]]) { $0[0] + $0[1] },
        .init("subtract", [[2, 1], [2, 3]]) { $0[0] - $0[1] },
        .init("multiply", [[2, 3], [1, 3]]) { $0[0] * $0[1] },
        .init("divide", pair) { $0[0] / $0[1] },
        .init("power", pair) { $0[0].power($0[1]) },
        .init("power of a number") { $0[0].power(2.5) },
        .init("maximum", pair) { $0[0].maximum($0[1]) },
        .init("minimum", pair) { $0[0].minimum($0[1]) },
        .init("fmax", pair) { $0[0].fmax($0[1]) },
        .init("hypot", pair) { $0[0].hypot($0[1]) },
        .init("copySign", pair) { $0[0].copySign(-$0[1]) },
        .init("xlogy", pair) { $0[0].xlogy($0[1]) },
        .init("logAddExp", pair) { $0[0].logAddExp($0[1]) },
        .init("logAddExp2", pair) { $0[0].logAddExp2($0[1]) },
        .init("atan2", pair) { $0[0].atan2($0[1]) },
        .init("lerp", [[2, 3], [2, 3], [3]]) { $0[0].lerp(to: $0[1], weight: $0[2]) },
        .init("remainder", pair) { ($0[0] * 7).remainder(dividingBy: $0[1]) },
        .init("select", pair) { Tensor.select($0[0] .> 1, $0[0] * $0[0], $0[1] * $0[0]) },
    ]

    static let elementary: [DifferentiableOperator] = [
        .init("abs", in: -2..<2) { $0[0].abs() }, .init("square", in: -2..<2) { $0[0].squared() },
        .init("sqrt") { $0[0].sqrt() }, .init("rsqrt") { $0[0].rsqrt() }, .init("reciprocal") { $0[0].reciprocal() },
        .init("exp") { $0[0].exp() }, .init("exp2") { $0[0].exp2() }, .init("expm1") { $0[0].expm1() },
        .init("log") { $0[0].log() }, .init("log2") { $0[0].log2() }, .init("log10") { $0[0].log10() },
        .init("log1p") { $0[0].log1p() }, .init("sin") { $0[0].sin() }, .init("cos") { $0[0].cos() },
        .init("tan", in: -1..<1) { $0[0].tan() }, .init("asin", in: -0.9..<0.9) { $0[0].asin() },
        .init("acos", in: -0.9..<0.9) { $0[0].acos() }, .init("atan") { $0[0].atan() }, .init("sinh") { $0[0].sinh() },
        .init("cosh") { $0[0].cosh() }, .init("tanh") { $0[0].tanh() }, .init("asinh") { $0[0].asinh() },
        .init("acosh", in: 1.2..<3) { $0[0].acosh() }, .init("atanh", in: -0.9..<0.9) { $0[0].atanh() },
        .init("sigmoid", in: -3..<3) { $0[0].sigmoid() }, .init("erf") { $0[0].erf() }, .init("erfc") { $0[0].erfc() },
        .init("erfinv", in: -0.9..<0.9) { $0[0].erfinv() }, .init("lgamma", in: -0.9..<3) { $0[0].lgamma() },
        .init("sinc") { $0[0].sinc() }, .init("logit", in: 0.1..<0.9) { $0[0].logit() },
        .init("clamp", in: -2..<2) { $0[0].clamp(min: -1, max: 1) },
    ]

    static let activations: [DifferentiableOperator] = [
        .init("relu", in: -2..<2) { $0[0].relu() }, .init("leakyReLU", in: -2..<2) { $0[0].leakyReLU(slope: 0.2) },
        .init("silu", in: -2..<2) { $0[0].silu() }, .init("gelu", in: -2..<2) { $0[0].gelu() },
        .init("gelu by tanh", in: -2..<2) { $0[0].gelu(approximation: .tanh) },
        .init("hardswish", in: -2..<2) { $0[0].hardswish() }, .init("hardsigmoid", in: -2..<2) { $0[0].hardsigmoid() },
        .init("elu", in: -2..<2) { $0[0].elu(alpha: 0.7) }, .init("celu", in: -2..<2) { $0[0].celu(alpha: 0.7) },
        .init("selu", in: -2..<2) { $0[0].selu() }, .init("mish", in: -2..<2) { $0[0].mish() },
        .init("softplus", in: -2..<2) { $0[0].softplus(beta: 1.5) },
        .init("logSigmoid", in: -2..<2) { $0[0].logSigmoid() },
        .init("softsign", in: -2..<2) { $0[0].softsign() }, .init("tanhshrink", in: -2..<2) { $0[0].tanhshrink() },
        .init("softshrink", in: -2..<2) { $0[0].softshrink() },
        .init("prelu", [[2, 3, 2], [3]], in: -2..<2) { $0[0].prelu(slopes: $0[1]) },
        .init("glu", [[2, 4]], in: -2..<2) { $0[0].glu() }, .init("softmax", in: -2..<2) { $0[0].softmax(axis: 1) },
        .init("logSoftmax", in: -2..<2) { $0[0].logSoftmax(axis: 0) },
    ]

    static let reductions: [DifferentiableOperator] = [
        .init("sum") { $0[0].sum(axes: [1]) }, .init("mean") { $0[0].mean(axes: [0], keepsAxes: true) },
        .init("variance", [[3, 4]]) { $0[0].variance(axes: [1]) },
        .init("standardDeviation", [[3, 4]]) { $0[0].standardDeviation(axes: [0], correction: 0) },
        .init("product") { $0[0].product(axes: [1]) }, .init("product of all") { $0[0].product() },
        .init("amax") { $0[0].amax(axes: [1]) }, .init("max") { $0[0].max(axis: 1).values },
        .init("logSumExp") { $0[0].logSumExp(axes: [1]) }, .init("cumulativeSum") { $0[0].cumulativeSum(axis: 1) },
        .init("cumulativeProduct") { $0[0].cumulativeProduct(axis: 1) },
        .init("cumulativeMax") { $0[0].cumulativeMax(axis: 1).values },
        .init("logCumulativeSumExp", [[2, 5]]) { $0[0].logCumulativeSumExp(axis: 1) },
        .init("norm", in: -2..<2) { $0[0].norm(axes: [1]) },
        .init("norm of order 3") { $0[0].norm(order: 3, axes: [1]) },
        .init("norm of order 1.5") { $0[0].norm(order: 1.5) },
        .init("norm of order infinity") { $0[0].norm(order: .infinity) },
        .init("nuclear norm", [[3, 2]], twice: false) { $0[0].matrixNorm(.nuclear) },
        .init("spectral norm", [[2, 3]], twice: false) { $0[0].matrixNorm(.spectral) },
        .init("normalized") { $0[0].normalized() }, .init("cosineSimilarity", pair) { $0[0].cosineSimilarity($0[1]) },
        .init("distances", [[2, 3], [4, 3]]) { $0[0].distances(to: $0[1]) },
        .init("median") { $0[0].median(axis: 1).values },
        .init("quantile") { $0[0].quantile(Tensor([0.3, 0.6] as [Double]), axis: 1) },
        .init("sorted") { $0[0].sorted(axis: 1).values },
        .init("topK") { $0[0].topK(2, axis: 1).values }, .init("trapezoid", pair) { $0[0].trapezoid(x: $0[1]) },
        .init("differences") { $0[0].differences() },
    ]

    static let views: [DifferentiableOperator] = [
        .init("reshaped") { $0[0].reshaped([3, 2]) }, .init("permuted", [[2, 3, 2]]) { $0[0].permuted([2, 0, 1]) },
        .init("broadcast", [[3]]) { $0[0].broadcast(to: [2, 3]) }, .init("flipped") { $0[0].flipped(axes: [1]) },
        .init("rolled") { $0[0].rolled([1], axes: [1]) }, .init("tiled") { $0[0].tiled([2, 2]) },
        .init("repeated") { $0[0].repeated(2, axis: 0) },
        .init("unfolded", [[7]]) { $0[0].unfolded(axis: 0, size: 3, step: 2) },
        .init("diagonal", [[3, 3]]) { $0[0].diagonal(offset: 1) },
        .init("diagonalEmbedded") { $0[0].diagonalEmbedded() },
        .init("lowerTriangle", [[3, 3]]) { $0[0].lowerTriangle() },
        .init("padded with zeros") { $0[0].padded([1, 2]) },
        .init("padded by reflection") { $0[0].padded([1, 2], .reflect) },
        .init("padded by replication") { $0[0].padded([1, 2, 1, 0], .replicate) },
        .init("concatenated", pair) { .concatenated($0, axis: 1) }, .init("stacked", pair) { .stacked($0, axis: 1) },
        .init("pixelShuffled", [[1, 4, 2, 2]]) { $0[0].pixelShuffled(factor: 2) },
    ]

    static let indexing: [DifferentiableOperator] = [
        .init("subscript", [[3, 4]]) { $0[0][1..., 2] },
        .init("assignment", [[3, 4], [2]]) {
            var x = $0[0]; x[1..., 2] = $0[1]; return x * x
        },
        .init("index tensors", [[3, 4]]) { $0[0][Tensor([0, 2, 2]), Tensor([1, 1, 3])] },
        .init("mask", [[3, 4]]) { $0[0].maskedSelect(Tensor([true, false, true, true])) },
        .init("gather", [[3, 4]]) { $0[0].gather(axis: 1, indices: Tensor([0, 3, 3, 1, 2, 2], shape: [3, 2])) },
        .init("scatterAdd", [[3, 4], [3, 2]]) {
            $0[0].scatterAdd(axis: 1, indices: Tensor([0, 3, 3, 1, 2, 2], shape: [3, 2]), $0[1])
        },
        .init("scatter", [[3, 4], [3, 2]]) {
            $0[0].scatter(axis: 1, indices: Tensor([0, 3, 3, 1, 2, 1], shape: [3, 2]), $0[1])
        },
        .init("scatterReduce", [[3, 4], [3, 2]]) {
            $0[0].scatterReduce(axis: 1, indices: Tensor([0, 0, 3, 1, 2, 2], shape: [3, 2]), $0[1], .product)
        },
        .init("embedding", [[4, 3]]) { $0[0].embedding(Tensor([1, 3, 1])) },
    ]

    static let products: [DifferentiableOperator] = [
        .init("matmul", [[2, 3], [3, 2]]) { $0[0].matmul($0[1]) },
        .init("batched matmul", [[2, 2, 3], [3, 2]]) { $0[0].matmul($0[1]) },
        .init("linear", [[4, 3], [2, 3], [2]]) { $0[0].linear(weight: $0[1], bias: $0[2]) },
        .init("einsum", [[2, 3, 2], [2, 2]]) { .einsum("bij,jk->bik", $0) },
        .init("tensordot", [[2, 3, 2], [3, 2]]) { $0[0].tensordot($0[1], axes: [1, 2], [0, 1]) },
        .init("cross", [[2, 3], [2, 3]]) { $0[0].cross($0[1]) }, .init("outer", [[2], [3]]) { $0[0].outer($0[1]) },
        .init("bilinear", [[2, 2], [2, 3], [2, 2, 3]]) { $0[0].bilinear($0[1], weight: $0[2]) },
        .init("attention", [[1, 3, 2], [1, 3, 2], [1, 3, 2]]) {
            $0[0].attention(keys: $0[1], values: $0[2], isCausal: true)
        },
    ]

    static let networks: [DifferentiableOperator] = [
        .init("convolution", [[1, 2, 4, 4], [2, 1, 3, 3], [2]]) {
            $0[0].convolution(weight: $0[1], bias: $0[2], Window(stride: [2], padding: [1], groups: 2))
        },
        .init("transposedConvolution", [[1, 2, 3], [2, 2, 2]]) {
            $0[0].transposedConvolution(weight: $0[1], Window(stride: [2]))
        },
        .init("maxPool", [[1, 1, 4, 4]]) { $0[0].maxPool(kernel: [2, 2], Window(stride: [2])).values },
        .init("averagePool", [[1, 1, 4, 4]]) { $0[0].averagePool(kernel: [3, 3], Window(stride: [2], padding: [1])) },
        .init("adaptiveAveragePool", [[1, 1, 5]]) { $0[0].adaptiveAveragePool(output: [3]) },
        .init("batchNormalized", [[3, 2, 2], [2], [2]]) {
            let (mean, variance) = $0[0].batchStatistics()
            return $0[0].batchNormalized(mean: mean, variance: variance, weight: $0[1], bias: $0[2], usesBatch: true)
        },
        .init("layerNormalized", [[2, 4], [4], [4]]) { $0[0].layerNormalized(shape: [4], weight: $0[1], bias: $0[2]) },
        .init("groupNormalized", [[2, 4, 2], [4], [4]]) {
            $0[0].groupNormalized(groups: 2, weight: $0[1], bias: $0[2])
        },
        .init("rmsNormalized", [[2, 4], [4]]) { $0[0].rmsNormalized(shape: [4], weight: $0[1]) },
        .init("localResponseNormalized", [[1, 4, 2]]) { $0[0].localResponseNormalized(size: 3) },
        .init("interpolated", [[1, 1, 3, 3]]) { $0[0].interpolated(size: [5, 4], mode: .linear) },
        .init("gridSampled", [[1, 1, 3, 3], [1, 2, 2, 2]], in: 0.1..<0.6) { $0[0].gridSampled($0[1]) },
    ]

    static let losses: [DifferentiableOperator] = [
        .init("crossEntropy", [[3, 4]]) { $0[0].crossEntropy(Tensor([1, 0, 3]), labelSmoothing: 0.1) },
        .init("crossEntropy of probabilities", [[3, 4], [3, 4]]) { $0[0].crossEntropy($0[1]) },
        .init("meanSquaredError", pair) { $0[0].meanSquaredError($0[1]) },
        .init("huberLoss", pair) { $0[0].huberLoss($0[1], delta: 0.4) },
        .init("smoothL1Loss", pair) { $0[0].smoothL1Loss($0[1], beta: 0.4) },
        .init("binaryCrossEntropy", pair, in: 0.1..<0.9) { $0[0].binaryCrossEntropy($0[1]) },
        .init("binaryCrossEntropyWithLogits", pair) { $0[0].binaryCrossEntropyWithLogits($0[1]) },
        .init("klDivergence", pair) { $0[0].klDivergence($0[1]) },
        .init("gaussianNLLLoss", [[2, 3], [2, 3], [2, 3]]) { $0[0].gaussianNLLLoss($0[1], variance: $0[2]) },
        .init("poissonNLLLoss", pair) { $0[0].poissonNLLLoss($0[1]) },
        .init("tripletMarginLoss", [[2, 3], [2, 3], [2, 3]]) {
            $0[0].tripletMarginLoss(positive: $0[1], negative: $0[2])
        },
    ]
}
