// Scores of a whole evaluation, beside its accuracy.

extension Evaluation {
    /// The mean of the classes' recalls, of classes that have pictures; nil without any.
    ///
    /// (In scikit-learn's terms, `balanced_accuracy_score`.)
    public var balancedAccuracy: Double? { confusion.classes.mean(\.recall) }

    /// The mean of the classes' F1, of classes that have pictures or were named; nil if there are none.
    ///
    /// (In scikit-learn's terms, `f1_score` with `average="macro"`, `zero_division=numpy.nan` and all classes as `labels`.)
    public var macroF1: Double? { confusion.classes.mean(\.f1) }

    /// How well the probabilities of each class tell its pictures from all others ("one versus rest").
    ///
    /// They are computed anew each time: all pictures are sorted once for every class.
    public var rankings: [RankingScores] { classes.indices.map { RankingScores(rankingCurve(of: $0)) } }

    /// Whether predictions are right as often as their probabilities say, in fifteen bins.
    public var calibration: Calibration {
        Calibration(pictures.map(\.probability), isCorrect: pictures.map(\.isCorrect))
    }

    /// The share of pictures for which another evaluation of the same pictures names the same class; 0 without any.
    ///
    /// - Parameter other: The other evaluation, in the same order.
    package func agreement(with other: Evaluation) -> Double {
        let same = zip(pictures, other.pictures).count { $0.path == $1.path && $0.prediction == $1.prediction }
        return pictures.isEmpty ? 0 : Double(same) / Double(pictures.count)
    }

    /// What is left if only predictions of this probability or more are believed.
    ///
    /// - Parameter threshold: The probability, from 0 to 1.
    public func believing(from threshold: Double) -> ConfidenceThreshold {
        let kept = pictures.filter { $0.probability >= threshold }
        return ConfidenceThreshold(
            threshold: threshold, count: pictures.count, keptCount: kept.count,
            correctCount: kept.count { $0.isCorrect })
    }
}
