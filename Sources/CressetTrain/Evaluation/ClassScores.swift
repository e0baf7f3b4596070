/// How well one class is told from the others.
///
/// A score whose denominator is 0 is nil: there is nothing to measure. (In scikit-learn's terms,
/// `zero_division=numpy.nan`.)
public struct ClassScores: Sendable, Hashable {
    /// The number of examples of the class.
    public let support: Int
    /// The number of examples that were taken for the class.
    public let predictedCount: Int
    /// The number of examples of the class that were taken for it.
    public let correctCount: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - support: The number of examples of the class.
    ///   - predictedCount: The number of examples that were taken for the class.
    ///   - correctCount: The number of examples that are in both.
    public init(support: Int, predictedCount: Int, correctCount: Int) {
        self.support = support
        self.predictedCount = predictedCount
        self.correctCount = correctCount
    }

    /// The share of the examples taken for the class that belong to it; nil if none were.
    public var precision: Double? { ratio(correctCount, predictedCount) }

    /// The share of the class's examples that were recognised; nil if there are none.
    public var recall: Double? { ratio(correctCount, support) }

    /// The 95 % confidence interval of ``recall``; from 0 to 1 if there are no examples.
    public var recallInterval: WilsonInterval { WilsonInterval(correctCount, of: support) }

    /// The harmonic mean of precision and recall; nil if the class has no examples and nothing was taken for it.
    public var f1: Double? { ratio(2 * correctCount, support + predictedCount) }

    private func ratio(_ part: Int, _ whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
}

extension [ClassScores] {
    /// The mean of a score over all classes that have it ("macro" average); nil if none has.
    ///
    /// - Parameter score: The score.
    public func mean(_ score: (ClassScores) -> Double?) -> Double? {
        let values = compactMap(score)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
