/// The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), which PyTorch uses on the CPU.
struct MersenneTwister {
    static let stateCount = 624
    private static let shift = 397

    /// The 624 words of the recurrence.
    private(set) var words: [UInt32]
    /// The next word to use; 624 when a new block is due.
    private(set) var position: Int

    /// A twister started from the low 32 bits of `seed`, as in PyTorch.
    init(seed: UInt64) {
        words = [UInt32](repeating: 0, count: Self.stateCount)
        words[0] = UInt32(truncatingIfNeeded: seed)
        for i in 1..<Self.stateCount {
            words[i] = 1_812_433_253 &* (words[i - 1] ^ (words[i - 1] >> 30)) &+ UInt32(i)
        }
        position = Self.stateCount
    }

    /// A twister that continues where another was, or nil if these cannot be a twister's values.
    init?(words: [UInt32], position: Int) {
        guard words.count == Self.stateCount, (0...Self.stateCount).contains(position) else { return nil }
        self.words = words
        self.position = position
    }

    /// The next 32 random bits.
    @inline(__always)
    mutating func next() -> UInt32 {
        if position == Self.stateCount { refill() }
        var y = words[position]
        position += 1
        y ^= y >> 11
        y ^= (y << 7) & 0x9D2C_5680
        y ^= (y << 15) & 0xEFC6_0000
        y ^= y >> 18
        return y
    }

    /// The next 64 random bits: the first 32 are the upper half.
    @inline(__always)
    mutating func next64() -> UInt64 {
        let high = next()
        return UInt64(high) << 32 | UInt64(next())
    }

    /// Computes the next 624 words from the last 624.
    @inline(never)
    private mutating func refill() {
        words.withUnsafeMutableBufferPointer { words in
            let count = Self.stateCount
            for i in 0..<count {
                let mixed = (words[i] & 0x8000_0000) | (words[i + 1 < count ? i + 1 : 0] & 0x7FFF_FFFF)
                let far = i + Self.shift
                words[i] = words[far < count ? far : far - count] ^ (mixed >> 1) ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
            }
        }
        position = 0
    }
}
