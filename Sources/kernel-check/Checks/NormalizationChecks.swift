import CressetBackend

extension Family {
    static let normalization = Family(name: "normalization") { bench in
        for dtype in [DType.float32, .float64, .bfloat16, .float16] {
            // Layers.
            for length in [1, 5, 8, 64, 96, 250, 768, 2056, 6000] {
                checkParts(bench, dtype, [length > 1000 ? 3 : 19, length], groups: 1, plane: 1)
                if length < 1000 { checkParts(bench, dtype, [19, length], groups: 1, plane: 1, isCentred: false) }
            }
            checkParts(bench, dtype, [19, 64], groups: 1, plane: 1, padding: 1)
            checkParts(bench, dtype, [150, 16], groups: 1, plane: 1)
            // Groups and channels, row-major and channels-last.
            for isChannelsLast in [false, true] {
                checkParts(bench, dtype, [3, 32, 5, 4], groups: 4, plane: 20, isChannelsLast: isChannelsLast)
                checkParts(bench, dtype, [2, 6, 7, 3], groups: 3, plane: 21, isChannelsLast: isChannelsLast)
                checkParts(bench, dtype, [3, 16, 8, 8], groups: 16, plane: 64, isChannelsLast: isChannelsLast)
                checkParts(bench, dtype, [2, 40, 3], groups: 5, plane: 3, isChannelsLast: isChannelsLast)
                checkParts(bench, dtype, [1, 16, 40, 40], groups: 2, plane: 1600, isChannelsLast: isChannelsLast)
                checkParts(bench, dtype, [2, 300, 2, 5], groups: 1, plane: 10, isChannelsLast: isChannelsLast)
            }
            // Groups of channels without positions.
            checkParts(bench, dtype, [9, 48], groups: 3, plane: 1)
        }
        checkSpecialParts(bench)
    }

    private static func checkParts(
        _ bench: Bench, _ dtype: DType, _ shape: Shape, groups: Int, plane: Int, isCentred: Bool = true,
        isChannelsLast: Bool = false, padding: Int = 0
    ) {
        let strides = isChannelsLast ? shape.channelsLastStrides : shape.rowMajorStrides
        let parts = PartNormalization(
            count: shape[0] * groups, groups: groups, channels: shape[1] / groups, plane: plane, isCentred: isCentred,
            epsilon: 1e-3)
        func activations() -> Pair { bench.random(dtype, shape, strides: strides, padding: padding).widened(bench) }
        func empty(_ type: DType, _ shape: Shape, _ strides: Shape? = nil) -> Pair {
            bench.result(type, shape, strides: strides, padding: type == dtype ? padding : 0).widened(bench)
        }
        let (x, gradient) = (activations(), activations())
        for hasWeights in [true, false] {
            let w = hasWeights ? bench.random(dtype, [shape[1]], padding: padding).widened(bench) : nil
            let b = hasWeights ? bench.random(dtype, [shape[1]], padding: padding).widened(bench) : nil
            let (y, dx) = (empty(dtype, shape, strides), empty(dtype, shape, strides))
            let (mean, scale) = (bench.result(.float64, [parts.count]), bench.result(.float64, [parts.count]))
            let (dw, db) = (bench.result(.float64, [shape[1]]), bench.result(.float64, [shape[1]]))
            bench.both { backend, side in
                backend.normalize(
                    side(x), parts: parts, weight: w.map(side), bias: b.map(side), mean: side(mean), scale: side(scale),
                    into: side(y))
                backend.normalizeGradient(
                    side(gradient), x: side(x), parts: parts, weight: w.map(side), mean: side(mean), scale: side(scale),
                    into: side(dx), weightGradient: hasWeights ? side(dw) : nil,
                    biasGradient: hasWeights ? side(db) : nil)
            }
            let exact = dtype == .float64 ? 1e-11 : 4e-6
            bench.compare("parts' mean \(dtype)", mean, relative: exact, absolute: exact)
            bench.compare("parts' scale \(dtype)", scale, relative: 4 * exact, absolute: exact)
            bench.compare("normalize \(dtype)", y, relative: dtype.slack, absolute: 2 * dtype.slack)
            // If a part has few elements, its scale is large, and so are rounding errors.
            bench.compare("normalizeGradient \(dtype)", dx, relative: dtype.slack, absolute: 20 * dtype.slack)
            if !hasWeights { continue }
            bench.compare("normalize dw \(dtype)", dw, relative: 4 * exact, absolute: 10 * exact)
            bench.compare("normalize db \(dtype)", db, relative: 4 * exact, absolute: 10 * exact)
        }
    }

    /// Large means, constants, and NaN.
    private static func checkSpecialParts(_ bench: Bench) {
        let parts = PartNormalization(count: 6, groups: 1, channels: 400, plane: 1, isCentred: true, epsilon: 1e-5)
        let x = bench.pair(.float32, [6, 400]) { place in
            switch place / 400 {
            case 0: 1000 + bench.uniform() * 0.1
            case 1: 0.1
            case 2: place % 400 == 77 ? .nan : bench.uniform()
            default: bench.uniform() * 100 - 50
            }
        }
        let y = bench.result(.float32, [6, 400])
        let (mean, scale) = (bench.result(.float64, [6]), bench.result(.float64, [6]))
        bench.both { backend, side in
            backend.normalize(
                side(x), parts: parts, weight: nil, bias: nil, mean: side(mean), scale: side(scale), into: side(y))
        }
        bench.compare("special parts' mean", mean, relative: 1e-6, absolute: 1e-6)
        bench.compare("special parts' scale", scale, relative: 1e-3, absolute: 1e-6)
        bench.compare("special parts", y, relative: 1e-3, absolute: 4e-3)
    }
}
