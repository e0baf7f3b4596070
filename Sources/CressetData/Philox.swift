/// The counter-based generator Philox4x32-10: a block of 128 random bits is a function of a key and a counter.
///
/// Nothing is carried from one block to the next, so that every sample of every epoch has its own random numbers,
/// whichever thread or machine asks for them, in whatever order.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public enum Philox {
    /// The block of random bits at `counter` for `key`.
    public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var counter = counter
        var key = key
        for _ in 0..<10 {
            let first = UInt64(counter.x) * 0xD251_1F53
            let second = UInt64(counter.z) * 0xCD9E_8D57
            counter = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ counter.y ^ key.x, UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ counter.w ^ key.y, UInt32(truncatingIfNeeded: first))
            key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return counter
    }
}

/// The random numbers of one sample in one epoch.
///
/// They depend on the seed, the epoch, the sample's index and the operation alone. ``beginOperation()`` starts a fresh
/// stream, so that one operation's appetite does not change what the next one gets.
public struct SampleRandom: RandomNumberGenerator, Sendable {
    private let key: SIMD2<UInt32>
    private var counter: SIMD4<UInt32>
    private var block: SIMD4<UInt32> = .zero
    private var used = 4

    /// The stream of operation 0.
    public init(seed: UInt64, epoch: Int, index: Int) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        counter = SIMD4(0, 0, UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: epoch))
    }

    /// Goes on with the next operation's stream.
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

    /// An integer from 0 to before `bound`, all equally likely.
    ///
    /// Traps when `bound` is not positive.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "SampleRandom: no integer below \(bound)")
        return Int(next(upperBound: UInt64(bound)))
    }

    /// True with the given probability.
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
