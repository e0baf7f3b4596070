/// Whether a classifier is right as often as its probabilities say.
///
/// Pictures are sorted into bins of equal width by the probability of the class that was found the likeliest. Where the
/// classifier is calibrated, the share of a bin's pictures that are right is their mean probability.
///
/// Source: Guo et al., "On calibration of modern neural networks", 2017 (arXiv 1706.04599), with its 15 bins.
public struct Calibration: Sendable, Hashable {
    /// The pictures whose probability is above ``lower`` and at most ``upper``; the first bin has 0, too.
    public struct Bin: Sendable, Hashable {
        public let lower: Double
        public let upper: Double
        public let count: Int
        public let correctCount: Int
        /// The mean probability of the bin's pictures; nil if there are none.
        public let meanProbability: Double?

        /// The share of the bin's pictures that are right; nil if there are none.
        public var accuracy: Double? { count == 0 ? nil : Double(correctCount) / Double(count) }
    }

    /// The number of bins that ``Evaluation/calibration`` has.
    public static let usualBinCount = 15

    /// From the lowest probability to the highest; those without pictures are there, too.
    public let bins: [Bin]
    /// The expected calibration error: the mean distance between a bin's accuracy and its mean probability, each bin
    /// counting as many times as it has pictures. From 0 to 1; nil without pictures.
    public let expectedError: Double?

    /// Sorts predictions into bins.
    ///
    /// Traps if there are not as many of both, or there is no bin.
    ///
    /// - Parameters:
    ///   - probabilities: How likely the likeliest class was found, for each picture; from 0 to 1.
    ///   - isCorrect: Whether it was the right one.
    ///   - binCount: The number of bins.
    public init(_ probabilities: [Double], isCorrect: [Bool], binCount: Int = usualBinCount) {
        if probabilities.count != isCorrect.count || binCount < 1 {
            fatalError(
                "Calibration: \(probabilities.count) probabilities for \(isCorrect.count) pictures in \(binCount) bins")
        }
        // As numpy.linspace rounds them.
        let edges = (0...binCount).map { $0 == binCount ? 1 : Double($0) * (1 / Double(binCount)) }
        var counts = Array(repeating: 0, count: binCount), correctCounts = counts
        var sums = Array(repeating: 0.0, count: binCount)
        for (probability, isCorrect) in zip(probabilities, isCorrect) {
            let bin = (1..<binCount).first { probability <= edges[$0] }.map { $0 - 1 } ?? binCount - 1
            counts[bin] += 1
            correctCounts[bin] += isCorrect ? 1 : 0
            sums[bin] += probability
        }
        bins = (0..<binCount).map {
            Bin(
                lower: edges[$0], upper: edges[$0 + 1], count: counts[$0], correctCount: correctCounts[$0],
                meanProbability: counts[$0] == 0 ? nil : sums[$0] / Double(counts[$0]))
        }
        let distances = (0..<binCount).reduce(0) { $0 + abs(Double(correctCounts[$1]) - sums[$1]) }
        expectedError = probabilities.isEmpty ? nil : distances / Double(probabilities.count)
    }
}
