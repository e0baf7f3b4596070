import Cresset
import Testing

@Suite struct OperatorTests {
    /// Kernels read temporary copies (converted, reordered), which must live until the kernel has run.
    @Test func convolutionReadsItsReorderedInput() {
        let x = Tensor.arange(2 * 3 * 8 * 8).to(.float32).reshaped([2, 3, 8, 8]) / 384
        let weight = Tensor.arange(4 * 3 * 3 * 3).to(.float32).reshaped([4, 3, 3, 3]) / 108
        let single: [Double] = x.convolution(weight: weight).scalars()
        let double: [Double] = x.to(.float64).convolution(weight: weight.to(.float64)).scalars()
        for (a, b) in zip(single, double) { #expect(abs(a - b) < 1e-4 * abs(b) + 1e-4) }
    }

    @Test func partsOfOneWeightAreNotMistakenForEachOther() {
        let x = Tensor.ones([1, 1, 4, 4])
        let both = Tensor([1, 2] as [Float], shape: [2, 1, 1, 1])
        withoutGradients {
            #expect(x.convolution(weight: both[0..<1]).amax().item() == 1)
            #expect(x.convolution(weight: both[1..<2]).amax().item() == 2)
        }
    }

    @Test func emptyProductsAreZero() {
        let product = Tensor.zeros([2, 0]).matmul(.zeros([0, 3]))
        #expect(product.scalars(as: Float.self) == [Float](repeating: 0, count: 6))
    }

    @Test func nothingIsConcatenatedWithSomething() {
        let x = Tensor([1, 2, 3, 4], shape: [2, 2])
        #expect(Tensor.concatenated([Tensor([Int](), shape: [0]), x], axis: 1).shape == [2, 2])
    }

    @Test func indexTensorsPickPlaces() {
        let x = Tensor.arange(12).reshaped([3, 4])
        #expect(x[Tensor([2, 0]), Tensor([1, 3])].scalars(as: Int.self) == [9, 3])
        #expect(x[.all, Tensor([3, 0])].scalars(as: Int.self) == [3, 0, 7, 4, 11, 8])
        #expect(x[x .> 9].scalars(as: Int.self) == [10, 11])
        var y = x
        y[y .> 9] = Tensor(0)
        #expect(y.amax().item() == 9)
        #expect(x.amax().item() == 11)
    }

    @Test func sortingKeepsTheOrderOfEqualsAndPutsNaNLast() {
        let x = Tensor([2, .nan, 1, 2] as [Float])
        #expect(x.sorted().indices.scalars(as: Int.self) == [2, 0, 3, 1])
        #expect(x.searchSorted(Tensor([2] as [Float])).shape == [1])
        #expect(x.median(axis: 0).values.item().isNaN)
    }

    @Test func searchFindsTheFirstAndTheLastPlace() {
        let row = Tensor([1, 2, 2, 3])
        #expect(row.searchSorted(Tensor([0, 2, 4])).scalars(as: Int.self) == [0, 1, 4])
        #expect(row.searchSorted(Tensor([0, 2, 4]), after: true).scalars(as: Int.self) == [0, 3, 4])
    }

    @Test func uniqueElementsCountThemselves() {
        let result = Tensor([3, 1, 3, 2]).unique()
        #expect(result.values.scalars(as: Int.self) == [1, 2, 3])
        #expect(result.inverse.scalars(as: Int.self) == [2, 0, 2, 1])
        #expect(result.counts.scalars(as: Int.self) == [1, 1, 2])
    }

    @Test func cumulativeProductsHaveGradientsThroughZero() throws {
        try checkGradients([Tensor([2, 0, 3, 0.5] as [Double])]) { $0[0].cumulativeProduct(axis: 0) }
        try checkGradients([Tensor([2, 0, 3, 0.5] as [Double])]) { $0[0].product() }
    }

    @Test func samePaddingKeepsTheLength() {
        let x = Tensor.ones([1, 1, 5])
        let out = x.convolution(weight: .ones([1, 1, 4]), .same(kernel: [4]))
        #expect(out.scalars(as: Float.self) == [3, 4, 4, 3, 2])
    }

    @Test func singularValuesRebuildTheMatrix() {
        let x = Tensor.normal([2, 3, 4], dtype: .float64, generator: Generator(seed: 3))
        let (u, s, v) = x.singularValueDecomposition()
        let rebuilt = u.matmul(s.diagonalEmbedded()).matmul(v.t)
        #expect((rebuilt - x).abs().amax().item() < 1e-12)
    }

    @Test func theGammaFunctionHasAllItsDerivatives() {
        let x = Tensor([0.1, 0.5, 1.5, 7.25, -0.3, -2.7] as [Double])
        let digamma = [
            -10.423754940411076, -1.9635100260214229, 0.036489973978576194, 1.910453526883736, 2.1133097796353986,
            -1.115347129140689,
        ]
        let trigamma = [
            101.43329914989455, 4.934802202073678, 0.9348022009716718, 0.14787923316154666, 13.945160267262267,
            14.769375845089467,
        ]
        #expect(x.digamma().isAllClose(to: Tensor(digamma), relativeTolerance: 1e-11))
        #expect(x.trigamma().isAllClose(to: Tensor(trigamma), relativeTolerance: 1e-11))
    }

    /// Kernels support float16 only for storage; what they cannot compute goes through float32.
    @Test func halvesAreComputedInSingle() {
        let x = Tensor.arange(2 * 3 * 9 * 9).to(.float16).reshaped([2, 3, 9, 9]) / 486
        let weight = (Tensor.arange(3 * 3 * 3 * 3).to(.float16).reshaped([3, 3, 3, 3]) / 81).requiringGradient()
        func result(_ x: Tensor, _ weight: Tensor) -> Tensor {
            let maps = x.convolution(weight: weight).maxPooled(kernel: [2], Window(stride: [2]))
            let wide = maps.transposedConvolution(weight: weight).averagePool(kernel: [2], Window())
            let (mean, variance) = wide.batchStatistics()
            let normal = wide.batchNormalized(mean: mean, variance: variance, weight: nil, bias: nil, usesBatch: true)
            return normal.indexSelect(axis: 1, indices: Tensor([2, 0, 2]))
        }
        let half = result(x, weight)
        let single = result(x.to(.float32), weight.to(.float32))
        #expect(half.dtype == .float16 && half.shape == single.shape)
        #expect((half.to(.float32) - single).abs().amax().item() < 0.05)
        #expect(half.squared().sum().gradients()[weight]?.dtype == .float16)
    }
}
