import Cresset

/// The random numbers of one sample in one epoch.
///
/// They depend only on the seed, the epoch, the sample's index and the operation. ``beginOperation()`` starts a new
/// stream, so that the number of values one operation draws does not change what the next one gets.
public struct SampleRandom: RandomNumberGenerator, Sendable {
    private let key: SIMD2<UInt32>
    private var counter: SIMD4<UInt32>
    private var block: SIMD4<UInt32> = .zero
    private var used = 4

    /// The stream of operation 0.
    ///
    /// - Parameters:
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - epoch: The number of the pass over the data, from 0.
    ///   - index: The number of the sample.
    public init(seed: UInt64, epoch: Int, index: Int) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        counter = SIMD4(0, 0, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: epoch))
    }

    /// Continues with the next operation's stream.
    public mutating func beginOperation() {
        counter.x = 0
        counter.y &+= 1
        used = 4
    }

    public mutating func next() -> UInt64 { UInt64(next32()) | UInt64(next32()) << 32 }

    /// A number from `range`, all equally likely.
    public mutating func uniform(in range: ClosedRange<Double>) -> Double {
        let unit = Double(next() >> 11) * 0x1p-53
        return range.lowerBound + (range.upperBound - range.lowerBound) * unit
    }

    /// An integer from 0 up to, but not including, `bound`, all equally likely.
    ///
    /// Traps if `bound` is not positive.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "SampleRandom: there is no integer below \(bound)")
        return Int(next(upperBound: UInt64(bound)))
    }

    /// True with the given probability.
    ///
    /// - Parameter probability: How likely true is.
    public mutating func chance(_ probability: Double) -> Bool { uniform(in: 0...1) < probability }

    private mutating func next32() -> UInt32 {
        if used == 4 {
            block = Philox.block(counter: counter, key: key)
            counter.x &+= 1
            used = 0
        }
        defer { used += 1 }
        return block[used]
    }
}
