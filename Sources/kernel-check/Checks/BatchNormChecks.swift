import CressetBackend
import CressetCUDA

extension Family {
    static let batchNorm = Family(name: "batchNorm") { bench in
        let shapes: [Shape] = [
            [6, 16, 5, 3], [3, 64, 9, 7], [2, 3, 4, 4], [5, 7], [33, 40], [4, 1, 6, 5], [1, 264, 2, 2], [700, 8],
            [1, 5], [2, 2100, 1, 2],
        ]
        for dtype in [DType.float32, .float64, .bfloat16, .float16] {
            for shape in shapes { checkBatchNorm(bench, dtype, shape, padding: 0) }
            checkBatchNorm(bench, dtype, [3, 16, 5, 3], padding: 1)
        }
        checkBatchNorm(bench, .bfloat16, [40, 64, 16, 16], padding: 0)
        checkSpecialStatistics(bench)
        checkLayoutsAndAliases(bench)
        checkNothing(bench)
    }

    private static func checkBatchNorm(_ bench: Bench, _ dtype: DType, _ shape: Shape, padding: Int) {
        let strides = shape.channelsLastStrides
        func activations() -> Pair { bench.random(dtype, shape, strides: strides, padding: padding).widened(bench) }
        func channels(_ type: DType, _ first: Double, _ last: Double) -> Pair {
            bench.pair(type, [shape[1]]) { _ in first + (last - first) * bench.uniform() }
        }
        let statisticsType: DType = dtype == .float64 ? .float64 : .float32
        let x = activations()
        let mean = bench.result(statisticsType, [shape[1]])
        let variance = bench.result(statisticsType, [shape[1]])
        bench.cpu.batchStatistics(x.cpu, mean: mean.cpu, variance: variance.cpu)
        bench.gpu.batchStatistics(x.gpu, mean: mean.gpu, variance: variance.gpu)
        bench.compare("mean \(dtype)", mean, relative: 1e-6, absolute: 1e-6)
        bench.compare("variance \(dtype)", variance, relative: 4e-6, absolute: 1e-6)
        // Small numbers, so that summing them in another order makes no significant difference.
        let (m, v) = (channels(statisticsType, -0.5, 0.5), channels(statisticsType, 0.3, 2))
        let (w, b) = (channels(statisticsType, 0.5, 1.5), channels(dtype == .bfloat16 ? .bfloat16 : .float32, -1, 1))
        let cases = [(false, false, true), (true, true, true), (false, true, true), (true, false, false)]
        for (addend, relu, hasWeights) in cases {
            let a = addend ? activations() : nil
            let (weight, bias) = (hasWeights ? w : nil, hasWeights ? b : nil)
            let epilogue: Epilogue = relu ? .relu : .none
            let y = bench.result(dtype, shape, strides: strides, padding: padding).widened(bench)
            let mask = bench.gpu.batchNormalizeMaskSize(x.gpu).map { bench.result(.uint8, [$0]) }
            var hasMask = false
            bench.both { backend, side in
                hasMask = backend.batchNormalize(
                    side(x), mean: side(m), variance: side(v), weight: weight.map(side), bias: bias.map(side),
                    epsilon: 1e-5, addend: a.map(side), epilogue: epilogue, mask: mask.map(side), into: side(y))
            }
            bench.compare("batchNormalize \(dtype) \(relu)", y, relative: dtype.slack, absolute: dtype.slack)
            let gradient = (activations(), activations())
            for (part, mask) in [(nil, nil), (gradient.1, hasMask ? mask : nil), (gradient.1, nil)] {
                checkGradient(
                    bench, dtype, x: x, y: addend ? y : nil, mask: mask, statistics: (m, v), weights: (weight, bias),
                    epilogue, gradient: gradient.0, part: part, padding: padding)
            }
        }
    }

    private static func checkGradient(
        _ bench: Bench, _ dtype: DType, x: Pair, y: Pair?, mask: Pair?, statistics: (Pair, Pair),
        weights: (Pair?, Pair?), _ epilogue: Epilogue, gradient: Pair, part: Pair?, padding: Int
    ) {
        let (shape, strides) = (x.cpu.shape, x.cpu.strides)
        // The CPU gets the gradient whole, as the sum was stored.
        var whole = gradient
        if let part {
            whole = bench.result(dtype, shape, strides: strides, padding: padding).widened(bench)
            bench.cpu.binary(.add, gradient.cpu, part.cpu, a: 0, b: 0, into: whole.cpu)
            // Rounded to the type that is stored.
            let stored = bench.result(dtype, shape, strides: strides, padding: padding)
            bench.cpu.copy(whole.cpu, to: stored.cpu)
            bench.cpu.copy(stored.cpu, to: whole.cpu)
        }
        let masks = y != nil && (epilogue == .relu || part != nil)
        // Both sides get the CPU's result, so that both use the same mask.
        let result = y.map { bench.gpuCopy(ofCPU: $0, like: dtype) }
        for usesBatch in [true, false] {
            let dx = bench.result(dtype, shape, strides: strides, padding: padding).widened(bench)
            let da = bench.result(dtype, shape, strides: strides, padding: padding).widened(bench)
            let dw = bench.result(statistics.0.cpu.dtype, [shape[1]])
            let db = bench.result(statistics.0.cpu.dtype, [shape[1]])
            bench.both { backend, side in
                let takesParts = backend is CUDABackend
                backend.batchNormalizeGradient(
                    side(takesParts ? gradient : whole), part: takesParts ? part.map(side) : nil, x: side(x),
                    result: result.map(side), mask: takesParts ? mask.map(side) : nil, mean: side(statistics.0),
                    variance: side(statistics.1), weight: weights.0.map(side), bias: weights.1.map(side), epsilon: 1e-5,
                    usesBatch: usesBatch, epilogue: epilogue, into: side(dx), weightGradient: side(dw),
                    biasGradient: side(db), addendGradient: masks ? side(da) : nil)
            }
            bench.compare("batchNorm dx \(dtype)", dx, relative: dtype.slack, absolute: 2 * dtype.slack)
            if masks { bench.compare("batchNorm addend \(dtype)", da, relative: dtype.slack, absolute: dtype.slack) }
            let terms = Double(shape.elementCount / shape[1]).squareRoot()
            bench.compare("batchNorm dw \(dtype)", dw, relative: 1e-5, absolute: 1e-6 * terms + 1e-6)
            bench.compare("batchNorm db \(dtype)", db, relative: 1e-5, absolute: 1e-6 * terms + 1e-6)
        }
    }

