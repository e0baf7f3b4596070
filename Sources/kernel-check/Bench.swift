import CressetBackend
import CressetCPU
import CressetCUDA
import Glibc

/// A tensor on both devices: the same elements in the same layout.
struct Pair {
    var cpu: Operand
    var gpu: Operand
}

/// Creates operands, runs requirements on both devices, and compares.
final class Bench {
    let gpu: CUDABackend
    let cpu = CPUBackend.shared
    private(set) var passed = 0
    private(set) var failed = 0
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    init(_ gpu: CUDABackend) { self.gpu = gpu }

    /// Uniform in [0, 1).
    func uniform() -> Double {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Double(state >> 11) * 0x1p-53
    }

    func integer(_ range: Range<Int>) -> Int { range.lowerBound + Int(uniform() * Double(range.count)) }

    // MARK: Operands

    /// Operands of `shape` with these strides (row-major by default), with the value of `value` at each position in
    /// memory. `padding` elements precede the first one, so that addresses may be odd.
    func pair(
        _ dtype: DType, _ shape: Shape, strides: Shape? = nil, padding: Int = 0, _ value: (Int) -> Double
    ) -> Pair {
        let strides = strides ?? shape.rowMajorStrides
        var count = 1
        for axis in shape.indices { count += (shape[axis] - 1) * strides[axis] }
        if shape.elementCount == 0 { count = 1 }
        let all: Shape = [count + padding]
        let numbers = cpu.allocate(byteCount: all.elementCount * 8)
        let doubles = numbers.pointer.assumingMemoryBound(to: Double.self)
        for i in 0..<all.elementCount { doubles[i] = value(i) }
        let source = Operand(pointer: numbers.pointer, dtype: .float64, shape: all, strides: [1], storage: numbers)
        let storage = cpu.allocate(byteCount: all.elementCount * dtype.itemSize)
        let whole = Operand(pointer: storage.pointer, dtype: dtype, shape: all, strides: [1], storage: storage)
        cpu.copy(source, to: whole)
        let there = gpu.allocate(byteCount: all.elementCount * dtype.itemSize)
        let twin = Operand(pointer: there.pointer, dtype: dtype, shape: all, strides: [1], storage: there)
        gpu.upload(
            UnsafeRawBufferPointer(start: storage.pointer, count: all.elementCount * dtype.itemSize), of: storage,
            to: twin)
        func view(_ operand: Operand) -> Operand {
            Operand(
                pointer: operand.pointer + padding * dtype.itemSize, dtype: dtype, shape: shape, strides: strides,
                storage: operand.storage)
        }
        return Pair(cpu: view(whole), gpu: view(twin))
    }

    /// Random operands: floats in -range..<range, integers likewise, bool.
    func random(_ dtype: DType, _ shape: Shape, strides: Shape? = nil, padding: Int = 0, range: Double = 2) -> Pair {
        pair(dtype, shape, strides: strides, padding: padding) { _ in
            let number = (uniform() * 2 - 1) * range
            return switch dtype {
            case .bool: number > 0 ? 1 : 0
            case .uint8: abs(number).rounded()
            case let dtype where dtype.isInteger: number.rounded()
            default: number
            }
        }
    }

    /// Operands for a result: the same on both sides, but not the expected values.
    func result(_ dtype: DType, _ shape: Shape, strides: Shape? = nil, padding: Int = 0) -> Pair {
        pair(dtype, shape, strides: strides, padding: padding) { Double(77 + $0 % 3) }
    }

    // MARK: Comparing

    /// All elements of the memory under an operand, as float64.
    private func values(_ operand: Operand, onGPU: Bool) -> [Double] {
        var count = 1
        for axis in operand.shape.indices { count += (operand.shape[axis] - 1) * operand.strides[axis] }
        if operand.elementCount == 0 { return [] }
        let bytes = count * operand.dtype.itemSize
        var source = operand
        let host = cpu.allocate(byteCount: bytes)
        if onGPU {
            gpu.download(operand, into: UnsafeMutableRawBufferPointer(start: host.pointer, count: bytes))
            source = Operand(
                pointer: host.pointer, dtype: operand.dtype, shape: operand.shape, strides: operand.strides,
                storage: host)
        }
        let numbers = cpu.allocate(byteCount: operand.elementCount * 8)
        let out = Operand(
            pointer: numbers.pointer, dtype: .float64, shape: operand.shape, strides: operand.shape.rowMajorStrides,
            storage: numbers)
        cpu.copy(source, to: out)
        let doubles = numbers.pointer.assumingMemoryBound(to: Double.self)
        return withExtendedLifetime((numbers, host)) { (0..<operand.elementCount).map { doubles[$0] } }
    }

    /// Compares a result; `relative` applies to the larger of the two numbers, `absolute` is an additional allowance.
    /// The default is what the dtype's rounding explains.
    func compare(_ name: String, _ pair: Pair, relative: Double? = nil, absolute: Double? = nil) {
        let dtype = pair.cpu.dtype
        let epsilon: Double =
            switch dtype {
            case .float64: 1e-12
            case .float32: 2e-5
            case .float16: 2e-3
            case .bfloat16: 1.6e-2
            default: 0
            }
        let relative = relative ?? epsilon
        let absolute = absolute ?? epsilon
        let expected = values(pair.cpu, onGPU: false)
        let found = values(pair.gpu, onGPU: true)
        var wrong = 0
        var first = ""
        for i in expected.indices {
            let (a, b) = (expected[i], found[i])
            if a == b || (a.isNaN && b.isNaN) { continue }
            if abs(a - b) <= absolute + relative * max(abs(a), abs(b)) && a.isFinite && b.isFinite { continue }
            if wrong == 0 { first = "element \(i) is \(b), not \(a)" }
            wrong += 1
        }
        if wrong == 0 {
            passed += 1
        } else {
            failed += 1
            print("FAILED \(name) \(dtype) \(pair.cpu.shape): \(wrong) of \(expected.count) differ; \(first)")
        }
    }
}
