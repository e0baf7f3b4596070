import Cresset
import CressetNN
import Testing

/// NaN, infinities, zeros of both signs and integers beyond doubles: PyTorch 2.13's values for the same inputs.
@Suite struct ExtremeNumberTests {
    @Test func nothingHasNoMedian() {
        let x = Tensor.zeros([0]).requiringGradient()
        let median = x.median()
        #expect(median.shape == [] && median.item().isNaN)
        #expect(median.gradients()[x]?.shape == [0])
    }

    private func floats(_ x: Tensor) -> [Float] { x.scalars() }

    /// Equal with NaN equal to NaN and -0 different from 0.
    private func same(_ x: Tensor, _ values: [Float]) -> Bool {
        let own = floats(x)
        return own.count == values.count
            && zip(own, values).allSatisfy { ($0.isNaN && $1.isNaN) || ($0 == $1 && $0.sign == $1.sign) }
    }

    private func slope(_ values: [Float], _ body: (Tensor) -> Tensor) -> [Float] {
        let x = Tensor(values).requiringGradient()
        return body(x).sum().gradients()[x]!.scalars()
    }

    // MARK: Roots at zero

    @Test func slopesOfRootsAtZero() {
        #expect(slope([2, 2, 2]) { $0.standardDeviation() } == [0, 0, 0])
        #expect(slope([2]) { $0.standardDeviation(correction: 0) } == [0])
        #expect(slope([2]) { $0.standardDeviation() }[0].isNaN)
        for order in [0.5, 1, 1.5, 2, 3, .infinity, -.infinity] {
            #expect(slope([0, 0, 0]) { $0.norm(order: order) } == [0, 0, 0], "\(order)")
        }
        #expect(slope([0]) { $0.sqrt() } == [.infinity] && slope([0]) { $0.rsqrt() } == [-.infinity])
        #expect(slope([0, 0, 3, 4]) { LPPool1d(order: 2, 2)($0.reshaped([1, 1, 4])) } == [0, 0, 0.6, 0.8])
        #expect(slope([0, 0]) { LPPool1d(order: 3, 2)($0.reshaped([1, 1, 2])) } == [0, 0])
        #expect(slope([1, 2]) { $0.pairwiseDistance(Tensor([1, 2] as [Float]), epsilon: 0) } == [0, 0])
        let rows = Tensor([1, 2, 4, 6] as [Float], shape: [2, 2])
        #expect(slope([1, 2]) { $0.reshaped([1, 2]).distances(to: rows) } == [-0.6, -0.8])
        let other = Tensor([1, 2, 3] as [Float])
        let cosine = slope([0, 0, 0]) { $0.cosineSimilarity(other, axis: 0) }
        #expect(zip(cosine, [26_726_124, 53_452_248, 80_178_368]).allSatisfy { abs($0 - $1) <= 8 })
        let tiny = slope([1e-9, 0, 0]) { $0.cosineSimilarity(other, axis: 0) }
        #expect(abs(tiny[0] - 24_053_512) <= 8)
        #expect(slope([1, .nan, 3]) { $0.norm(order: .infinity) } == [0, 0, 0])
        let infinite = slope([1, .infinity]) { $0.norm() }
        #expect(infinite[0] == 0 && infinite[1].isNaN)
    }

    @Test func secondSlopesOfRootsAtZero() {
        func second(_ values: [Float], _ body: (Tensor) -> Tensor) -> [Float] {
            let x = Tensor(values).requiringGradient()
            let first = body(x).sum().gradients(createsGraph: true)[x]!
            return first.sum().gradients()[x]?.scalars() ?? []
        }
        #expect(second([2, 2, 2]) { $0.standardDeviation() } == [0, 0, 0])
        #expect(second([0, 0, 0]) { $0.norm(order: 3) } == [0, 0, 0])
        #expect(second([0, 0, 3, 4]) { LPPool1d(order: 2, 2)($0.reshaped([1, 1, 4])) }.prefix(2) == [0, 0])
    }

    @Test func sumsOfExponentialsOfInfinity() {
        let slopes = slope([1, .infinity, 2]) { $0.logSumExp() }
        #expect(slopes[0] == 0 && slopes[1].isNaN && slopes[2] == 0)
    }

    @Test func stepsHaveNoSlopeEvenAgainstInfinity() {
        #expect(slope([1, 0]) { ($0.sign() + $0.floor() + $0.round()) * Float.infinity } == [0, 0])
    }

    // MARK: Interpolation