    /// Large means, constants, and NaN.
    private static func checkSpecialStatistics(_ bench: Bench) {
        let shape: Shape = [50, 4, 3, 3]
        for kind in 0..<3 {
            let x = bench.pair(.float32, shape, strides: shape.channelsLastStrides) {
                switch (kind, $0 % 4) {
                case (0, let channel): 1000 * Double(channel) + bench.uniform() * 0.1
                case (1, _): 0.1
                default: $0 == 37 ? .nan : bench.uniform()
                }
            }
            let (mean, variance) = (bench.result(.float32, [4]), bench.result(.float32, [4]))
            bench.both { backend, side in backend.batchStatistics(side(x), mean: side(mean), variance: side(variance)) }
            bench.compare("mean, kind \(kind)", mean, relative: 1e-6, absolute: 1e-6)
            bench.compare("variance, kind \(kind)", variance, relative: 1e-3, absolute: 1e-9)
        }
    }

    /// Operands that are not channels-last, and results that overwrite operands.
    private static func checkLayoutsAndAliases(_ bench: Bench) {
        let (shape, channels): (Shape, Shape) = ([4, 8, 3, 5], [8])
        let permuted: Shape = [1, 60, 20, 4]
        let (x, addend) = (bench.random(.float32, shape, strides: permuted), bench.random(.float32, shape))
        let (mean, variance) = (bench.result(.float32, channels), bench.result(.float32, channels))
        let y = bench.result(.float32, shape, strides: shape.channelsLastStrides)
        bench.both { backend, side in
            backend.batchStatistics(side(x), mean: side(mean), variance: side(variance))
            _ = backend.batchNormalize(
                side(x), mean: side(mean), variance: side(variance), weight: nil, bias: nil, epsilon: 1e-5,
                addend: side(addend), epilogue: .relu, mask: nil, into: side(y))
            _ = backend.batchNormalize(
                side(y), mean: side(mean), variance: side(variance), weight: nil, bias: nil, epsilon: 1e-5,
                addend: side(x), epilogue: .none, mask: nil, into: side(y))
        }
        bench.compare("batchNormalize, permuted", y)
        let gradient = bench.random(.float32, shape, strides: shape.channelsLastStrides)
        let (dw, db) = (bench.result(.float32, channels), bench.result(.float64, channels))
        bench.both { backend, side in
            backend.batchNormalizeGradient(
                side(gradient), part: nil, x: side(x), result: side(addend), mask: nil, mean: side(mean),
                variance: side(variance), weight: nil, bias: nil, epsilon: 1e-5, usesBatch: true, epilogue: .relu,
                into: side(gradient), weightGradient: side(dw), biasGradient: side(db), addendGradient: nil)
        }
        bench.compare("batchNorm dx in place of the gradient", gradient)
        bench.compare("batchNorm dw, permuted", dw)
        bench.compare("batchNorm db, permuted", db, relative: 1e-5, absolute: 1e-5)
    }

    /// No examples: empty sums.
    private static func checkNothing(_ bench: Bench) {
        let (shape, channels): (Shape, Shape) = ([0, 8, 3, 5], [8])
        let x = bench.random(.float32, shape, strides: shape.channelsLastStrides)
        let (mean, variance) = (bench.random(.float32, channels), bench.random(.float32, channels))
        let (dw, db) = (bench.result(.float32, channels), bench.result(.float32, channels))
        bench.both { backend, side in
            backend.batchNormalizeGradient(
                side(x), part: nil, x: side(x), result: nil, mask: nil, mean: side(mean), variance: side(variance),
                weight: nil, bias: nil, epsilon: 1e-5, usesBatch: true, epilogue: .none, into: side(x),
                weightGradient: side(dw), biasGradient: side(db), addendGradient: nil)
            _ = backend.batchNormalize(
                side(x), mean: side(mean), variance: side(variance), weight: nil, bias: nil, epsilon: 1e-5, addend: nil,
                epilogue: .none, mask: nil, into: side(x))
        }
        bench.compare("batchNorm dw of nothing", dw)
        bench.compare("batchNorm db of nothing", db)
    }
}
