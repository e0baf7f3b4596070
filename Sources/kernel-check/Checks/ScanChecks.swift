import CressetBackend

extension Family {
    static let scan = Family(name: "scan") { bench in
        for op: ReduceOp in [.sum, .product, .maximum, .minimum] { bench.checkScans(op) }
        bench.checkLongScan()
    }
}

extension Bench {
    /// Numbers whose running sums and products stay in range, a few of them NaN for maxima and minima.
    private func operand(_ op: ReduceOp, _ dtype: DType, _ shape: Shape, _ strides: Shape?, _ padding: Int) -> Pair {
        pair(dtype, shape, strides: strides, padding: padding) { _ in
            if !dtype.isFloatingPoint { return Double(integer(-50..<50)) }
            if op == .product { return (uniform() < 0.5 ? -1 : 1) * (0.95 + 0.1 * uniform()) }
            if op != .sum && uniform() < 1e-3 { return .nan }
            return uniform() * 4 - 2
        }
    }

    func checkScans(_ op: ReduceOp) {
        let cases: [(Shape, Shape?, Int)] = [
            ([5000], nil, 0), ([3, 1025], nil, 1), ([700, 9], nil, 1), ([700, 9], nil, 0), ([40, 20_000], nil, 0),
            ([20_000, 3], nil, 0), ([2, 33, 5, 7], nil, 1), ([2, 33, 5, 7], [1155, 1, 231, 33], 1),
            ([2, 33, 5, 7], [1155, 1, 231, 33], 2), ([60, 70], [0, 1], 0), ([60, 70], [400, 5], 1), ([0, 4], nil, 1),
            ([4, 0], nil, 1), ([1], nil, 0),
        ]
        for (shape, strides, axis) in cases {
            for dtype: DType in [.float32, .float64, .bfloat16, .float16, .int64, .int32] {
                if shape.elementCount > 100_000 && dtype != .float32 { continue }
                let x = operand(op, dtype, shape, strides, shape.count % 2)
                var out = result(dtype, shape)
                gpu.scan(op, x.gpu, axis: axis, into: out.gpu)
                out.cpu = inReach(dtype, out.cpu, [x.cpu]) { cpu.scan(op, $1[0], axis: axis, into: $0) }
                let looseness: Double? = op == .sum && dtype.itemSize == 2 ? 0.5 : op == .product ? 1e-3 : nil
                compare("running \(op) of \(shape) \(x.cpu.strides) along \(axis)", out, absolute: looseness)
            }
        }
    }

    /// Lines of several parts.
    func checkLongScan() {
        for (shape, axis): (Shape, Int) in [([300_001], 0), ([2, 100_000], 1), ([50_000, 2], 0)] {
            let x = random(.float32, shape, padding: 1)
            let out = result(.float32, shape)
            cpu.scan(.sum, x.cpu, axis: axis, into: out.cpu)
            gpu.scan(.sum, x.gpu, axis: axis, into: out.gpu)
            compare("long running sum along \(axis)", out)
            let numbers = pair(.int64, shape) { _ in Double(integer(-1000..<1000)) }
            let sums = result(.int64, shape)
            cpu.scan(.sum, numbers.cpu, axis: axis, into: sums.cpu)
            gpu.scan(.sum, numbers.gpu, axis: axis, into: sums.gpu)
            compare("long running sum along \(axis)", sums)
            cpu.scan(.maximum, numbers.cpu, axis: axis, into: sums.cpu)
            gpu.scan(.maximum, numbers.gpu, axis: axis, into: sums.gpu)
            compare("long running maximum along \(axis)", sums)
        }
    }
}
