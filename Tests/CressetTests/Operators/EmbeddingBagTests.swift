import CressetNN
import Testing

/// Values of `torch.nn.functional.embedding_bag` with the table arange(12) / 4 - 1 of shape (6, 2), and its gradients for
/// the loss (out * [[1, 2], [3, 4], …]).sum().
@Suite struct EmbeddingBagTests {
    private let table = (Tensor.arange(12).to(.float32) / 4 - 1).reshaped([6, 2])
    private let numbers = Tensor([0, 3, 3, 1, 5, 2, 4])
    private let offsets = Tensor([0, 2, 2, 5])

    private func expectEqual(_ found: [Float], _ expected: [Float], _ place: SourceLocation = #_sourceLocation) {
        #expect(
            found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 },
            "\(found) instead of \(expected)", sourceLocation: place)
    }

    private func run(_ x: [Tensor], _ body: ([Tensor]) -> Tensor) -> (values: [Float], gradients: [[Float]]) {
        let leaves = x.map { $0.requiringGradient() }
        let out = body(leaves)
        let seed = (Tensor.arange(out.elementCount).to(.float32) + 1).reshaped(out.shape)
        let gradients = out.gradients(seed: seed)
        return (out.scalars(), leaves.map { gradients[$0]!.scalars() })
    }

    @Test func sums() {
        let found = run([table]) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: .sum)
        }
        expectEqual(found.values, [-0.5, 0, 0, 0, 1.5, 2.25, 1, 1.5])
        expectEqual(found.gradients[0], [1, 2, 5, 6, 7, 8, 6, 8, 7, 8, 5, 6])
    }

    @Test func means() {
        let found = run([table]) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: .mean)
        }
        expectEqual(found.values, [-0.25, 0, 0, 0, 0.5, 0.75, 0.5, 0.75])
        expectEqual(found.gradients[0], [0.5, 1, 1.66667, 2, 3.5, 4, 2.16667, 3, 3.5, 4, 1.66667, 2])
    }

    @Test func largestElements() {
        let found = run([table]) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: .max)
        }
        expectEqual(found.values, [0.5, 0.75, 0, 0, 1.5, 1.75, 1, 1.25])
        expectEqual(found.gradients[0], [0, 0, 0, 0, 0, 0, 1, 2, 7, 8, 5, 6])
    }

    @Test func weightedSums() {
        let found = run([table, Tensor([1, 0.5, 2, -1, 3, 0, 1.5] as [Float])]) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: .sum, weights: $0[1])
        }
        expectEqual(found.values, [-0.75, -0.375, 0, 0, 6, 7, 1.5, 1.875])
        expectEqual(found.gradients[0], [1, 2, -5, -6, 0, 0, 10.5, 13, 10.5, 12, 15, 18])
        expectEqual(found.gradients[1], [-2.5, 2, 7, -4, 18, 2, 17])
    }

    @Test func whatIsPaddingTakesNoPart() {
        let found = run([table]) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: .mean, padding: 3)
        }
        expectEqual(found.values, [-1, -0.75, 0, 0, 0.5, 0.75, 0.5, 0.75])
        expectEqual(found.gradients[0], [1, 2, 2.5, 3, 3.5, 4, 0, 0, 3.5, 4, 2.5, 3])
    }

    @Test func negativePaddingCountsFromTheEnd() {
        let found = run([table]) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: .max, padding: -1)
        }
        expectEqual(found.values, [0.5, 0.75, 0, 0, 0.5, 0.75, 1, 1.25])
        expectEqual(found.gradients[0], [0, 0, 0, 0, 0, 0, 6, 8, 7, 8, 0, 0])
    }

    @Test func weightsOfPadding() {
        let found = run([table, Tensor([1, 0.5, 2, -1, 3, 0, 1.5] as [Float])]) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: .sum, weights: $0[1], padding: 5)
        }
        expectEqual(found.values, [-0.75, -0.375, 0, 0, 1.5, 1.75, 1.5, 1.875])
        expectEqual(found.gradients[0], [1, 2, -5, -6, 0, 0, 10.5, 13, 10.5, 12, 0, 0])
        expectEqual(found.gradients[1], [-2.5, 2, 7, -4, 0, 2, 17])
    }

    @Test func theLastOffsetMayBeTheEnd() {
        let found = run([table]) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: .sum, includesEnd: true)
        }
        expectEqual(found.values, [-0.5, 0, 0, 0, 1.5, 2.25])
        expectEqual(found.gradients[0], [1, 2, 5, 6, 0, 0, 6, 8, 0, 0, 5, 6])
    }

    @Test func rowsInTwoAxesAreBagsOfOneLength() {
        let found: [Float] = table.embeddingBag(numbers[0..<6].reshaped([3, 2]), mode: .sum).scalars()
        let same: [Float] = table.embeddingBag(numbers[0..<6], offsets: Tensor([0, 2, 4]), mode: .sum).scalars()
        #expect(found == same)
    }

    @Test(arguments: [BagMode.sum, .mean]) func sparseGradientsAreTheDenseOnes(_ mode: BagMode) throws {
        for weights in [nil, Tensor([1, 2, 3, 4, 5, 6, 7] as [Float])] where weights == nil || mode == .sum {
            let dense = EmbeddingBag(6, 2, mode: mode, paddingIndex: 3)
            let sparse = EmbeddingBag(6, 2, mode: mode, paddingIndex: 3, isSparse: true)
            try sparse.load(dense.stateDict())
            let (a, b) = (
                dense(numbers, offsets: offsets, weights: weights), sparse(numbers, offsets: offsets, weights: weights)
            )
            #expect(a.scalars(as: Float.self) == b.scalars(as: Float.self))
            let (all, rows) = (
                a.squared().sum().gradients()[dense.weight.value]!,
                b.squared().sum().gradients().rows(of: sparse.weight)!
            )
            #expect(rows.indices.scalars(as: Int.self) == [0, 1, 5, 2, 4])
            #expect((rows.dense() - all).abs().amax().item() < 1e-6)
        }
    }

    @Test(arguments: [BagMode.sum, .mean, .max]) func gradientsOfGradientsAreTheirSlopes(_ mode: BagMode) throws {
        let (numbers, offsets) = (numbers, offsets)
        let table = Tensor.uniform([6, 3], in: -1..<1, dtype: .float64, generator: Generator(seed: 1))
        try checkGradients([table], order: 2) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: mode, padding: 1).power(3)
        }
        guard mode == .sum else { return }
        let weights = Tensor.uniform([7], in: 1..<2, dtype: .float64, generator: Generator(seed: 2))
        try checkGradients([table, weights], order: 2) {
            $0[0].embeddingBag(numbers, offsets: offsets, mode: mode, weights: $0[1], padding: 1).squared()
        }
    }

    @Test(arguments: [DType.float16, .bfloat16, .float64]) func otherTypesAnswerToo(_ dtype: DType) {
        let found = table.to(dtype).embeddingBag(numbers, offsets: offsets, mode: .mean)
        let expected = table.embeddingBag(numbers, offsets: offsets, mode: .mean)
        #expect(found.dtype == dtype && (found.to(.float32) - expected).abs().amax().item() < 1e-2)
    }

    @Test func wideTablesAndManyBags() {
        let generator = Generator(seed: 3)
        let table = Tensor.normal([50, 150], generator: generator)
        let numbers = Tensor.uniform([900], in: 0..<50, generator: generator).to(.int64)
        let marked = table.requiringGradient()
        let bags = marked.embeddingBag(numbers.reshaped([300, 3]), mode: .sum)
        let composed = marked.embedding(numbers.reshaped([300, 3])).sum(axes: [1])
        #expect((bags - composed).abs().amax().item() < 1e-5)
        let (a, b) = (bags.squared().sum().gradients()[marked]!, composed.squared().sum().gradients()[marked]!)
        #expect((a - b).abs().amax().item() < 1e-3)
    }
}
