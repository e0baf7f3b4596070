/// How well the probabilities of a class put its examples before all others, whatever threshold is chosen.
///
/// Examples of equal probability count as tied: neither score depends on the order in which they come. Both are those of
/// scikit-learn (`average_precision_score`, `roc_auc_score`), but nil where there is nothing to measure.
public struct RankingScores: Sendable, Hashable {
    /// The mean of the precisions at all thresholds, each weighted with the recall that is gained there: from 0 to 1, the
    /// class's share of all examples if it is guessed. Nil without an example of the class.
    public let averagePrecision: Double?
    /// The area under the ROC curve: how likely an example of the class is put before another one, ties counting half.
    /// From 0 to 1, a half if it is guessed. Nil without an example of the class, or without another.
    public let rocAUC: Double?

    /// Scores of one class against all others.
    ///
    /// Traps if there are not as many of both.
    ///
    /// - Parameters:
    ///   - probabilities: How likely the class was found, for each example; finite.
    ///   - isMember: Whether each example belongs to the class.
    public init(_ probabilities: [Double], isMember: [Bool]) {
        self.init(RankingCurve(probabilities, isMember: isMember))
    }

    /// The scores of a curve.
    package init(_ curve: RankingCurve) {
        let (members, others) = (curve.members, curve.others)
        // Pairs are counted twice, so that half of a tied one is a whole number.
        var (hits, misses, pairs, precisions) = (0, 0, 0, 0.0)
        for point in curve.points {
            pairs += (point.misses - misses) * (point.hits + hits)
            precisions += Double(point.hits - hits) * Double(point.hits) / Double(point.hits + point.misses)
            (hits, misses) = (point.hits, point.misses)
        }
        averagePrecision = members == 0 ? nil : precisions / Double(members)
        rocAUC = members == 0 || others == 0 ? nil : Double(pairs) / (2 * Double(members) * Double(others))
    }
}

extension [RankingScores] {
    /// The mean of a score over all classes that have it ("macro" average); nil if none has.
    ///
    /// - Parameter score: The score.
    public func mean(_ score: (RankingScores) -> Double?) -> Double? {
        let values = compactMap(score)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
