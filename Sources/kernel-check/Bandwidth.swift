import CressetBackend
import Glibc

extension Family {
    /// The bytes per second of kernels that only read and write, to be compared with the device's memory bandwidth.
    static let bandwidth = Family(name: "bandwidth") { bench in
        bench.measurePointwise()
        bench.measureCopies()
        bench.measureReductions()
    }
}

extension Bench {
    private func zeros(_ dtype: DType, _ shape: Shape, strides: Shape? = nil) -> Operand {
        let storage = gpu.allocate(byteCount: shape.elementCount * dtype.itemSize)
        let all = Operand(
            pointer: storage.pointer, dtype: dtype, shape: shape, strides: shape.rowMajorStrides, storage: storage)
        gpu.fill(all, with: .float(0))
        var view = all
        view.strides = strides ?? all.strides
        return view
    }

    private func bytes(_ operands: Operand...) -> Int {
        operands.reduce(0) { sum, operand in
            var count = 1
            for axis in operand.shape.indices where operand.strides[axis] != 0 { count *= operand.shape[axis] }
            return sum + count * operand.dtype.itemSize
        }
    }

    private func measure(_ name: String, _ bytes: Int, _ run: () -> Void) {
        func seconds() -> Double {
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
        }
        for _ in 0..<3 { run() }
        gpu.synchronize()
        let rounds = 20
        let start = seconds()
        for _ in 0..<rounds { run() }
        gpu.synchronize()
        let time = (seconds() - start) / Double(rounds)
        print("\(name): \(Int(time * 1e6)) us, \(Int(Double(bytes) / time / 1e9)) GB/s")
    }

    func measurePointwise() {
        let many: Shape = [1 << 26]
        for dtype: DType in [.float32, .bfloat16] {
            let (x, y, out) = (zeros(dtype, many), zeros(dtype, many), zeros(dtype, many))
            for op: UnaryOp in [.relu, .exp, .gelu, .tanh] {
                measure("\(op) \(dtype)", bytes(x, out)) { gpu.unary(op, x, a: 0, b: 0, into: out) }
            }
            for op: BinaryOp in [.add, .geluTanhGradient] {
                measure("\(op) \(dtype)", bytes(x, y, out)) { gpu.binary(op, x, y, a: 0, b: 0, into: out) }
            }
            let answers = zeros(.bool, many)
            measure("less \(dtype)", bytes(x, y, answers)) { gpu.binary(.less, x, y, a: 0, b: 0, into: answers) }
            measure("select \(dtype)", bytes(answers, x, y, out)) { gpu.select(answers, x, y, into: out) }
            func rows(_ operand: Operand, _ strides: Shape) -> Operand {
                Operand(
                    pointer: operand.pointer, dtype: dtype, shape: [1 << 18, 256], strides: strides,
                    storage: operand.storage)
            }
            let (a, bias, sum) = (rows(x, [256, 1]), rows(y, [0, 1]), rows(out, [256, 1]))
            measure("add a row \(dtype)", bytes(a, bias, sum)) { gpu.binary(.add, a, bias, a: 0, b: 0, into: sum) }
            let column = rows(y, [1, 0])
            measure("add a column \(dtype)", bytes(a, column, sum)) {
                gpu.binary(.add, a, column, a: 0, b: 0, into: sum)
            }
            var odd = x
            odd.pointer += dtype.itemSize
            odd.shape = [1 << 26 - 1]
            var target = out
            target.shape = odd.shape
            measure("relu unaligned \(dtype)", bytes(odd, target)) { gpu.unary(.relu, odd, a: 0, b: 0, into: target) }
        }
    }

    func measureCopies() {
        let many: Shape = [1 << 26]
        let (wide, narrow, bytesOnly) = (zeros(.float32, many), zeros(.bfloat16, many), zeros(.uint8, many))
        measure("fill", bytes(wide)) { gpu.fill(wide, with: .float(1.5)) }
        measure("float32 to bfloat16", bytes(wide, narrow)) { gpu.copy(wide, to: narrow) }
        measure("uint8 to float32", bytes(bytesOnly, wide)) { gpu.copy(bytesOnly, to: wide) }
        for dtype: DType in [.float32, .bfloat16] {
            let shape: Shape = [64, 256, 56, 56]
            let (planes, channels) = (zeros(dtype, shape), zeros(dtype, shape, strides: shape.channelsLastStrides))
            measure("to channels last \(dtype)", bytes(planes, channels)) { gpu.copy(planes, to: channels) }
            measure("from channels last \(dtype)", bytes(planes, channels)) { gpu.copy(channels, to: planes) }
            let picture: Shape = [64, 3, 512, 512]
            let (x, y) = (zeros(dtype, picture), zeros(dtype, picture, strides: picture.channelsLastStrides))
            measure("pictures to channels last \(dtype)", bytes(x, y)) { gpu.copy(x, to: y) }
            measure("pictures from channels last \(dtype)", bytes(x, y)) { gpu.copy(y, to: x) }
        }
    }

    func measureReductions() {
        for dtype: DType in [.float32, .bfloat16] {
            let cases: [(String, Shape, Shape)] = [
                ("all", [1 << 26], [0]), ("rows of 1024", [65536, 1024], [1]), ("rows of 64", [1 << 20, 64], [1]),
                ("64 columns", [802_816, 64], [0]), ("2048 columns", [25_088, 2048], [0]),
            ]
            for (name, shape, axes) in cases {
                let x = zeros(dtype, shape)
                var kept = shape
                for axis in axes { kept[axis] = 1 }
                for op: ReduceOp in [.sum, .maximum, .argmax] {
                    let out = zeros(op == .argmax ? .int64 : dtype, kept)
                    var spread = Operand(
                        pointer: out.pointer, dtype: out.dtype, shape: shape, strides: kept.rowMajorStrides,
                        storage: out.storage)
                    for axis in axes { spread.strides[axis] = 0 }
                    measure("\(op) of \(name) \(dtype)", bytes(x)) { gpu.reduce(op, x, axes: axes, into: spread) }
                }
            }
        }
        for (name, shape, axis): (String, Shape, Int) in [
            ("one line", [1 << 26], 0), ("rows of 4096", [16_384, 4096], 1), ("columns", [1024, 65_536], 0),
        ] {
            let (x, out) = (zeros(.float32, shape), zeros(.float32, shape))
            measure("running sum of \(name)", bytes(x, out)) { gpu.scan(.sum, x, axis: axis, into: out) }
        }
    }
}
