import Cresset
import CressetTrain

/// An evaluation as JSON and as a table of its pictures.
package struct EvaluationRecord: Encodable {
    struct Interval: Encodable {
        let lower: Double
        let upper: Double
        let confidence = 0.95

        init(_ interval: WilsonInterval) { (lower, upper) = (interval.lower, interval.upper) }
    }

    /// A score, or `null` where there is nothing to measure.
    struct Score: Encodable {
        let value: Double?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if let value { try container.encode(value) } else { try container.encodeNil() }
        }
    }

    struct Class: Encodable {
        let name: String
        let precision: Score
        let recall: Score
        let recallInterval: Interval
        let f1: Score
        let averagePrecision: Score
        let rocAUC: Score
        let support: Int
        let correct: Int
    }

    struct TopAccuracy: Encodable {
        let k: Int
        let accuracy: Double
    }

    struct Calibration: Encodable {
        struct Bin: Encodable {
            let lower: Double
            let upper: Double
            let count: Int
            let accuracy: Score
            let meanProbability: Score
        }

        let expectedError: Score
        let bins: [Bin]
    }

    struct Threshold: Encodable {
        let threshold: Double
        let kept: Int
        let keptShare: Score
        let correct: Int
        let accuracy: Score
        let accuracyInterval: Interval
    }

    /// The same pictures in integers of 8 bits.
    struct Integers: Encodable {
        let accuracy: Double
        let loss: Double
        /// The share of pictures that get the same class.
        let agreement: Double
        let seconds: Double
        let device = "cpu"
    }

    struct Confusion: Encodable {
        let label: String
        let prediction: String
        let count: Int
    }

    struct Mistake: Encodable {
        let image: String
        let imageBytes: String?
        let label: String
        let prediction: String
        let probability: Double
        let labelProbability: Double
        let loss: Double
    }

    struct Skipped: Encodable {
        let image: String
        let imageBytes: String?
        let reason: String
    }

    let run: String
    let data: String
    let device: String
    /// The type of the network's products.
    let precision: String
    let seconds: Double
    let count: Int
    let correct: Int
    let loss: Double
    let accuracy: Double
    let accuracyInterval: Interval
    let baselineAccuracy: Double
    let balancedAccuracy: Score
    let meanPrecision: Score
    let meanF1: Score
    let meanAveragePrecision: Score
    let meanROCAUC: Score
    /// `null` for up to five classes.
    let top5Accuracy: Score
    /// For 1, 2, 3, 5 and 10 classes, where the run has more.
    let topAccuracies: [TopAccuracy]
    /// In bins of equal width.
    let calibration: Calibration
    let thresholds: [Threshold]
    let classes: [Class]
    /// Rows are labels, columns predictions; empty for more than a thousand classes.
    let confusionMatrix: [[Int]]
    let confusions: [Confusion]
    /// With `--int8` only.
    let int8: Integers?
    let mistakes: [Mistake]
    let skipped: [Skipped]
}

extension EvaluationRecord {
    /// The record of an evaluated run.
    ///
    /// - Parameter run: The evaluated run.
    package init(_ run: EvaluationRun) {
        let evaluation = run.evaluation, confusion = evaluation.confusion, names = evaluation.classes
        let scores = confusion.classes, rankings = evaluation.rankings
        self.run = run.place.terminalText
        data = run.pictures.folder.root.terminalText
        device = "\(run.device)"
        precision = run.precision.rawValue
        seconds = run.seconds
        count = evaluation.pictures.count
        correct = confusion.correctCount
        loss = evaluation.loss
        accuracy = evaluation.accuracy
        accuracyInterval = Interval(evaluation.accuracyInterval)
        baselineAccuracy = evaluation.baselineAccuracy
        balancedAccuracy = Score(value: evaluation.balancedAccuracy)
        meanPrecision = Score(value: scores.mean(\.precision))
        meanF1 = Score(value: evaluation.macroF1)
        meanAveragePrecision = Score(value: rankings.mean(\.averagePrecision))
        meanROCAUC = Score(value: rankings.mean(\.rocAUC))
        top5Accuracy = Score(value: names.count > 5 ? evaluation.topAccuracy(5) : nil)
        topAccuracies = [1, 2, 3, 5, 10].filter { $0 < names.count }
            .map { TopAccuracy(k: $0, accuracy: evaluation.topAccuracy($0)) }
        calibration = Calibration(evaluation.calibration)
        thresholds = ConfidenceThreshold.usualThresholds.map { Threshold(evaluation.believing(from: $0)) }
        classes = names.indices.map { Class(names[$0], scores[$0], rankings[$0]) }
        int8 = run.integers.map {
            Integers(
                accuracy: $0.evaluation.accuracy, loss: $0.evaluation.loss,
                agreement: evaluation.agreement(with: $0.evaluation), seconds: $0.seconds)
        }
        confusionMatrix =
            names.count > 1000 ? [] : names.indices.map { row in names.indices.map { confusion[row, $0] } }
        confusions = confusion.confusions.map {
            Confusion(label: names[$0.label], prediction: names[$0.prediction], count: $0.count)
        }
        mistakes = evaluation.mistakes.map {
            Mistake(
                image: $0.path.terminalText, imageBytes: $0.path.exactBytes, label: names[$0.label],
                prediction: names[$0.prediction], probability: $0.probability,
                labelProbability: $0.labelProbability, loss: $0.loss)
        }
        skipped = evaluation.skipped.map {
            Skipped(image: $0.path.terminalText, imageBytes: $0.path.exactBytes, reason: $0.reason)
        }
    }
}

extension EvaluationRecord.Class {
    init(_ name: String, _ scores: ClassScores, _ ranking: RankingScores) {
        self.name = name
        precision = .init(value: scores.precision)
        recall = .init(value: scores.recall)
        recallInterval = .init(scores.recallInterval)
        f1 = .init(value: scores.f1)
        averagePrecision = .init(value: ranking.averagePrecision)
        rocAUC = .init(value: ranking.rocAUC)
        support = scores.support
        correct = scores.correctCount
    }
}

extension EvaluationRecord.Calibration {
    init(_ calibration: CressetTrain.Calibration) {
        expectedError = .init(value: calibration.expectedError)
        bins = calibration.bins.map {
            Bin(
                lower: $0.lower, upper: $0.upper, count: $0.count, accuracy: .init(value: $0.accuracy),
                meanProbability: .init(value: $0.meanProbability))
        }
    }
}

extension EvaluationRecord.Threshold {
    init(_ threshold: ConfidenceThreshold) {
        self.threshold = threshold.threshold
        kept = threshold.keptCount
        keptShare = .init(value: threshold.keptShare)
        correct = threshold.correctCount
        accuracy = .init(value: threshold.accuracy)
        accuracyInterval = .init(threshold.accuracyInterval)
    }
}
