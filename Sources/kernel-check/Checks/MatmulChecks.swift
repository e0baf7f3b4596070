import CressetBackend

extension Family {
    static let matmul = Family(name: "matmul") { bench in
        var check = MatmulCheck(bench)
        for dtype in DType.allCases where dtype != .bool { check.types(dtype) }
        check.layouts()
        check.special()
    }
}

private struct MatmulCheck {
    let bench: Bench

    init(_ bench: Bench) { self.bench = bench }

    /// In float64, with loops that accept any layout.
    private func onCPU(_ a: Operand, _ b: Operand, _ bias: Operand?, _ epilogue: Epilogue, _ out: Operand) {
        if a.dtype.isFloatingPoint {
            let result = bench.widened(out)
            bench.cpu.matmul(
                bench.widened(a), bench.widened(b), bias: bias.map(bench.widened), epilogue: epilogue, into: result)
            bench.cpu.copy(result, to: out)
        } else {
            bench.cpu.matmul(a, b, bias: bias, epilogue: epilogue, into: out)
        }
    }

    func product(_ name: String, _ a: Pair, _ b: Pair, bias: Pair? = nil, epilogue: Epilogue = .none, out: Pair) {
        onCPU(a.cpu, b.cpu, bias?.cpu, epilogue, out.cpu)
        bench.gpu.matmul(a.gpu, b.gpu, bias: bias?.gpu, epilogue: epilogue, into: out.gpu)
        let depth = Double(max(a.cpu.shape.last ?? 1, 1))
        let absolute = out.cpu.dtype == .float32 ? 2e-6 * depth.squareRoot() + 1e-5 : nil
        bench.compare(name, out, absolute: absolute)
    }

    func types(_ dtype: DType) {
        for (m, n, k) in [(1, 1, 1), (5, 7, 9), (64, 64, 16), (70, 65, 33), (1, 33, 20), (40, 1, 12), (16, 24, 0)] {
            let (a, b) = (bench.random(dtype, [m, k], range: 9), bench.random(dtype, [k, n], range: 9))
            product("product", a, b, out: bench.result(dtype, [m, n]))
            let bias = bench.random(dtype, [n], range: 9)
            for epilogue in [Epilogue.none, .relu] {
                product("product + bias", a, b, bias: bias, epilogue: epilogue, out: bench.result(dtype, [m, n]))
            }
            product("product, rectified", a, b, epilogue: .relu, out: bench.result(dtype, [m, n]))
        }
        if dtype.isInteger {
            // Beyond the type's range.
            let (a, b) = (bench.random(dtype, [9, 50], range: 100), bench.random(dtype, [50, 8], range: 120))
            let bias = bench.random(dtype, [8], range: 100)
            product("wrapping", a, b, bias: bias, epilogue: .relu, out: bench.result(dtype, [9, 8]))
        }
        product(
            "nothing", bench.random(dtype, [0, 4]), bench.random(dtype, [4, 3]), out: bench.result(dtype, [0, 3]))
    }

    func layouts() {
        for dtype in [DType.float32, .bfloat16, .float64, .int32] {
            let (m, n, k) = (12, 10, 14)
            let a = bench.random(dtype, [m, k])
            let b = bench.random(dtype, [k, n])
            let bias = bench.random(dtype, [n])
            let columns: Shape = [1, m]
            // Every operand by rows, by columns, with gaps, neither, broadcast.
            let lefts = [
                a, bench.random(dtype, [m, k], strides: columns), bench.random(dtype, [m, k], strides: [k + 2, 1]),
                bench.random(dtype, [m, k], strides: [2 * k, 2]), bench.random(dtype, [m, k], strides: [0, 1]),
                bench.random(dtype, [m, k], padding: 1), bench.random(dtype, [m, k], strides: [3, 40]),
            ]
            let rights = [
                b, bench.random(dtype, [k, n], strides: [1, k]), bench.random(dtype, [k, n], strides: [n + 3, 1]),
                bench.random(dtype, [k, n], strides: [n * 3, 3]), bench.random(dtype, [k, n], strides: [1, 0]),
                bench.random(dtype, [k, n], padding: 3),
            ]
            for left in lefts {
                for right in rights { product("layouts", left, right, out: bench.result(dtype, [m, n])) }
            }
            for (strides, padding) in [
                (columns, 0), ([n + 4, 1], 0), ([2 * n, 2], 0), ([n, 1], 1), ([3, 40], 1),
            ] as [(Shape, Int)] {
                let out = { bench.result(dtype, [m, n], strides: strides, padding: padding) }
                product("results", a, b, out: out())
                product("results", lefts[1], rights[2], bias: bias, epilogue: .relu, out: out())
            }
            product(
                "bias at an odd address", a, b, bias: bench.random(dtype, [n], padding: 1),
                out: bench.result(dtype, [m, n]))
            batches(dtype)
        }
    }

