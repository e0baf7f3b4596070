import CressetBackend

extension Family {
    static let indexing = Family(name: "indexing") { bench in
        for dtype in DType.allCases {
            for layout in IndexingLayout.all {
                bench.checkGather(dtype, layout)
                bench.checkScatter(.assign, dtype, layout)
                if dtype == .float16 { continue }
                for op in [ScatterOp.add, .multiply, .maximum, .minimum] { bench.checkScatter(op, dtype, layout) }
            }
        }
        for dtype in [DType.float32, .float64, .bfloat16] { bench.checkSpecialScatter(dtype) }
        bench.checkHalfScatter()
        bench.checkRepeats()
    }
}

/// Tensors of `shape` indexed along `axis` by an index of shape `index`; strides if they are not row-major.
private struct IndexingLayout {
    var shape: Shape
    var axis: Int
    var index: Shape
    var indexStrides: Shape?
    var strides: Shape?
    var partStrides: Shape?
    var padding = 0

    static let all: [IndexingLayout] = [
        .init(shape: [10], axis: 0, index: [25]),
        .init(shape: [10], axis: 0, index: [0]),
        .init(shape: [4, 9], axis: 1, index: [4, 1]),
        .init(shape: [4, 9], axis: 1, index: [3, 20], padding: 1),
        .init(shape: [7, 5, 6], axis: 1, index: [7, 11, 6], strides: [30, 1, 5], partStrides: [66, 1, 11]),
        // Rows.
        .init(shape: [12, 16], axis: 0, index: [40, 16], indexStrides: [1, 0]),
        .init(shape: [12, 16], axis: 0, index: [40, 16], indexStrides: [1, 0], padding: 1),
        .init(shape: [3, 12, 10], axis: 1, index: [3, 30, 10], indexStrides: [0, 1, 0]),
        .init(shape: [3, 12, 10], axis: 1, index: [2, 70, 10], indexStrides: [70, 1, 0]),
        .init(shape: [6, 4, 3, 2], axis: 0, index: [9, 4, 3, 2], indexStrides: [2, 0, 0, 0]),
        // One index for all positions of the axis.
        .init(shape: [5, 8], axis: 0, index: [50, 8], indexStrides: [0, 0]),
        .init(shape: [5, 8], axis: 0, index: [6, 8], partStrides: [0, 1]),
        .init(shape: [300, 4], axis: 0, index: [4500, 4], indexStrides: [1, 0]),
        .init(shape: [2, 3, 2, 2, 2, 3, 2, 2], axis: 5, index: [2, 3, 2, 2, 2, 5, 2, 2]),
    ]

}

extension Bench {
    private func index(_ layout: IndexingLayout) -> Pair {
        pair(.int64, layout.index, strides: layout.indexStrides) { _ in Double(integer(0..<layout.shape[layout.axis])) }
    }

    fileprivate func checkGather(_ dtype: DType, _ layout: IndexingLayout) {
        let x = random(dtype, layout.shape, strides: layout.strides, padding: layout.padding)
        let index = index(layout)
        let isDense = layout.partStrides.map { !$0.contains(0) } ?? true
        let out = result(dtype, layout.index, strides: isDense ? layout.partStrides : nil, padding: layout.padding)
        cpu.gather(x.cpu, axis: layout.axis, index: index.cpu, into: out.cpu)
        gpu.gather(x.gpu, axis: layout.axis, index: index.gpu, into: out.gpu)
        compare("gather \(layout)", out, relative: 0, absolute: 0)
    }

    fileprivate func checkScatter(_ op: ScatterOp, _ dtype: DType, _ layout: IndexingLayout) {
        let x = random(dtype, layout.index, strides: layout.partStrides, padding: layout.padding, range: 1.4)
        let index = index(layout)
        let out = random(dtype, layout.shape, strides: layout.strides, padding: layout.padding)
        cpu.scatter(op, x.cpu, axis: layout.axis, index: index.cpu, into: out.cpu)
        gpu.scatter(op, x.gpu, axis: layout.axis, index: index.gpu, into: out.gpu)
        // bfloat16 is rounded after each addition on the CPU, and at the end here.
        let isLong = dtype == .bfloat16 && layout.index.elementCount > 0
        let sums = op == .add || op == .multiply
        compare(
            "scatter \(op) \(layout)", out, relative: isLong && sums ? 0.1 : sums ? nil : 0,
            absolute: isLong && sums ? 0.2 : sums ? nil : 0)
    }

    fileprivate func checkSpecialScatter(_ dtype: DType) {
        for op in [ScatterOp.add, .multiply, .maximum, .minimum] {
            let special: (Int) -> Double = { [.nan, .infinity, -.infinity, 0, 1, -3][$0 % 6] }
            let x = pair(dtype, [31], special)
            let index = pair(.int64, [31]) { Double($0 % 11) }
            let out = pair(dtype, [12]) { special($0 / 2) }
            cpu.scatter(op, x.cpu, axis: 0, index: index.cpu, into: out.cpu)
            gpu.scatter(op, x.gpu, axis: 0, index: index.gpu, into: out.gpu)
            compare("scatter \(op) of special numbers", out)
        }
    }

    /// float16, for which the CPU uses float32.
    fileprivate func checkHalfScatter() {
        for op in [ScatterOp.add, .multiply, .maximum, .minimum] {
            for columns in [1, 8] {
                let (x, out) = (halves([20, columns]), halves([15, columns]))
                let index = pair(.int64, [20, columns], strides: [1, 0]) { Double($0 * 7 % 15) }
                cpu.scatter(op, x.wide.cpu, axis: 0, index: index.cpu, into: out.wide.cpu)
                gpu.scatter(op, x.half.gpu, axis: 0, index: index.gpu, into: out.half.gpu)
                compareHalves("scatter \(op)", out.wide.cpu, out.half.gpu)
            }
        }
    }

    /// Sums of rows are reproducible, and equal to the CPU's where a chunk holds them all.
    fileprivate func checkRepeats() {
        let x = random(.float32, [60, 32])
        let index = pair(.int64, [60, 32], strides: [1, 0]) { Double($0 * 3 % 31) }
        let out = pair(.float32, [40, 32]) { _ in 0 }
        cpu.scatter(.add, x.cpu, axis: 0, index: index.cpu, into: out.cpu)
        gpu.scatter(.add, x.gpu, axis: 0, index: index.gpu, into: out.gpu)
        compare("scatter add of few rows, to the bit", out, relative: 1e-7, absolute: 0)
    }
}
