import Cresset
import Testing

/// Attention as one operator, compared with its definition.
@Suite struct AttentionKernelTests {
    private func inputs(_ dtype: DType = .float64) -> [Tensor] {
        let generator = Generator(seed: 12)
        return [[2, 3, 5, 4] as Shape, [2, 3, 6, 4], [2, 3, 6, 7]].map {
            Tensor.uniform($0, in: -1..<1, dtype: dtype, generator: generator)
        }
    }

    /// Query 1 may look at nothing, query 2 only at the first key.
    private var mask: Tensor {
        var rows = [Bool](repeating: true, count: 30)
        for i in 6..<12 { rows[i] = false }
        for i in 13..<18 { rows[i] = false }
        return Tensor(rows, shape: [5, 6])
    }

    private func infinite(_ dtype: DType) -> Tensor {
        .select(mask, Tensor.zeros([5, 6], dtype: dtype), -Double.infinity)
    }

    @Test(arguments: [DType.float32, .float64, .bfloat16]) func valuesMatchTheDefinition(_ dtype: DType) {
        let x = inputs(dtype), wide = x.map { $0.to(.float64) }
        for isCausal in [false, true] {
            var scores = (wide[0] / 2).matmul(wide[1].t)
            if isCausal { scores = .select(Tensor.ones([5, 6], dtype: .bool).lowerTriangle(), scores, -1e9) }
            let expected = scores.softmax(axis: -1).matmul(wide[2])
            let found = x[0].attention(keys: x[1], values: x[2], isCausal: isCausal)
            #expect(found.dtype == dtype)
            #expect((found.to(.float64) - expected).abs().amax().item() < (dtype == .bfloat16 ? 2e-2 : 1e-6))
        }
    }

    /// As in `torch.nn.functional.scaled_dot_product_attention` since 2.5.
    @Test(arguments: [DType.float32, .float64, .bfloat16, .float16], [true, false])
    func aQueryWithoutKeysGetsZeros(_ dtype: DType, isBool: Bool) {
        let x = inputs(dtype).map { $0.requiringGradient() }
        let mask = isBool ? mask : infinite(dtype).requiringGradient()
        let out = x[0].attention(keys: x[1], values: x[2], mask: mask)
        #expect(out[.all, .all, 1].abs().amax().item() == 0)
        #expect((out[.all, .all, 2] - x[2][.all, .all, 0]).abs().amax().item() < 1e-2)
        let gradients = out.squared().sum().gradients()
        for leaf in x { #expect(gradients[leaf]!.isFinite().all().item() == 1) }
        #expect(gradients[x[0]]![.all, .all, 1].abs().amax().item() == 0)
        if !isBool { #expect(gradients[mask]![1].abs().amax().item() == 0) }
    }

    @Test func whatIsNotANumberIsNoMask() {
        let x = inputs(.float32)
        let broken = Tensor.select(Tensor([false, true, false, false, false], shape: [5, 1]), Double.nan, x[0])
        let found = broken.attention(keys: x[1], values: x[2], mask: Tensor.ones([5, 6], dtype: .bool))
        #expect(found[0, 0, 1].isNaN().all().item() == 1)
    }

    /// Scores of several tens, which 16 bits would round by a large fraction of one.
    @Test(arguments: [DType.bfloat16, .float16]) func scoresAreKeptInFloat32(_ dtype: DType) {
        let x = [inputs()[0] * 6, inputs()[1] * 6, inputs()[2]].map { $0.to(dtype).requiringGradient() }
        let wide = x.map { $0.detached().to(.float64).requiringGradient() }
        let (found, expected) = (
            x[0].attention(keys: x[1], values: x[2], scale: 0.7),
            wide[0].attention(keys: wide[1], values: wide[2], scale: 0.7)
        )
        #expect(found.dtype == dtype)
        #expect((found.to(.float64) - expected).abs().amax().item() < 1e-2)
        let (gradients, slopes) = (found.sum().gradients(), expected.sum().gradients())
        for (leaf, exact) in zip(x, wide) {
            let slope = slopes[exact]!
            let difference = (gradients[leaf]!.to(.float64) - slope).abs().amax().item()
            #expect(gradients[leaf]!.dtype == dtype)
            #expect(difference <= 2e-2 * slope.abs().amax().item())
        }
    }

    @Test func droppedWeightsTakeNoPartInGradients() throws {
        let x = inputs().map { $0[0..<1, 0..<2] }
        try checkGradients(x, order: 2) { x in
            Generator.$current.withValue(Generator(seed: 5)) {
                x[0].attention(keys: x[1], values: x[2], isCausal: true, dropout: 0.3)
            }
        }
    }

    @Test func gradientsOfGradientsAreTheirSlopes() throws {
        let x = inputs().map { $0[0..<1, 0..<2] }
        let mask = mask
        try checkGradients(x, order: 2) { $0[0].attention(keys: $0[1], values: $0[2], isCausal: true) }
        try checkGradients(x, order: 2) { $0[0].attention(keys: $0[1], values: $0[2], mask: mask, scale: 0.7) }
        let bias = Tensor.uniform([2, 1, 6], in: -1..<1, dtype: .float64, generator: Generator(seed: 13))
        try checkGradients(x + [bias], order: 2) { $0[0].attention(keys: $0[1], values: $0[2], mask: $0[3]) }
    }
}
