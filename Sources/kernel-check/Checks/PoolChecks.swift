import CressetBackend

extension Family {
    static let pool = Family(name: "pool") { bench in
        for dtype in [DType.float32, .float64, .bfloat16, .float16] {
            for (shape, window, output) in poolCases { checkPools(bench, dtype, shape, window, output) }
            checkPools(bench, dtype, [2, 16, 5, 5], square(3, 2, 1), [3, 3], padding: 1)
        }
        checkSpecialPools(bench)
    }

    private static func square(_ kernel: Int, _ stride: Int, _ padding: Int) -> WindowGeometry {
        WindowGeometry(
            kernel: [kernel, kernel], stride: [stride, stride], paddingBefore: [padding, padding],
            paddingAfter: [padding, padding], dilation: [1, 1])
    }

    /// Shapes, windows, and the lengths of the results.
    private static var poolCases: [(Shape, WindowGeometry, Shape)] {
        [
            ([2, 16, 13, 11], square(3, 2, 1), [7, 6]),
            ([3, 5, 8, 8], square(2, 2, 0), [4, 4]),
            ([1, 40, 7, 7], square(7, 1, 0), [1, 1]),
            // In ceil mode the last window extends beyond the padding.
            ([2, 8, 6, 6], square(3, 2, 0), [3, 3]),
            (
                [2, 24, 17],
                WindowGeometry(kernel: [4], stride: [3], paddingBefore: [1], paddingAfter: [2], dilation: [1]), [6]
            ),
            (
                [2, 9, 19],
                WindowGeometry(kernel: [3], stride: [2], paddingBefore: [1], paddingAfter: [1], dilation: [3]), [8]
            ),
            (
                [2, 8, 5, 6, 7],
                WindowGeometry(
                    kernel: [2, 3, 2], stride: [1, 2, 3], paddingBefore: [1, 0, 1], paddingAfter: [0, 1, 1],
                    dilation: [2, 1, 1]), [4, 3, 3]
            ),
            ([2, 16, 7, 10], .adaptive(axes: 2), [3, 4]),
            ([2, 3, 5], .adaptive(axes: 1), [8]),
            ([1, 8, 5, 4, 3], .adaptive(axes: 3), [2, 3, 1]),
        ]
    }

    private static func checkPools(
        _ bench: Bench, _ dtype: DType, _ shape: Shape, _ window: WindowGeometry, _ output: Shape, padding: Int = 0
    ) {
        let result = Shape([shape[0], shape[1]] + Array(output))
        let x = bench.random(dtype, shape, strides: shape.channelsLastStrides, padding: padding).widened(bench)
        let gradient = bench.random(dtype, result, strides: result.channelsLastStrides, padding: padding).widened(bench)
        func empty(_ shape: Shape) -> Pair {
            bench.result(dtype, shape, strides: shape.channelsLastStrides, padding: padding).widened(bench)
        }
        for type in [DType.int32, .int64] {
            let (y, dx) = (empty(result), empty(shape))
            let indices = bench.result(type, result, strides: result.channelsLastStrides)
            bench.both { backend, side in
                backend.maxPool(side(x), window: window, indices: side(indices), into: side(y))
                backend.maxPoolGradient(side(gradient), indices: side(indices), window: window, into: side(dx))
            }
            bench.compare("maxPool \(dtype)", y, relative: 0, absolute: 0)
            bench.compare("maxPool indices \(dtype)", indices)
            bench.compare("maxPoolGradient \(dtype)", dx, relative: dtype.slack, absolute: dtype.slack)
        }
        let unasked = empty(result)
        bench.both { backend, side in backend.maxPool(side(x), window: window, indices: nil, into: side(unasked)) }
        bench.compare("maxPool without indices \(dtype)", unasked, relative: 0, absolute: 0)
        for (countsPadding, divisor) in [(true, nil), (false, nil), (false, 5)] as [(Bool, Int?)] {
            if window.isAdaptive && (countsPadding || divisor != nil) { continue }
            let (y, dx) = (empty(result), empty(shape))
            bench.both { backend, side in
                backend.averagePool(
                    side(x), window: window, countsPadding: countsPadding, divisor: divisor, into: side(y))
                backend.averagePoolGradient(
                    side(gradient), window: window, countsPadding: countsPadding, divisor: divisor, into: side(dx))
            }
            bench.compare("averagePool \(dtype)", y, relative: dtype.slack, absolute: dtype.slack)
            bench.compare("averagePoolGradient \(dtype)", dx, relative: dtype.slack, absolute: dtype.slack)
        }
    }

    /// NaN, infinities, ties, an empty gradient.
    private static func checkSpecialPools(_ bench: Bench) {
        let (shape, result): (Shape, Shape) = ([1, 4, 8, 8], [1, 4, 4, 4])
        let values: [Double] = [.nan, -.infinity, .infinity, 1, 1, -2, 0, -0.0]
        let x = bench.pair(.float32, shape, strides: shape.channelsLastStrides) { place in
            place < 64 ? -.infinity : values[bench.integer(0..<8)]
        }
        let y = bench.result(.float32, result, strides: result.channelsLastStrides)
        let indices = bench.result(.int64, result, strides: result.channelsLastStrides)
        bench.both { backend, side in
            backend.maxPool(side(x), window: square(3, 2, 1), indices: side(indices), into: side(y))
        }
        bench.compare("maxPool of infinities", y)
        bench.compare("maxPool indices of infinities", indices)
        let nothing: Shape = [1, 4, 0, 4]
        let gradient = bench.random(.float32, nothing, strides: nothing.channelsLastStrides)
        let none = bench.random(.int64, nothing, strides: nothing.channelsLastStrides)
        let dx = bench.result(.float32, shape, strides: shape.channelsLastStrides)
        bench.both { backend, side in
            backend.maxPoolGradient(side(gradient), indices: side(none), window: square(3, 2, 1), into: side(dx))
        }
        bench.compare("maxPoolGradient of nothing", dx)
    }
}
