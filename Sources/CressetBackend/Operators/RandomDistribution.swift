/// The distribution that random numbers are drawn from.
package enum RandomDistribution: Sendable, Hashable {
    /// Uniform over `low..<high`, for floating-point types.
    case uniform(low: Double, high: Double)
    /// For floating-point types.
    case normal(mean: Double, standardDeviation: Double)
    /// `value` with `probability`, otherwise 0.
    case bernoulli(probability: Double, value: Double)
    /// The `count` integers starting at `low`; 0 stands for all 2⁶⁴.
    case integers(low: Int64, count: UInt64)

    /// How many numbers of `dtype` a block of 128 random bits gives.
    package func numbersPerBlock(_ dtype: DType) -> Int {
        switch self {
        // Few enough that the remainder of 32 bits is not skewed.
        case .integers(_, let count): count == 0 || count >= 1 << 28 ? 2 : 4
        default: dtype == .float64 ? 2 : 4
        }
    }
}

/// How a device distributes random numbers over its threads, in blocks of 256: it determines the number each element
/// gets.
package struct RandomGeometry: Sendable, Hashable {
    /// The maximum number of blocks of threads.
    package var blockLimit: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - multiprocessors: The GPU's multiprocessors.
    ///   - threadsPerMultiprocessor: The number of threads that each one runs at once.
    package init(multiprocessors: Int, threadsPerMultiprocessor: Int) {
        blockLimit = max(1, multiprocessors * (threadsPerMultiprocessor / 256))
    }

    /// An H100's, which the CPU uses too.
    package static let h100 = RandomGeometry(multiprocessors: 132, threadsPerMultiprocessor: 2048)

    /// How many threads draw `count` numbers.
    package func threads(_ count: Int) -> Int { 256 * max(1, min(blockLimit, (count + 255) / 256)) }

    /// How far the offset advances when `count` numbers are drawn: 4 for each block that a thread takes.
    ///
    /// - Parameters:
    ///   - distribution: The distribution to draw from.
    ///   - dtype: The type of the elements.
    ///   - count: The number of them.
    package func increment(_ distribution: RandomDistribution, _ dtype: DType, count: Int) -> UInt64 {
        if count == 0 { return 0 }
        return UInt64((count - 1) / (threads(count) * distribution.numbersPerBlock(dtype)) + 1) * 4
    }
}
