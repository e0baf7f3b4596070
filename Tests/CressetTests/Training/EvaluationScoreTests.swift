import CressetTrain
import Foundation
import Testing

/// Scores compared with scikit-learn 1.9 (`zero_division=numpy.nan`) and, for intervals, with statsmodels 0.14.
@Suite struct EvaluationScoreTests {
    /// 97 examples of six classes: one that is never predicted, one that does not occur at all.
    private static var matrix: ConfusionMatrix {
        var matrix = ConfusionMatrix(classCount: 6)
        for i in 0..<97 {
            let label = i % 11 == 0 ? 4 : i * i % 5
            let prediction = i * 7 % 10 < 6 ? label : (i * 3 + label) % 4
            matrix.add(label: label, prediction: prediction == 4 ? 2 : prediction)
        }
        return matrix
    }

    @Test func confusionMatrixIsScikitLearns() {
        let matrix = Self.matrix
        let rows: [[Int]] = (0..<6).map { row in (0..<6).map { matrix[row, $0] } }
        let expected: [[Int]] = [
            [18, 0, 0, 0, 0, 0], [5, 22, 4, 5, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [6, 6, 27, 4, 0, 0],
            [0, 0, 0, 0, 0, 0],
        ]
        #expect(rows == expected)
        #expect(matrix.count == 97 && matrix.correctCount == 40 && matrix.largestClass == 4)
        #expect(matrix.confusions.map(\.count) == [27, 6, 6, 5, 5, 4, 4])
        let pairs = matrix.confusions.map { "\($0.label) \($0.prediction)" }
        #expect(pairs == ["4 2", "4 0", "4 1", "1 0", "1 3", "1 2", "4 3"])
    }

    @Test func scoresOfClassesAreScikitLearns() {
        let scores = Self.matrix.classes
        #expect(scores.map(\.support) == [18, 36, 0, 0, 43, 0])
        let precision: [Double?] = [0.6206896551724138, 0.7857142857142857, 0, 0, nil, nil]
        let recall: [Double?] = [1, 0.6111111111111112, nil, nil, 0, nil]
        let f1: [Double?] = [0.7659574468085106, 0.6875, 0, 0, 0, nil]
        #expect(scores.map(\.precision) == precision)
        #expect(scores.map(\.recall) == recall)
        #expect(scores.map(\.f1) == f1)
        #expect(abs((scores.mean(\.precision) ?? 0) - 0.3516009852216749) < 1e-15)
        #expect(abs((scores.mean(\.recall) ?? 0) - 0.5370370370370371) < 1e-15)
        #expect(abs((scores.mean(\.f1) ?? 0) - 0.29069148936170214) < 1e-15)
        #expect(ConfusionMatrix(classCount: 2).classes.mean(\.f1) == nil)
        #expect(ConfusionMatrix(classCount: 2).largestClass == nil)
    }

    @Test(arguments: [
        (98, 153, 0.5619056155584891, 0.7122565882575241), (0, 10, 0, 0.27753279986288926),
        (10, 10, 0.7224672001371106, 1), (1, 2, 0.09453120573423068, 0.9054687942657693),
        (81, 263, 0.2552885198782742, 0.36620957698280004), (0, 0, 0, 1),
    ])
    func intervalsAreWilsons(successes: Int, count: Int, lower: Double, upper: Double) {
        let interval = WilsonInterval(successes, of: count)
        #expect(abs(interval.lower - lower) < 1e-14, "\(interval)")
        #expect(abs(interval.upper - upper) < 1e-14, "\(interval)")
    }

    private static func picture(_ scores: [Double], label: Int) -> EvaluatedPicture {
        let powers = scores.map { exp($0) }
        let probabilities = powers.map { $0 / powers.reduce(0, +) }
        return EvaluatedPicture(
            path: "a.jpg", label: label, probabilities: probabilities, loss: -log(probabilities[label]))
    }

    @Test func lossAndTopAccuracyAreScikitLearns() {
        let pictures = (0..<20).map { i in
            Self.picture((0..<7).map { Double((i * 13 + $0 * 29) % 17) / 4 }, label: i * 5 % 7)
        }
        let evaluation = Evaluation(classes: (0..<7).map(String.init), pictures: pictures, skipped: [])
        #expect(abs(evaluation.loss - 3.232393092777707) < 1e-14)
        #expect([1, 2, 3, 5].map(evaluation.topAccuracy) == [0, 0.05, 0.3, 0.65])
        #expect(evaluation.mistakes.map(\.loss) == pictures.map(\.loss).sorted(by: >))
        #expect(evaluation.accuracyInterval.lower == 0)
    }

    @Test func equallyLikelyClassesAreInTheirOrder() {
        let pictures = (0..<3).map { Self.picture([1, 2, 2], label: $0) }
        #expect(pictures.map(\.prediction) == [1, 1, 1])
        #expect(pictures.map(\.rank) == [2, 0, 1])
    }
}