    @Test func interpolationReachesItsEnd() {
        let x = Tensor([1e8, 1, -3, .infinity, 1] as [Float])
        let end = Tensor([1, 1e8, 5, 1, .infinity] as [Float])
        #expect(same(x.lerp(to: end, weight: Tensor([1, 1, 0.75, 1, 1] as [Float])), [1, 1e8, 3, .nan, .nan]))
        #expect(floats(x.lerp(to: end, weight: 1)).prefix(2) == [1, 1e8])
        #expect(floats(Tensor([1e8] as [Float]).lerp(to: Tensor(1.0), weight: 0.4999)) == [50_010_000])
        #expect(floats(Tensor([1e8] as [Float]).lerp(to: Tensor(1.0), weight: -0.7)) == [170_000_000])
        let short = Tensor([1e8, 1] as [Float]).to(.bfloat16)
        #expect(
            floats(short.lerp(to: Tensor([1, 1e8] as [Float]).to(.bfloat16), weight: 0.999)) == [100_352, 100_139_008])
        let (a, b, w) = (Tensor(2.0), Tensor(5.0), Tensor(0.75))
        let leaves = [a, b, w].map { $0.requiringGradient() }
        let gradients = leaves[0].lerp(to: leaves[1], weight: leaves[2]).gradients()
        #expect(leaves.map { gradients[$0]!.item() } == [0.25, 0.75, 3])
    }

    // MARK: Order

    @Test func nanComesFirstWhereTheLargestOrSmallestIsSought() {
        let x = Tensor([1, .nan, 3, 2, -0.0, 0] as [Float], shape: [2, 3])
        #expect(same(x.max(axis: 1).values, [.nan, 2]) && x.max(axis: 1).indices.scalars(as: Int.self) == [1, 0])
        #expect(same(x.min(axis: 1).values, [.nan, -0.0]) && x.min(axis: 1).indices.scalars(as: Int.self) == [1, 1])
        #expect(x.argmax().item() == 1 && x.argmin().item() == 1 && x.amax().item().isNaN)
        #expect(same(x.sorted(axis: 1).values, [1, 3, .nan, -0.0, 0, 2]))
        #expect(same(x.sorted(axis: 1, descending: true).values, [.nan, 3, 1, 2, -0.0, 0]))
        #expect(same(x.topK(2, axis: 1).values, [.nan, 3, 2, -0.0]))
        #expect(same(x.softmax(axis: 1), [.nan, .nan, .nan] + floats(x.softmax(axis: 1)).suffix(3)))
        #expect(same(x.maximum(Tensor(1.0)), [1, .nan, 3, 2, 1, 1]))
        #expect(same(x.fmax(Tensor(1.0)), [1, 1, 3, 2, 1, 1]))
        #expect(same(x.threshold(0.5, otherwise: 7), [1, .nan, 3, 2, 7, 7]))
        #expect(same(x.clamp(min: 0, max: 1), [1, .nan, 1, 1, -0.0, 0]))
        #expect(same(x.unsqueezed(at: 0).maxPooled(kernel: [2], Window(stride: [1])), [.nan, .nan, 2, -0.0]))
        let row = Tensor([-.infinity, -.infinity, -0.0, 0, .nan, 1] as [Float], shape: [1, 1, 6])
        #expect(same(row.maxPooled(kernel: [2], Window(stride: [2])), [-.infinity, -0.0, .nan]))
    }

    /// On as many elements as fill vectors, and on those left over.
    @Test(arguments: [1, 7, 16, 37]) func activationsOfExtremes(count: Int) {
        func of(_ value: Float, _ body: (Tensor) -> Tensor) -> Float {
            let results = floats(body(Tensor([Float](repeating: value, count: count))))
            #expect(results.allSatisfy { $0 == results[0] || ($0.isNaN && results[0].isNaN) })
            return results[0]
        }
        let keepers: [(Tensor) -> Tensor] = [
            { $0.relu() }, { $0.relu6() }, { $0.hardtanh() }, { $0.leakyReLU() }, { $0.hardswish() },
            { $0.hardsigmoid() }, { $0.elu() }, { $0.selu() }, { $0.celu() }, { $0.gelu() }, { $0.silu() },
            { $0.mish() }, { $0.softplus() }, { $0.logSigmoid() }, { $0.tanhshrink() }, { $0.softsign() },
            { $0.hardshrink() }, { $0.softshrink() }, { $0.prelu(slopes: Tensor([0.25] as [Float])) },
            { $0.clamp(min: 0, max: 1) }, { $0.threshold(0, otherwise: 1) }, { $0.tanh() }, { $0.sigmoid() },
        ]
        for body in keepers { #expect(of(.nan, body).isNaN) }
        #expect(of(-.infinity) { $0.relu() } == 0 && of(.infinity) { $0.relu6() } == 6)
        #expect(of(-0.0) { $0.relu() }.sign == .minus && of(-0.0) { $0.relu6() }.sign == .minus)
        #expect(of(-0.0) { $0.leakyReLU() }.sign == .minus && of(-0.0) { $0.clamp(min: 0, max: 6) }.sign == .minus)
        #expect(of(-.infinity) { $0.hardswish() }.isNaN && of(-.infinity) { $0.hardsigmoid() } == 0)
        #expect(of(-.infinity) { $0.silu() }.isNaN && of(-.infinity) { $0.softplus() } == 0)
        #expect(of(-.infinity) { $0.elu() } == -1 && of(-.infinity) { $0.logSigmoid() } == -.infinity)
    }

    // MARK: Integers

    @Test func integersStayExactBeyondDoubles() {
        let large = (1 << 53) + 1
        let x = Tensor([large])
        #expect(x[0].item(as: Int.self) == large && x[0].item() == 0x1p53)
        #expect((x .> (1 << 53)).item(as: Bool.self) && !(x .== (1 << 53)).item(as: Bool.self))
        #expect(x.clamp(max: 0x1p53).item(as: Int.self) == 1 << 53)
        #expect((-x).clamp(min: -0x1p53).item(as: Int.self) == -(1 << 53))
        #expect(x.sum().item(as: Int.self) == large && (x + 1 - 1).item(as: Int.self) == large)
        #expect(Tensor.arange(1 << 53, (1 << 53) + 3, step: 1).scalars(as: Int.self).last == (1 << 53) + 2)
        #expect(Tensor.arange(Int.max - 2, Int.max, step: 1).elementCount == 2)
        #expect(Tensor.arange(0, 10, step: 3).scalars(as: Int.self) == [0, 3, 6, 9])
        #expect(Tensor.arange(5, 0, step: -2).scalars(as: Int.self) == [5, 3, 1])
        #expect(Tensor.full([1], Int64.max).item(as: Int64.self) == .max)
        #expect("\(Tensor([large]))" == "tensor([9007199254740993])")
        #expect(Tensor([1 << 62, 1 << 62]).sum().item(as: Int.self) == .min)
    }

    @Test func integersWrap() {
        let bytes = Tensor([1, 255] as [UInt8])
        #expect(
            (bytes + 300).scalars(as: UInt8.self) == [45, 43] && (bytes - 2).scalars(as: UInt8.self) == [255, 253])
        let least = Tensor([Int64.min])
        #expect(least.floorDivided(by: Tensor([-1])).item(as: Int64.self) == .min)
        #expect(least.remainder(dividingBy: Tensor([-1])).item(as: Int64.self) == 0)
        #expect(Tensor([Int32.min]).floorDivided(by: Tensor([-1 as Int32])).item(as: Int32.self) == .min)
        #expect(Tensor.zeros([0], dtype: .int64).floorDivided(by: Tensor([0])).elementCount == 0)
        let sum = Tensor([true, true]) + Tensor([true, false])
        #expect(sum.dtype == .bool && sum.scalars(as: Bool.self) == [true, true])
        #expect(Tensor([true, true]).sum().item(as: Int.self) == 2)
    }

    @Test func integersAreNotDividedByZero() async {
        await #expect(processExitsWith: .failure) { _ = Tensor([5]).floorDivided(by: Tensor([0])) }
        await #expect(processExitsWith: .failure) { _ = Tensor([5, 6]).remainder(dividingBy: Tensor([1, 0])) }
        await #expect(processExitsWith: .failure) { _ = Tensor([5 as Int32]).fmod(Tensor(0 as Int32)) }
        await #expect(processExitsWith: .failure) { _ = Tensor([5]).truncateDivided(by: Tensor([0])) }
        await #expect(processExitsWith: .failure) { _ = Tensor.full([1], 300, dtype: .uint8) }
        let fractions = Tensor([5, -5] as [Float]).floorDivided(by: Tensor([0, 0] as [Float]))
        #expect(floats(fractions) == [.infinity, -.infinity])
    }

    @Test func nanHasNoSignInPrint() {
        let negative = Tensor([-Float.nan])
        #expect("\(negative)" == "tensor([nan])" && "\(negative[0].item())" == "nan")
        let made = Tensor([0] as [Float]) / Tensor([0] as [Float])
        #expect("\(made)" == "tensor([nan])" && "\(made[0].item())" == "nan")
    }

    // MARK: Half-open intervals

    @Test func theUpperBoundIsNeverDrawn() {
        for dtype in [DType.bfloat16, .float16, .float32] {
            for range in [0..<1, -1..<1, 100..<101, -0.3..<0.7, 0..<3] as [Range<Double>] {
                let x = Tensor.uniform([100_000], in: range, dtype: dtype, generator: Generator(seed: 1))
                let bounds = Tensor([range.lowerBound, range.upperBound]).to(dtype)
                let isInside = (x .>= bounds[0]) .& (x .< bounds[1])
                #expect(isInside.all().item() == 1, "\(dtype) \(range)")
            }
        }
        func drawn(_ dtype: DType, _ range: Range<Double>, _ seed: UInt64) -> [Double] {
            Tensor.uniform([8], in: range, dtype: dtype, generator: Generator(seed: seed)).scalars()
        }
        #expect(
            drawn(.bfloat16, -0.3..<0.7, 0) == [
                0.1962890625, 0.46875, -0.2119140625, -0.16796875, 0.007415771484375, 0.333984375, 0.1904296875,
                0.59765625,
            ])
        #expect(drawn(.bfloat16, 100..<101, 5) == [100, 100, 100, 100, 100, 100, 100, 100.5])
        #expect(
            drawn(.float16, 100..<101, 5) == [
                100.8125, 100.125, 100.9375, 100.8125, 100.9375, 100.125, 100.1875, 100.75,
            ])
    }
}
