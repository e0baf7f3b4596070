import CressetBackend

extension Family {
    static let pointwise = Family(name: "pointwise") { bench in
        bench.checkUnaryFormulas()
        bench.checkBinaryFormulas()
        bench.checkPointwiseLayouts()
        bench.checkSelect()
    }
}

/// Where formulas break: kinks, overflow, undefined values.
let specialValues: [Double] = [
    .nan, .infinity, -.infinity, 0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 6, 20, 20.5, 88.8, -100, 1e30, -1e30, 1e-40,
    -1e-40, 0.999999, -0.999999, 127, 128, 255, -5, 10,
]

extension Bench {
    /// Special values, then random ones; `step` shifts the special ones, so that they are paired with each other.
    func special(_ dtype: DType, _ count: Int, step: Int = 1) -> Pair {
        let used = dtype.isFloatingPoint ? specialValues : specialValues.filter { abs($0) < 1e3 && $0 != 1e-40 }
        return pair(dtype, [count]) { i in
            if i < used.count * used.count { return used[(step == 1 ? i : i / used.count) % used.count] }
            return dtype == .bool ? Double(integer(0..<2)) : (uniform() - 0.5) * (dtype.isFloatingPoint ? 12 : 200)
        }
    }

    private func exists(_ op: UnaryOp, _ dtype: DType) -> Bool {
        if dtype.isFloatingPoint { return true }
        let isQuestion = op.rawValue >= UnaryOp.logicalNot.rawValue
        if dtype == .bool { return isQuestion || op == .sign }
        return isQuestion || op.rawValue <= UnaryOp.trunc.rawValue || op == .relu || op == .clamp
    }

    private func exists(_ op: BinaryOp, _ dtype: DType) -> Bool {
        if dtype.isFloatingPoint { return true }
        if isComparison(op) { return true }
        if dtype == .bool { return [.add, .multiply, .maximum, .minimum].contains(op) }
        return op.rawValue <= BinaryOp.minimum.rawValue && op != .divide
    }

    private func isComparison(_ op: BinaryOp) -> Bool {
        op.rawValue >= BinaryOp.equal.rawValue && op.rawValue <= BinaryOp.logicalXor.rawValue
    }

    /// Formulas differ between float32, float64 and integers; the other types are tested with a few operators.
    private func dtypes(isCommon: Bool) -> [DType] {
        isCommon ? DType.allCases : [.float32, .float64, .int64, .int32, .uint8, .bool]
    }

    func checkUnaryFormulas() {
        for op in UnaryOp.allCases {
            for dtype in dtypes(isCommon: [.relu, .exp, .negate, .isNaN].contains(op)) where exists(op, dtype) {
                let x = special(dtype, dtype.itemSize < 4 ? 20011 : 5003)
                let isQuestion = op.rawValue >= UnaryOp.logicalNot.rawValue
                var out = result(isQuestion ? .bool : dtype, [x.cpu.shape[0]])
                gpu.unary(op, x.gpu, a: -0.75, b: 1.5, into: out.gpu)
                out.cpu = inReach(dtype, out.cpu, [x.cpu]) {
                    cpu.unary(op, $1[0], a: -0.75, b: 1.5, into: $0)
                }
                compare("\(op)", out, relative: tolerance(dtype))
            }
        }
    }

    func checkBinaryFormulas() {
        for op in BinaryOp.allCases {
            for dtype in dtypes(isCommon: [.add, .less, .reluGradient].contains(op)) where exists(op, dtype) {
                let count = dtype.itemSize < 4 ? 20011 : 5003
                // 1 + erf loses digits where the derivative is almost 0: a gradient of 1e30 would magnify the error.
                let x = op == .geluGradient ? random(dtype, [count], range: 6) : special(dtype, count)
                // Integers divided by zero would be reported.
                let isDivisor = op.needsDivisor && !dtype.isFloatingPoint
                let y =
                    isDivisor
                    ? pair(dtype, [count]) { Double($0 % 120 + 1) * (dtype != .uint8 && $0 % 7 == 0 ? -1 : 1) }
                    : special(dtype, count, step: 2)
                var out = result(isComparison(op) ? .bool : dtype, [count])
                gpu.binary(op, x.gpu, y.gpu, a: -0.75, b: 1.5, into: out.gpu)
                out.cpu = inReach(dtype, out.cpu, [x.cpu, y.cpu]) {
                    cpu.binary(op, $1[0], $1[1], a: -0.75, b: 1.5, into: $0)
                }
                compare("\(op)", out, relative: tolerance(dtype))
            }
        }
    }

    /// float64 formulas are as exact as the two devices' libraries, which is not to the last bit.
    private func tolerance(_ dtype: DType) -> Double? { dtype == .float64 ? 1e-9 : nil }

