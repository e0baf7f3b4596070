import CressetBackend
import Glibc

extension CPUBackend {
    /// The geometry of an H100, since the CPU has none of its own.
    package var randomGeometry: RandomGeometry { .h100 }

    /// Fills a dense operand with the random numbers that an H100 would draw.
    package func random(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, into out: Operand) {
        let count = out.elementCount
        if count == 0 { return }
        mustHold(offset % 4 == 0, "random: an offset of \(offset) is not a multiple of 4")
        let flat = Operand(
            pointer: out.pointer, dtype: out.dtype, shape: [count], strides: [1], storage: out.storage)
        let blocks = RandomBlocks(distribution, seed: seed, offset: offset, dtype: out.dtype, count: count)
        if case .integers(let low, let range) = distribution {
            drawn(.int64, flat) { (numbers: UnsafeMutablePointer<Int64>) in
                blocks.forEach { bits, place in
                    let number = range == 0 ? bits : bits % range
                    numbers[place] = low &+ Int64(bitPattern: number)
                }
            }
        } else if out.dtype == .float64 {
            drawn(.float64, flat) { (numbers: UnsafeMutablePointer<Double>) in
                let transform = RandomTransform<Double>(distribution, .float64)
                blocks.forEachDouble(isNormal: transform.isNormal) { numbers[$1] = transform($0) }
            }
        } else {
            drawn(.float32, flat) { (numbers: UnsafeMutablePointer<Float>) in
                let transform = RandomTransform<Float>(distribution, out.dtype)
                blocks.forEachFloat(isNormal: transform.isNormal) { numbers[$1] = transform($0) }
            }
        }
    }

    /// Generates numbers of one type, and converts them.
    private func drawn<T>(_ dtype: DType, _ out: Operand, _ write: (UnsafeMutablePointer<T>) -> Void) {
        let storage = allocate(byteCount: out.elementCount * MemoryLayout<T>.stride)
        write(storage.pointer.assumingMemoryBound(to: T.self))
        let numbers = Operand(
            pointer: storage.pointer, dtype: dtype, shape: out.shape, strides: [1], storage: storage)
        copy(numbers, to: out)
    }
}

/// What is made of a number in (0, 1], or of a normal one.
private struct RandomTransform<T: BinaryFloatingPoint & Sendable> {
    private let distribution: RandomDistribution
    private let low, high, width: T
    private let dtype: DType

    init(_ distribution: RandomDistribution, _ dtype: DType) {
        (self.distribution, self.dtype) = (distribution, dtype)
        switch distribution {
        case .uniform(let low, let high):
            (self.low, self.high) = (Self.rounded(T(low), dtype), Self.rounded(T(high), dtype))
        case .normal(let mean, let deviation): (low, high) = (T(mean), T(deviation))
        case .bernoulli(let probability, let value): (low, high) = (T(probability), T(value))
        case .integers: (low, high) = (0, 0)
        }
        width = Self.rounded(high - low, dtype)
    }

    var isNormal: Bool { if case .normal = distribution { true } else { false } }

    /// The value as it will be stored.
    private static func rounded(_ x: T, _ dtype: DType) -> T {
        switch dtype {
        case .bfloat16: T(BFloat16(Float(x)).floatValue)
        case .float16: T(Float16(x))
        default: x
        }
    }

    func callAsFunction(_ x: T) -> T {
        switch distribution {
        case .uniform:
            let value = Self.rounded(low.addingProduct(x, width), dtype)
            // (low, high] becomes [low, high).
            return value == high ? low : value
        case .normal: return low.addingProduct(x, high)
        // 1 is among the numbers, so that certainty needs a special case.
        case .bernoulli(let probability, _): return x < low || probability >= 1 ? high : 0
        case .integers: return 0
        }
    }
}

/// The random bits of all threads, and where in the result they go.
private struct RandomBlocks {
    let key: SIMD2<UInt32>
    let position: UInt64
    let perBlock: Int
    let count: Int
    let threads: Int

    init(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, dtype: DType, count: Int) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        position = offset / 4
        perBlock = distribution.numbersPerBlock(dtype)
        self.count = count
        threads = RandomGeometry.h100.threads(count)
    }

    private func forEachBlock(_ body: (SIMD4<UInt32>, _ first: Int) -> Void) {
        for round in 0..<(count - 1) / (threads * perBlock) + 1 {
            let at = position &+ UInt64(round)
            for thread in 0..<threads {
                let first = round * threads * perBlock + thread
                if first >= count { break }
                let counter = SIMD4(
                    UInt32(truncatingIfNeeded: at), UInt32(truncatingIfNeeded: at >> 32), UInt32(thread), 0)
                body(Philox.block(counter: counter, key: key), first)
            }
        }
    }

    private func give<T>(_ values: SIMD4<T>, _ first: Int, _ body: (T, Int) -> Void) {
        for i in 0..<perBlock where first + i * threads < count { body(values[i], first + i * threads) }
    }

    func forEach(_ body: (UInt64, Int) -> Void) {
        forEachBlock { b, first in
            let wide = SIMD4<UInt64>(truncatingIfNeeded: b)
            give(perBlock == 4 ? wide : SIMD4(wide.x << 32 | wide.y, wide.z << 32 | wide.w, 0, 0), first, body)
        }
    }

    func forEachFloat(isNormal: Bool, _ body: (Float, Int) -> Void) {
        // Uniform in (0, 1].
        func unit(_ bits: UInt32) -> Float { Float(bits) * 0x1p-32 + 0x1p-33 }
        let turn: Float = 0x1p-32 * 6.2831855
        forEachBlock { b, first in
            var values = SIMD4(unit(b.x), unit(b.y), unit(b.z), unit(b.w))
            if isNormal {
                for i in [0, 2] {
                    let radius = (-2 * logf(values[i])).squareRoot()
                    let angle = (turn / 2).addingProduct(Float(b[i + 1]), turn)
                    (values[i], values[i + 1]) = (sinf(angle) * radius, cosf(angle) * radius)
                }
            }
            give(values, first, body)
        }
    }

    func forEachDouble(isNormal: Bool, _ body: (Double, Int) -> Void) {
        func mixed(_ x: UInt32, _ y: UInt32) -> Double { Double(UInt64(x) ^ UInt64(y) << 21) }
        forEachBlock { b, first in
            var values = SIMD4(mixed(b.x, b.y) * 0x1p-53 + 0x1p-54, mixed(b.z, b.w) * 0x1p-53 + 0x1p-54, 0, 0)
            if isNormal {
                let radius = (-2 * log(values.x)).squareRoot()
                let angle = (mixed(b.z, b.w) * 0x1p-52 + 0x1p-53) * Double.pi
                (values.x, values.y) = (sin(angle) * radius, cos(angle) * radius)
            }
            give(values, first, body)
        }
    }
}
