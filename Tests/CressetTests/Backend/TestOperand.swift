import CressetBackend
import CressetCPU

/// Memory with an operand on it, for tests of kernels: read and written one element at a time, as `Double`.
final class TestOperand {
    private let storage: Storage
    let operand: Operand

    /// The order of a tensor's axes in memory, outermost first.
    enum Order {
        case rowMajor
        case channelsLast
        /// The last two axes swapped.
        case transposed
        /// Row-major with two unused elements after each.
        case spaced
    }

    init(_ shape: Shape, _ dtype: DType = .float32, order: Order = .rowMajor) {
        var strides = shape.rowMajorStrides
        switch order {
        case .rowMajor: break
        case .channelsLast: strides = shape.channelsLastStrides
        case .transposed:
            strides[shape.count - 2] = 1
            strides[shape.count - 1] = shape[shape.count - 2]
        case .spaced: for axis in 0..<shape.count { strides[axis] *= 3 }
        }
        let byteCount = max(shape.elementCount * 3 * dtype.itemSize, 1)
        storage = CPUBackend.shared.allocate(byteCount: byteCount)
        // Elements that a kernel forgets to write show up, as NaN where the type has one.
        storage.pointer.initializeMemory(as: UInt8.self, repeating: 0xFF, count: byteCount)
        operand = Operand(pointer: storage.pointer, dtype: dtype, shape: shape, strides: strides)
    }

    /// Uniform numbers in `range`, rounded to the type.
    convenience init(
        random shape: Shape, _ dtype: DType = .float32, order: Order = .rowMajor,
        in range: ClosedRange<Double> = -1...1,
        using generator: inout TestGenerator
    ) {
        self.init(shape, dtype, order: order)
        for index in indices { self[index] = Double.random(in: range, using: &generator) }
    }

    var shape: Shape { operand.shape }
    var indices: [[Int]] { Self.indices(Array(shape)) }

    /// All indices of a tensor with these lengths, in row-major order.
    static func indices(_ lengths: [Int]) -> [[Int]] {
        lengths.reduce([[]]) { indices, length in indices.flatMap { index in (0..<length).map { index + [$0] } } }
    }

    subscript(index: [Int]) -> Double {
        get {
            let offset = zip(index, operand.strides).reduce(0) { $0 + $1.0 * $1.1 }
            switch operand.dtype {
            case .float32: return Double(operand.pointer.assumingMemoryBound(to: Float.self)[offset])
            case .float64: return operand.pointer.assumingMemoryBound(to: Double.self)[offset]
            case .bfloat16: return Double(operand.pointer.assumingMemoryBound(to: BFloat16.self)[offset].floatValue)
            case .int64: return Double(operand.pointer.assumingMemoryBound(to: Int64.self)[offset])
            case .int32: return Double(operand.pointer.assumingMemoryBound(to: Int32.self)[offset])
            default: fatalError("no test needs \(operand.dtype)")
            }
        }
        set {
            let offset = zip(index, operand.strides).reduce(0) { $0 + $1.0 * $1.1 }
            switch operand.dtype {
            case .float32: operand.pointer.assumingMemoryBound(to: Float.self)[offset] = Float(newValue)
            case .float64: operand.pointer.assumingMemoryBound(to: Double.self)[offset] = newValue
            case .bfloat16: operand.pointer.assumingMemoryBound(to: BFloat16.self)[offset] = BFloat16(Float(newValue))
            case .int64: operand.pointer.assumingMemoryBound(to: Int64.self)[offset] = Int64(newValue)
            case .int32: operand.pointer.assumingMemoryBound(to: Int32.self)[offset] = Int32(newValue)
            default: fatalError("no test needs \(operand.dtype)")
            }
        }
    }

    /// The largest difference from `expected`, relative to the numbers' magnitude if that is above 1; infinite if
    /// exactly one of the two is NaN.
    func error(against expected: [[Int]: Double]) -> Double {
        var worst = 0.0
        for (index, value) in expected {
            let found = self[index]
            if value.isNaN && found.isNaN || value == found { continue }
            let error = abs(found - value) / max(1, abs(value))
            worst = error.isNaN ? .infinity : max(worst, error)
        }
        return worst
    }
}

extension DType {
    /// Allowance for rounding in results of magnitude 1 that are sums of some tens of products.
    var testTolerance: Double {
        switch self {
        case .float64: 1e-12
        case .float32: 2e-5
        default: 2e-2
        }
    }
}

/// A small generator (SplitMix64), so that every run tests the same cases.
struct TestGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