    func batches(_ dtype: DType) {
        let (m, n, k) = (5, 6, 7)
        let out: Shape = [3, 2, m, n]
        let left: Shape = [3, 2, m, k]
        let right: Shape = [3, 2, k, n]
        let bias = bench.random(dtype, [n])
        let lefts: [Shape] = [
            left.rowMajorStrides, [0, m * k, k, 1], [m * k, 0, k, 1], [0, 0, k, 1], [2 * m * k, k, 2 * k, 1],
            [2 * m * k, m * k, 1, m],
        ]
        let rights: [Shape] = [
            right.rowMajorStrides, [0, 0, n, 1], [0, k * n, n, 1], [k * n, 0, 1, k], [2 * k * n, n, 2 * n, 1],
        ]
        for a in lefts {
            for b in rights {
                let (x, y) = (bench.random(dtype, left, strides: a), bench.random(dtype, right, strides: b))
                product("batches", x, y, out: bench.result(dtype, out))
                product("batches", x, y, bias: bias, epilogue: .relu, out: bench.result(dtype, out))
                let strides: Shape = [2 * m * n, n, 2 * n, 1]
                product("batches' results", x, y, out: bench.result(dtype, out, strides: strides))
            }
        }
        // Heads of an attention: two axes that cannot be merged, and more calls than the limit.
        let many: Shape = [20, 18, m, k]
        let heads: Shape = [m * 18 * k, k, 18 * k, 1]
        product(
            "heads", bench.random(dtype, many, strides: heads),
            bench.random(dtype, [20, 18, k, n], strides: [k * 18 * n, n, 18 * n, 1]),
            out: bench.result(dtype, [20, 18, m, n], strides: [m * 18 * n, n, 18 * n, 1]))
        product(
            "linear layers", bench.random(dtype, [4, 3, m, k]),
            bench.random(dtype, [4, 3, k, n], strides: [0, 0, 1, k]),
            bias: bias, out: bench.result(dtype, [4, 3, m, n]))
    }

    func special() {
        for dtype in [DType.float32, .float64] {
            // An empty sum gives the bias.
            let out: Shape = [2, 3, 4]
            product(
                "over nothing", bench.random(dtype, [2, 3, 0]), bench.random(dtype, [2, 0, 4]),
                bias: bench.random(dtype, [4]), epilogue: .relu, out: bench.result(dtype, out))
            // NaN passes through a rectifier.
            let a = bench.pair(dtype, [3, 4]) { $0 == 5 ? .nan : $0 == 9 ? -.infinity : 1 }
            let b = bench.pair(dtype, [4, 5]) { _ in 1 }
            product("NaN", a, b, epilogue: .relu, out: bench.result(dtype, [3, 5]))
            product("NaN", a, b, bias: bench.random(dtype, [5]), epilogue: .relu, out: bench.result(dtype, [3, 5]))
        }
        for (type, result) in [(DType.bfloat16, DType.float32), (.float32, .bfloat16)] {
            for biasType in [type, result] {
                product(
                    "mixed types", bench.random(type, [6, 8]), bench.random(type, [8, 5]),
                    bias: bench.random(biasType, [5]), epilogue: .relu, out: bench.result(result, [6, 5]))
            }
        }
    }
}

extension Bench {
    /// A float64 copy of a CPU operand.
    func widened(_ operand: Operand) -> Operand {
        let storage = cpu.allocate(byteCount: operand.elementCount * 8)
        let copy = Operand(
            pointer: storage.pointer, dtype: .float64, shape: operand.shape, strides: operand.shape.rowMajorStrides,
            storage: storage)
        cpu.copy(operand, to: copy)
        return copy
    }
}
