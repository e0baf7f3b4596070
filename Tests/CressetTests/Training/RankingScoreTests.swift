import CressetTrain
import Testing

/// Scores of probabilities, compared with scikit-learn 1.9.1.
@Suite struct RankingScoreTests {
    /// 60 pictures of five classes, one of which does not occur; probabilities of few values, so that many are tied.
    private static let evaluation: Evaluation = {
        let pictures = (0..<60).map { i in
            let label = [0, 1, 2, 4][(i * i + i / 3) % 4]
            var scores = (0..<5).map { Double((i * 13 + $0 * 29 + i * $0 % 7) % 11 + 1) }
            if i % 3 == 0 { scores[label] += 12 }
            let sum = scores.reduce(0, +)
            return EvaluatedPicture(path: "a.jpg", label: label, probabilities: scores.map { $0 / sum }, loss: 1)
        }
        return Evaluation(classes: (0..<5).map(String.init), pictures: pictures, skipped: [])
    }()

    private func isClose(_ value: Double?, _ expected: Double?, _ tolerance: Double = 1e-14) -> Bool {
        guard let value, let expected else { return value == nil && expected == nil }
        return abs(value - expected) < tolerance
    }

    @Test func meansOverClassesAreScikitLearns() {
        #expect(Self.evaluation.accuracy == 28.0 / 60)
        #expect(isClose(Self.evaluation.balancedAccuracy, 0.39999999999999997))
        #expect(isClose(Self.evaluation.macroF1, 0.34258145363408515))
    }

    @Test func rankingsOfClassesAreScikitLearns() {
        let rankings = Self.evaluation.rankings
        let precisions = [0.7249349627158957, 0.3794946791033129, 0.7381595376287029, nil, 0.32153430860327414]
        let areas = [0.7581249999999999, 0.756, 0.766875, nil, 0.657]
        #expect(zip(rankings, precisions).allSatisfy { isClose($0.averagePrecision, $1) }, "\(rankings)")
        #expect(zip(rankings, areas).allSatisfy { isClose($0.rocAUC, $1) }, "\(rankings)")
        #expect(isClose(rankings.mean(\.averagePrecision), precisions.compactMap(\.self).reduce(0, +) / 4))
        #expect(isClose(rankings.mean(\.rocAUC), areas.compactMap(\.self).reduce(0, +) / 4))
    }

    /// `roc_curve` between its points as `numpy.interp` has it, and `precision_recall_curve` step by step.
    @Test func curvesOfClassesAreScikitLearns() {
        let shares = [0, 0.1, 0.25, 0.5, 0.9, 1]
        let expected: [(label: Int, points: Int, recalls: [Double], precisions: [Double])] = [
            (
                0, 56, [0.45, 0.45, 0.65, 0.8, 1, 1],
                [1, 1, 1, 0.5882352941176471, 0.35294117647058826, 0.35714285714285715]
            ),
            (
                4, 55, [0, 0.4, 0.5, 0.8, 0.9, 1],
                [
                    0.3333333333333333, 0.3333333333333333, 0.375, 0.4166666666666667, 0.16666666666666666,
                    0.1724137931034483,
                ]
            ),
        ]
        for (label, points, recalls, precisions) in expected {
            let curve = Self.evaluation.rankingCurve(of: label)
            #expect(curve.points.count == points)
            for (index, share) in shares.enumerated() {
                #expect(isClose(curve.recall(atFalseShare: share), recalls[index]), "\(label) \(share)")
                #expect(isClose(curve.precision(atRecall: share), precisions[index]), "\(label) \(share)")
            }
        }
        let absent = Self.evaluation.rankingCurve(of: 3)
        #expect(absent.recall(atFalseShare: 0.5) == nil && absent.precision(atRecall: 0.5) == nil)
    }

    @Test func tiesCountOnceAndOrderDoesNotMatter() {
        let probabilities = [0.9, 0.8, 0.8, 0.7, 0.3, 0.3], members = [false, true, false, true, true, false]
        let scores = RankingScores(probabilities, isMember: members)
        #expect(isClose(scores.averagePrecision, 0.4444444444444445) && isClose(scores.rocAUC, 1.0 / 3))
        #expect(RankingScores(probabilities.reversed(), isMember: members.reversed()) == scores)
        let guess = RankingScores([0.5, 0.5, 0.5, 0.5], isMember: [true, false, true, true])
        #expect(guess.averagePrecision == 0.75 && guess.rocAUC == 0.5)
    }

    @Test func nothingToMeasureIsNil() {
        let all = RankingScores([0.5, 0.2], isMember: [true, true])
        #expect(all.averagePrecision == 1 && all.rocAUC == nil)
        let none = RankingScores([0.5, 0.2], isMember: [false, false])
        #expect(none.averagePrecision == nil && none.rocAUC == nil)
        #expect([none].mean(\.rocAUC) == nil)
        let empty = Evaluation(classes: ["a"], pictures: [], skipped: [])
        #expect(empty.balancedAccuracy == nil && empty.macroF1 == nil && empty.calibration.expectedError == nil)
        #expect(empty.believing(from: 0.5).keptShare == nil)
    }

    @Test func calibrationIsThatOfScikitLearnsCurve() {
        let calibration = Self.evaluation.calibration, bins = calibration.bins
        #expect(bins.map(\.count) == [0, 0, 0, 8, 19, 13, 7, 9, 4, 0, 0, 0, 0, 0, 0])
        let used = bins[3...8]
        let accuracies = [0.125, 0.21052631578947367, 0.5384615384615384, 0.5714285714285714, 0.8888888888888888, 1]
        let means = [
            0.24472827134049593, 0.30525259127015336, 0.36925521163191805, 0.4318360900659037, 0.494119649959249,
            0.5687608661292872,
        ]
        #expect(zip(used, accuracies).allSatisfy { isClose($0.accuracy, $1) })
        #expect(zip(used, means).allSatisfy { isClose($0.meanProbability, $1) })
        #expect(isClose(calibration.expectedError, 0.18687224515050385))
        #expect(bins[0].accuracy == nil && bins[0].meanProbability == nil)
        #expect(bins[0].lower == 0 && bins[14].upper == 1)
    }

    @Test func edgesBelongToTheLowerBin() {
        let probabilities = [0, 1.0 / 15, 2.0 / 15, 0.2, 0.4, 0.6, 0.8, 1]
        let calibration = Calibration(probabilities, isCorrect: Array(repeating: true, count: 8))
        let filled = calibration.bins.indices.flatMap { Array(repeating: $0, count: calibration.bins[$0].count) }
        #expect(filled == [0, 0, 1, 2, 5, 8, 11, 14])
    }

    @Test func thresholdsKeepWhatIsLikelyEnough() {
        let thresholds = [0.3, 0.4, 0.5, 0.6].map(Self.evaluation.believing)
        #expect(thresholds.map(\.keptCount) == [47, 20, 9, 1])
        #expect(thresholds.map(\.correctCount) == [26, 16, 8, 1])
        #expect(thresholds[1].accuracy == 0.8 && thresholds[1].keptShare == 1.0 / 3)
        let nothing = Self.evaluation.believing(from: 1)
        #expect(nothing.accuracy == nil && nothing.keptShare == 0 && nothing.accuracyInterval.upper == 1)
    }

    @Test func intervalsOfRecallAreWilsons() {
        let scores = ClassScores(support: 153, predictedCount: 100, correctCount: 98)
        #expect(scores.recallInterval == WilsonInterval(98, of: 153))
    }
}
