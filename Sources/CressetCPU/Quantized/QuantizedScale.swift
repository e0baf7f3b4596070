import CKernels
import CressetBackend

/// How numbers are stored as integers of 8 bits: as multiples of a step, without an offset.
package struct QuantizedScale: Sendable, Hashable {
    /// What the integer 1 stands for.
    package let step: Float
    /// Whether integers are -128 … 127, or else 0 … 255.
    package let isSigned: Bool

    /// The scale whose largest integer stands for `largest`.
    ///
    /// - Parameters:
    ///   - largest: The largest absolute value; larger ones are stored as this one.
    ///   - isSigned: Whether there are negative numbers.
    package init(largest: Float, isSigned: Bool) {
        step = max(largest, .leastNormalMagnitude * 256) / (isSigned ? 127 : 255)
        self.isSigned = isSigned
    }

    package var dtype: DType { isSigned ? .int8 : .uint8 }

    /// Stores `x`, float32 and dense, in the same order.
    package func quantize(_ x: Operand, into out: Operand) {
        cresset_quantize(x.floats, Int64(x.elementCount), step, isSigned, out.pointer)
    }

    /// Restores what was stored.
    package func dequantize(_ x: Operand, into out: Operand) {
        cresset_dequantize(x.pointer, Int64(x.elementCount), step, isSigned, out.floats)
    }
}

/// The absolute values that a tensor has had, and their extremes: what a scale is chosen by.
package struct MagnitudeHistogram: Sendable {
    package static let binCount = 2048

    package private(set) var least: Float = .infinity
    package private(set) var largest: Float = -.infinity
    /// The number of values in each equal part from 0 to ``limit``.
    package private(set) var counts: [Int64] = []
    private var limit: Float = 0

    package init() {}

    /// The first pass: notes the extremes.
    package mutating func addExtremes(of x: Operand) {
        cresset_extremes(x.floats, Int64(x.elementCount), &least, &largest)
        limit = max(abs(least), abs(largest))
    }

    /// The second pass, over the same numbers: counts them.
    package mutating func count(_ x: Operand) {
        if counts.isEmpty { counts = [Int64](repeating: 0, count: Self.binCount) }
        cresset_count_magnitudes(x.floats, Int64(x.elementCount), limit, Int64(Self.binCount), &counts)
    }

    package var hasNegatives: Bool { least < 0 }

    /// The largest absolute value.
    package var extreme: Float { limit.isFinite ? limit : 0 }

    /// The value that a share of all values does not exceed.
    package func percentile(_ share: Double) -> Float {
        let total = counts.reduce(0, +), wanted = Int64((share * Double(total)).rounded(.up))
        var sum: Int64 = 0
        for (bin, count) in counts.enumerated() {
            sum += count
            if sum >= wanted { return Float(bin + 1) / Float(Self.binCount) * extreme }
        }
        return extreme
    }

    /// The largest value to store, for which the mean square of what is lost by rounding and by cutting off is least.
    package var leastSquares: Float {
        let levels = hasNegatives ? 127.0 : 255.0
        var best = (loss: Double.infinity, bins: Self.binCount)
        for bins in stride(from: Self.binCount, through: Self.binCount / 8, by: -16) {
            let step = Double(bins) / levels
            var loss = 0.0
            for (bin, count) in counts.enumerated() where count > 0 {
                let value = Double(bin) + 0.5
                let error = value < Double(bins) ? step * step / 12 : (value - Double(bins)) * (value - Double(bins))
                loss += Double(count) * error
            }
            if loss < best.loss { best = (loss, bins) }
        }
        return Float(best.bins) / Float(Self.binCount) * extreme
    }
}
