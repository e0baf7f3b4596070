import CressetBackend
import CressetCUDA

extension Family {
    static let chain = Family(name: "chain") { bench in
        bench.checkChainFormulas()
        bench.checkChainLayouts()
        bench.checkTypicalChains()
    }
}

/// Operators applied to operands on the GPU, which allocate their results.
private struct Arithmetic {
    let gpu: CUDABackend

    func result(_ dtype: DType, like x: Operand) -> Operand {
        let storage = gpu.allocate(byteCount: x.elementCount * dtype.itemSize)
        return Operand(
            pointer: storage.pointer, dtype: dtype, shape: x.shape, strides: x.shape.rowMajorStrides, storage: storage)
    }

    func callAsFunction(_ op: UnaryOp, _ x: Operand) -> Operand {
        let out = result(op.rawValue >= UnaryOp.logicalNot.rawValue ? .bool : x.dtype, like: x)
        gpu.unary(op, x, a: -0.75, b: 1.5, into: out)
        return out
    }

    func callAsFunction(_ op: BinaryOp, _ x: Operand, _ y: Operand) -> Operand {
        let compares = op.rawValue >= BinaryOp.equal.rawValue && op.rawValue <= BinaryOp.logicalXor.rawValue
        let out = result(compares ? .bool : x.dtype, like: x)
        gpu.binary(op, x, y, a: -0.75, b: 1.5, into: out)
        return out
    }

    func select(_ condition: Operand, _ x: Operand, _ y: Operand) -> Operand {
        let out = result(x.dtype, like: x)
        gpu.select(condition, x, y, into: out)
        return out
    }

    func to(_ dtype: DType, _ x: Operand) -> Operand {
        let out = result(dtype, like: x)
        gpu.copy(x, to: out)
        return out
    }

    /// A number for every element of `x`.
    func number(_ value: Double, like x: Operand) -> Operand {
        let storage = gpu.allocate(byteCount: x.dtype.itemSize)
        let single = Operand(pointer: storage.pointer, dtype: x.dtype, shape: [1], strides: [1], storage: storage)
        gpu.fill(single, with: .float(value))
        return Operand(
            pointer: storage.pointer, dtype: x.dtype, shape: x.shape,
            strides: Shape(repeating: 0, count: x.shape.count), storage: storage)
    }
}

/// A chain of operators: its operands, then its results.
private typealias ChainBody = (Arithmetic, [Operand]) -> [Operand]

extension Bench {
    /// Compares a chain, launched as recorded work, with its operators launched one by one on the same GPU: to the bit.
    private func checkChain(_ name: String, _ inputs: [Operand], _ body: ChainBody) {
        let arithmetic = Arithmetic(gpu: gpu)
        let expected = body(arithmetic, inputs)
        let (graph, found) = gpu.capture { body(arithmetic, inputs) }
        graph.launch()
        for (place, (one, all)) in zip(expected, found).enumerated() {
            // The expected numbers stand for the CPU's.
            let host = cpu.allocate(byteCount: one.elementCount * one.dtype.itemSize)
            gpu.download(
                one, into: UnsafeMutableRawBufferPointer(start: host.pointer, count: host.byteCount))
            let reference = Operand(
                pointer: host.pointer, dtype: one.dtype, shape: one.shape, strides: one.strides, storage: host)
            compare("\(name), result \(place)", Pair(cpu: reference, gpu: all), relative: 0, absolute: 0)
        }
    }

    /// Every formula of floating point within a chain, where the compiler sees what comes before and after it.
    func checkChainFormulas() {
        let unary = UnaryOp.allCases
        let binary = BinaryOp.allCases
        for dtype: DType in [.float32, .float64] {
            for first in stride(from: 0, to: unary.count, by: 6) {
                let (x, y) = (special(dtype, 5003).gpu, random(dtype, [5003]).gpu)
                let some = unary[first..<min(first + 6, unary.count)]
                checkChain("\(some.first!) to \(some.last!)", [x, y]) { f, x in
                    let product = f(.multiply, x[0], x[1])
                    return some.map { f($0, product) }
                }
            }
            for first in stride(from: 0, to: binary.count, by: 6) {
                let (x, y) = (special(dtype, 5003).gpu, special(dtype, 5003, step: 2).gpu)
                let some = binary[first..<min(first + 6, binary.count)]
                checkChain("\(some.first!) to \(some.last!)", [x, y]) { f, x in
                    let product = f(.multiply, x[0], x[1])
                    return some.map { f($0, product, x[1]) }
                }
            }
        }
    }

    /// Rows, columns and numbers beside dense operands, at addresses that allow vectors and at others.
    func checkChainLayouts() {
        let shapes: [(Shape, [Shape])] = [
            ([37, 64], [[64, 1], [0, 1], [1, 0]]), ([9, 13], [[13, 1], [0, 1], [1, 0]]),
            ([3, 16, 20], [[320, 20, 1], [0, 1, 0], [20, 0, 1]]), ([100_003], [[1], [0], [1]]),
            ([5, 2, 3, 8], [[48, 24, 8, 1], [0, 24, 8, 1], [48, 0, 0, 1]]),
        ]
        for (shape, strides) in shapes {
            for dtype: DType in [.float32, .bfloat16, .uint8, .float64] {
                for padding in [0, 1] {
                    let inputs = strides.map { random(dtype, shape, strides: $0, padding: padding).gpu }
                    checkChain("a chain over \(strides)", inputs) { f, x in
                        let sum = f(.add, f(.multiply, x[0], x[1]), x[2])
                        return [f(.less, sum, x[0]), f(.maximum, sum, x[2])]
                    }
                }
            }
        }
    }

    /// What networks are made of.
    func checkTypicalChains() {
        for dtype: DType in [.float32, .bfloat16, .float16] {
            let (x, y) = (random(dtype, [64, 520]).gpu, random(dtype, [64, 520]).gpu)
            let row = random(dtype, [64, 520], strides: [0, 1]).gpu
            checkChain("x sigmoid(x)", [x]) { f, x in [f(.multiply, x[0], f(.sigmoid, x[0]))] }
            checkChain("layer scale and residual", [x, row, y]) { f, x in [f(.add, f(.multiply, x[0], x[1]), x[2])] }
            let numbers = [0.5, 0.044715, 0.79788456, 1].map { Arithmetic(gpu: gpu).number($0, like: x) }
            checkChain("GELU by hand", [x] + numbers) { f, x in
                let cube = f(.multiply, f(.multiply, x[0], x[0]), x[0])
                let inner = f(.multiply, f(.add, x[0], f(.multiply, cube, x[2])), x[3])
                return [f(.multiply, f(.multiply, x[1], x[0]), f(.add, x[4], f(.tanh, inner)))]
            }
            checkChain("focal loss", [x, y, numbers[3]]) { f, x in
                let p = f(.sigmoid, x[0])
                let target = f(.greater, x[1], x[0])
                let hit = f.select(target, p, f(.subtract, f(.multiply, x[2], x[2]), p))
                let miss = f(.subtract, hit, p)
                return [f(.multiply, f(.square, miss), f(.negate, f(.log, hit))), target]
            }
            checkChain("conversions", [x, y]) { f, x in
                let wide = f.to(.float32, x[0])
                let narrow = f.to(.bfloat16, f(.multiply, wide, wide))
                return [f(.add, f.to(.float32, narrow), wide), f.to(.int32, f(.exp, wide)), f.to(.bool, narrow)]
            }
        }
    }
}
