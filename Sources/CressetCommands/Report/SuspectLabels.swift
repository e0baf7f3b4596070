import CressetTrain

extension RunReport {
    /// Pictures whose label is probably wrong, those with the highest loss first.
    ///
    /// A picture is suspect if it is taken for another class at least as surely as that class's own pictures are on
    /// average, and never below ``leastConfidence``.
    ///
    /// *Source*: the rule of Northcutt et al., "Confident Learning: Estimating Uncertainty in Dataset Labels", 2021.
    var suspectLabels: [EvaluatedPicture] {
        guard let evaluation else { return [] }
        var sums = Array(repeating: (sum: 0.0, count: 0), count: evaluation.classes.count)
        for picture in evaluation.pictures {
            sums[picture.label].sum += picture.labelProbability
            sums[picture.label].count += 1
        }
        return evaluation.mistakes.filter { picture in
            let own = sums[picture.prediction]
            // Of a class without pictures of its own nothing is known.
            guard own.count > 0 else { return false }
            return picture.probability >= max(own.sum / Double(own.count), RunReport.leastConfidence)
        }
    }

    /// Below this probability no label is suspected.
    static var leastConfidence: Double { 0.8 }
}
