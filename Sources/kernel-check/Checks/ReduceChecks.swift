import CressetBackend

extension Family {
    static let reduce = Family(name: "reduce") { bench in
        for op in ReduceOp.allCases {
            bench.checkReduceDTypes(op)
            bench.checkReduceLayouts(op)
        }
        bench.checkLargeSums()
        bench.checkExtremes()
    }
}

extension Bench {
    /// Reduces on both devices and compares.
    func reduceBoth(
        _ name: String, _ op: ReduceOp, _ x: Pair, axes: Shape, channelsLast: Bool = false, relative: Double? = nil,
        absolute: Double? = nil
    ) {
        var kept = x.cpu.shape
        for axis in axes { kept[axis] = 1 }
        let dtype: DType =
            op.rawValue >= ReduceOp.argmax.rawValue ? .int64 : op == .any || op == .all ? .bool : x.cpu.dtype
        let strides = channelsLast ? kept.channelsLastStrides : kept.rowMajorStrides
        let out = result(dtype, kept, strides: strides)
        func spread(_ out: Operand) -> Operand {
            var strides = out.strides
            for axis in axes { strides[axis] = 0 }
            return Operand(
                pointer: out.pointer, dtype: out.dtype, shape: x.cpu.shape, strides: strides, storage: out.storage)
        }
        gpu.reduce(op, x.gpu, axes: axes, into: spread(out.gpu))
        if x.cpu.dtype == .float16 {
            let wide = pair(.float32, x.cpu.shape, strides: x.cpu.strides) { _ in 0 }.cpu
            cpu.copy(x.cpu, to: wide)
            let wideOut = result(dtype == .float16 ? .float32 : dtype, kept, strides: strides).cpu
            cpu.reduce(op, wide, axes: axes, into: spread(wideOut))
            cpu.copy(wideOut, to: out.cpu)
        } else {
            cpu.reduce(op, x.cpu, axes: axes, into: spread(out.cpu))
        }
        compare(
            "\(op) \(name) over \(axes) of \(x.cpu.shape) \(x.cpu.strides)", out, relative: relative, absolute: absolute
        )
    }

    /// Numbers whose products stay in range.
    private func operand(_ op: ReduceOp, _ dtype: DType, _ shape: Shape, strides: Shape? = nil, padding: Int = 0)
        -> Pair
    {
        if op == .product && dtype.isFloatingPoint {
            return pair(dtype, shape, strides: strides, padding: padding) { _ in
                (uniform() < 0.5 ? -1 : 1) * (0.9 + 0.2 * uniform())
            }
        }
        if op == .all {
            return pair(dtype, shape, strides: strides, padding: padding) { _ in uniform() < 0.97 ? 1 : 0 }
        }
        if op == .any {
            return pair(dtype, shape, strides: strides, padding: padding) { _ in uniform() < 0.03 ? 1 : 0 }
        }
        return random(dtype, shape, strides: strides, padding: padding, range: 40)
    }

    func checkReduceDTypes(_ op: ReduceOp) {
        for dtype in DType.allCases {
            reduceBoth("rows", op, operand(op, dtype, [37, 129]), axes: [1], absolute: dtype == .bfloat16 ? 1 : nil)
            reduceBoth("vectors", op, operand(op, dtype, [9, 2048]), axes: [1], absolute: dtype == .bfloat16 ? 2 : nil)
            reduceBoth("columns", op, operand(op, dtype, [129, 40]), axes: [0], absolute: dtype == .bfloat16 ? 1 : nil)
        }
    }

    func checkReduceLayouts(_ op: ReduceOp) {
        let cases: [(Shape, Shape?, Shape)] = [
            ([100_003], nil, [0]), ([3, 30_000], nil, [1]), ([30_000, 3], nil, [0]), ([20_000, 64], nil, [0]),
            ([5003, 4], nil, [1]), ([1001, 1], nil, [1]), ([7, 5, 6], nil, [1]), ([7, 5, 6], nil, [0, 2]),
            ([7, 5, 6], nil, [0, 1, 2]), ([7, 5, 6], [1, 7, 35], [0, 1]), ([7, 5, 6], [1, 7, 35], [1, 2]),
            ([4, 6, 5, 7], [210, 1, 42, 6], [0, 2, 3]), ([4, 6, 5, 7], [210, 1, 42, 6], [1]),
            ([40, 30], [0, 1], [0]), ([40, 30], [1, 0], [1]), ([40, 30], [95, 3], [1]), ([40, 30], [3, 130], [1]),
            ([2, 3, 2, 3, 2, 3, 2, 3], nil, [1, 3, 5, 7]), ([], nil, []), ([5, 3], nil, []),
        ]
        for (shape, strides, axes) in cases {
            if op == .product && shape.elementCount > 50_000 { continue }
            for dtype: DType in [.float32, .bfloat16, .uint8] {
                let looseness: Double? = dtype != .bfloat16 ? nil : 2
                let x = operand(op, dtype, shape, strides: strides, padding: shape.count % 2)
                reduceBoth(
                    "layout", op, x, axes: axes, channelsLast: shape.count == 4, relative: op == .product ? 1e-4 : nil,
                    absolute: looseness)
            }
        }
        for shape: Shape in [[3, 0], [0, 3], [0]] {
            if op.rawValue >= ReduceOp.argmax.rawValue { continue }
            reduceBoth("nothing", op, operand(op, .float32, shape), axes: [shape.count - 1])
        }
    }

    /// Sums of many numbers: as exact as the CPU's, which are accumulated in float64.
    func checkLargeSums() {
        for padding in [0, 1] {
            let x = pair(.float32, [3_000_000], padding: padding) { _ in 1 + uniform() }
            reduceBoth("large", .sum, x, axes: [0], relative: 2e-7, absolute: 0)
        }
        let columns = pair(.float32, [50_000, 33]) { _ in 1 + uniform() }
        reduceBoth("large columns", .sum, columns, axes: [0], relative: 2e-7, absolute: 0)
    }

    /// NaN is the most extreme; the first of equal values is found, across threads and parts.
    func checkExtremes() {
        for op: ReduceOp in [.maximum, .minimum, .argmax, .argmin] {
            for (shape, axis): (Shape, Int) in [([4, 70_000], 1), ([70_000, 4], 0), ([33, 300], 1), ([300, 33], 0)] {
                for dtype: DType in [.float32, .int32] {
                    reduceBoth("ties", op, pair(dtype, shape) { _ in Double(integer(0..<3)) }, axes: [axis])
                    reduceBoth("equal", op, pair(dtype, shape) { _ in -5 }, axes: [axis])
                }
                for limit in [0.0, -.infinity] {
                    reduceBoth("NaN", op, pair(.float32, shape) { _ in uniform() < 1e-3 ? .nan : limit }, axes: [axis])
                    reduceBoth("infinity", op, pair(.float32, shape) { _ in limit * 2 }, axes: [axis])
                }
            }
        }
    }
}
