import CressetBackend

extension Family {
    static let random = Family(name: "random") { bench in
        checkKnown(bench)
        checkGraph(bench)
        // An H100's geometry: results are equal only on a device of that size, or if one round of blocks suffices.
        let isSame = bench.gpu.randomGeometry == bench.cpu.randomGeometry
        for count in [0, 1, 5, 255, 257, 3001] + (isSame ? [270_336 * 4 + 777] : []) {
            let shape: Shape = count % 3 == 0 ? [3, count / 3] : [count]
            for dtype in [DType.float32, .float64, .float16, .bfloat16] {
                check(bench, .uniform(low: 0, high: 1), dtype, shape)
                check(bench, .uniform(low: -2.5, high: 7), dtype, shape)
                check(bench, .normal(mean: 0, standardDeviation: 1), dtype, shape)
                check(bench, .normal(mean: 3, standardDeviation: 0.5), dtype, shape)
            }
            if count > 10_000 { continue }
            for dtype in DType.allCases {
                check(bench, .bernoulli(probability: 0.3, value: 1), dtype, shape)
                check(bench, .integers(low: 0, count: 2), dtype, shape)
            }
            for dtype in [DType.float32, .bool] {
                check(bench, .bernoulli(probability: 0, value: 1), dtype, shape)
                check(bench, .bernoulli(probability: 1, value: 1), dtype, shape)
            }
            check(bench, .bernoulli(probability: 0.9, value: 1 / 0.9), .float32, shape)
            for dtype in [DType.int64, .int32, .int16] {
                check(bench, .integers(low: -100, count: 1000), dtype, shape)
            }
            check(bench, .integers(low: -5, count: 1 << 28), .int64, shape)
            check(bench, .integers(low: .min, count: 0), .int64, shape)
            check(bench, .integers(low: -1 << 62, count: 3 << 61), .int64, shape)
        }
    }

    /// What PyTorch prints on NVIDIA GPUs for `torch.rand` and `torch.randn` after `torch.manual_seed(0)`.
    private static func checkKnown(_ bench: Bench) {
        let uniform = [0.3990, 0.5167, 0.0249, 0.9401, 0.9459, 0.7967, 0.4150, 0.8203]
        let normal = [-0.9247, -0.4253, -2.6438, 0.1452, -0.1209, -0.5797, -0.6229, -0.3284]
        for (expected, distribution) in [
            (uniform, RandomDistribution.uniform(low: 0, high: 1)), (normal, .normal(mean: 0, standardDeviation: 1)),
        ] {
            let known = bench.pair(.float32, [8]) { expected[$0] }
            bench.gpu.random(distribution, seed: 0, offset: 0, into: known.gpu)
            bench.compare("random \(distribution) as PyTorch's", known, relative: 0, absolute: 5.1e-5)
        }
    }

    /// Replays of a captured graph continue where the slot says.
    private static func checkGraph(_ bench: Bench) {
        let distribution = RandomDistribution.uniform(low: 0, high: 1)
        let (first, second) = (bench.result(.float32, [300]), bench.result(.float64, [77]))
        bench.gpu.beginRecordingSteps()
        let (graph, _) = bench.gpu.capture {
            bench.gpu.random(distribution, seed: 3, offset: 8, into: first.gpu)
            bench.gpu.random(distribution, seed: 3, offset: 12, into: second.gpu)
        }
        let slot = bench.gpu.recordedRandomSlot()!
        for (seed, offset) in [(UInt64(0), UInt64(0)), (0, 8), (5, 1 << 35)] {
            bench.gpu.refresh(slot, addingSeed: seed, offset: offset)
            graph.launch()
            bench.cpu.random(distribution, seed: 3 + seed, offset: 8 + offset, into: first.cpu)
            bench.cpu.random(distribution, seed: 3 + seed, offset: 12 + offset, into: second.cpu)
            bench.compare("replayed random numbers", first, relative: 0, absolute: 0)
            bench.compare("replayed random numbers", second, relative: 0, absolute: 0)
        }
    }

    private static func check(_ bench: Bench, _ distribution: RandomDistribution, _ dtype: DType, _ shape: Shape) {
        let offset = UInt64(bench.integer(0..<1_000_000)) * 4
        let seed = UInt64(bench.integer(0..<1 << 52)) &* 0x1_0001
        let pair = bench.result(dtype, shape, padding: bench.integer(0..<2))
        bench.cpu.random(distribution, seed: seed, offset: offset, into: pair.cpu)
        bench.gpu.random(distribution, seed: seed, offset: offset, into: pair.gpu)
        // The bits are equal except for logarithms, sines and cosines, which a GPU approximates.
        var isNormal = false
        if case .normal = distribution { isNormal = true }
        if isNormal {
            bench.compare("random \(distribution)", pair, absolute: dtype == .float64 ? 1e-12 : 5e-5)
        } else {
            bench.compare("random \(distribution)", pair, relative: 0, absolute: 0)
        }
    }
}
