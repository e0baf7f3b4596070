import CressetBackend

extension Family {
    static let random = Family(name: "random") { bench in
        // An H100's geometry: results are equal only on a device of that size, or where one round of blocks suffices.
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

    private static func check(_ bench: Bench, _ distribution: RandomDistribution, _ dtype: DType, _ shape: Shape) {
        let offset = UInt64(bench.integer(0..<1_000_000)) * 4
        let seed = UInt64(bench.integer(0..<1 << 52)) &* 0x1_0001
        let pair = bench.result(dtype, shape, padding: bench.integer(0..<2))
        bench.cpu.random(distribution, seed: seed, offset: offset, into: pair.cpu)
        bench.gpu.random(distribution, seed: seed, offset: offset, into: pair.gpu)
        // Bits are equal but for logarithms, sines and cosines, which a GPU takes quickly.
        var isNormal = false
        if case .normal = distribution { isNormal = true }
        if isNormal {
            bench.compare("random \(distribution)", pair, absolute: dtype == .float64 ? 1e-12 : 5e-5)
        } else {
            bench.compare("random \(distribution)", pair, relative: 0, absolute: 0)
        }
    }
}
