import Glibc

/// One stream of random numbers with its leftovers: the single draws from which every distribution is made.
///
/// Not safe for concurrent use; ``Generator`` puts a lock around it.
struct RandomStream {
    var twister: MersenneTwister
    /// The second of the two numbers from the Box-Muller transform, kept for the next call.
    var spareNormal: Double?

    init(seed: UInt64) { twister = MersenneTwister(seed: seed) }

    /// A number in [0, 1) with 24 random bits.
    @inline(__always)
    mutating func uniform(_: Float.Type = Float.self) -> Float { Float(twister.next() & 0xFF_FFFF) * 0x1p-24 }

    /// A number in [0, 1) with 53 random bits.
    @inline(__always)
    mutating func uniform(_: Double.Type = Double.self) -> Double {
        Double(twister.next64() & 0x1F_FFFF_FFFF_FFFF) * 0x1p-53
    }

    /// A number from the standard normal distribution.
    mutating func normal() -> Double {
        if let spare = spareNormal {
            spareNormal = nil
            return spare
        }
        let first = uniform(Double.self)
        let second = uniform(Double.self)
        let radius = (-2 * log1p(-second)).squareRoot()
        let angle = 2 * Double.pi * first
        spareNormal = radius * sin(angle)
        return radius * cos(angle)
    }

    /// A number from the exponential distribution with mean 1.
    mutating func exponential() -> Double { -log1p(-uniform(Double.self)) }

    /// An integer in `0..<range`; large ranges take 64 random bits, so that the remainder is not skewed.
    @inline(__always)
    mutating func integer(below range: UInt64) -> UInt64 {
        range >= 1 << 28 ? twister.next64() % range : UInt64(twister.next()) % range
    }
}