    /// Runs an operator on the CPU, which computes float16 via float32.
    func inReach(
        _ dtype: DType, _ out: Operand, _ inputs: [Operand], _ run: (_ out: Operand, _ inputs: [Operand]) -> Void
    ) -> Operand {
        if dtype != .float16 {
            run(out, inputs)
            return out
        }
        func wide(_ x: Operand) -> Operand {
            if x.dtype != .float16 { return x }
            let storage = cpu.allocate(byteCount: x.elementCount * 4)
            return Operand(
                pointer: storage.pointer, dtype: .float32, shape: x.shape, strides: x.shape.rowMajorStrides,
                storage: storage)
        }
        let wideInputs = inputs.map { x in
            let copy = wide(x)
            cpu.copy(x, to: copy)
            return copy
        }
        let wideOut = wide(out)
        run(wideOut, wideInputs)
        if out.dtype == .float16 { cpu.copy(wideOut, to: out) }
        return out
    }

    // MARK: Layouts

    /// Strides of operands of one shape: (shape, result, x, y).
    static let layouts: [(Shape, Shape, Shape, Shape)] = [
        ([3, 5, 7], [35, 7, 1], [1, 3, 15], [35, 7, 1]),
        ([3, 5, 7], [35, 7, 1], [0, 0, 0], [35, 7, 1]),
        ([3, 5, 7], [35, 7, 1], [0, 0, 0], [0, 0, 0]),
        ([37, 64], [64, 1], [64, 1], [0, 1]),
        ([37, 64], [64, 1], [64, 1], [1, 0]),
        ([64, 37], [1, 64], [0, 1], [1, 64]),
        ([2, 16, 9, 11], [1584, 1, 176, 16], [1584, 99, 11, 1], [0, 1, 0, 0]),
        ([2, 16, 9, 11], [1584, 99, 11, 1], [1584, 1, 176, 16], [1584, 99, 11, 1]),
        ([9, 10], [40, 3], [31, 2], [10, 1]),
        (
            [6, 1, 4, 1, 3, 2, 5, 1], [120, 7, 30, 7, 10, 5, 1, 7], [1, 0, 6, 0, 24, 72, 144, 0],
            [0, 9, 30, 9, 0, 5, 1, 9]
        ),
        ([0, 3], [3, 1], [3, 1], [3, 1]),
        ([], [], [], []),
        ([100_003], [1], [1], [0]),
    ]

    func checkPointwiseLayouts() {
        for (shape, outStrides, xStrides, yStrides) in Self.layouts {
            for dtype: DType in [.float32, .bfloat16, .uint8, .float64] {
                for padding in [0, 1] {
                    let x = random(dtype, shape, strides: xStrides, padding: padding)
                    let y = random(dtype, shape, strides: yStrides, padding: padding * 3)
                    let out = result(dtype, shape, strides: outStrides, padding: padding)
                    cpu.binary(.add, x.cpu, y.cpu, a: 0, b: 0, into: out.cpu)
                    gpu.binary(.add, x.gpu, y.gpu, a: 0, b: 0, into: out.gpu)
                    compare("add \(outStrides) \(xStrides) \(yStrides)", out)
                    let answer = result(.bool, shape, strides: outStrides, padding: padding)
                    cpu.binary(.less, x.cpu, y.cpu, a: 0, b: 0, into: answer.cpu)
                    gpu.binary(.less, x.gpu, y.gpu, a: 0, b: 0, into: answer.gpu)
                    compare("less \(outStrides) \(xStrides) \(yStrides)", answer)
                    cpu.unary(.relu, x.cpu, a: 0, b: 0, into: out.cpu)
                    gpu.unary(.relu, x.gpu, a: 0, b: 0, into: out.gpu)
                    compare("relu \(outStrides) \(xStrides)", out)
                }
            }
        }
        let (x, y) = (random(.float32, [5003]), random(.float32, [5003]))
        for _ in 0..<2 {
            cpu.binary(.subtract, x.cpu, y.cpu, a: 0, b: 0, into: y.cpu)
            gpu.binary(.subtract, x.gpu, y.gpu, a: 0, b: 0, into: y.gpu)
            cpu.unary(.square, x.cpu, a: 0, b: 0, into: x.cpu)
            gpu.unary(.square, x.gpu, a: 0, b: 0, into: x.gpu)
        }
        compare("subtract in place", y)
        compare("square in place", x)
    }

    func checkSelect() {
        for (shape, outStrides, xStrides, yStrides) in Self.layouts {
            for dtype: DType in [.float32, .bfloat16, .bool, .int64] {
                let condition = random(.bool, shape, strides: xStrides)
                let (x, y) = (random(dtype, shape, strides: yStrides), random(dtype, shape, strides: xStrides))
                let out = result(dtype, shape, strides: outStrides)
                cpu.select(condition.cpu, x.cpu, y.cpu, into: out.cpu)
                gpu.select(condition.gpu, x.gpu, y.gpu, into: out.gpu)
                compare("select \(outStrides) \(xStrides) \(yStrides)", out)
            }
        }
    }
}
