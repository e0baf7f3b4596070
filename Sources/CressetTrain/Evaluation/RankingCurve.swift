/// What each threshold on a class's probability makes of examples: those at or above it are taken for the class.
package struct RankingCurve: Sendable, Hashable {
    /// The examples that are taken for the class at one threshold.
    package struct Point: Sendable, Hashable {
        package let threshold: Double
        /// Those that belong to it, and those that do not.
        package let hits, misses: Int
    }

    /// A point for each probability that occurs, the highest first.
    package let points: [Point]
    /// All examples of the class, and all others.
    package let members, others: Int

    /// The curve of one class against all others.
    ///
    /// Traps if there are not as many of both.
    ///
    /// - Parameters:
    ///   - probabilities: How likely the class was found, for each example; finite.
    ///   - isMember: Whether each example belongs to the class.
    package init(_ probabilities: [Double], isMember: [Bool]) {
        if probabilities.count != isMember.count {
            fatalError("RankingCurve: \(probabilities.count) probabilities for \(isMember.count) examples")
        }
        let order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
        var points: [Point] = []
        var (hits, misses, next) = (0, 0, 0)
        while next < order.count {
            let threshold = probabilities[order[next]]
            while next < order.count, probabilities[order[next]] == threshold {
                if isMember[order[next]] { hits += 1 } else { misses += 1 }
                next += 1
            }
            points.append(Point(threshold: threshold, hits: hits, misses: misses))
        }
        self.points = points
        (members, others) = (hits, misses)
    }

    /// The ROC curve: the share of the class's examples that are found if at most this share of the others is taken for it.
    /// Between thresholds the curve is straight, as its area counts ties. Nil without an example of the class, or without
    /// another.
    ///
    /// - Parameter share: From 0 to 1.
    package func recall(atFalseShare share: Double) -> Double? {
        if members == 0 || others == 0 { return nil }
        let limit = share * Double(others)
        var (hits, misses) = (0, 0)
        for point in points {
            if Double(point.misses) > limit {
                let part = (limit - Double(misses)) / Double(point.misses - misses)
                return (Double(hits) + part * Double(point.hits - hits)) / Double(members)
            }
            (hits, misses) = (point.hits, point.misses)
        }
        return 1
    }

    /// The precision at the highest threshold at which at least this share of the class's examples is found: what average
    /// precision is the mean of. Nil without an example of the class.
    ///
    /// - Parameter recall: From 0 to 1.
    package func precision(atRecall recall: Double) -> Double? {
        let wanted = max(recall * Double(members) - 1e-9, 0.5)
        return members == 0
            ? nil
            : points.first { Double($0.hits) >= wanted }.map { Double($0.hits) / Double($0.hits + $0.misses) }
    }
}

extension Evaluation {
    /// The curve of a class. It is computed anew each time, and as long as there are pictures.
    ///
    /// - Parameter label: The class.
    package func rankingCurve(of label: Int) -> RankingCurve {
        RankingCurve(pictures.map { $0.probabilities[label] }, isMember: pictures.map { $0.label == label })
    }
}
