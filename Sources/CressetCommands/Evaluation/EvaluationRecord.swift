import Cresset
import CressetTrain

/// An evaluation as JSON and as a table of its pictures.
package struct EvaluationRecord: Encodable {
    struct Interval: Encodable {
        let lower: Double
        let upper: Double
        let confidence = 0.95
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
        let f1: Score
        let support: Int
        let correct: Int
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
    /// `null` for up to five classes.
    let top5Accuracy: Score
    let classes: [Class]
    /// Rows are labels, columns predictions; empty for more than a thousand classes.
    let confusionMatrix: [[Int]]
    let confusions: [Confusion]
    let mistakes: [Mistake]
    let skipped: [Skipped]
}

extension EvaluationRecord {
    /// The record of an evaluated run.
    ///
    /// - Parameter run: The evaluated run.
    package init(_ run: EvaluationRun) {
        let evaluation = run.evaluation, confusion = evaluation.confusion, names = evaluation.classes
        let scores = confusion.classes, interval = evaluation.accuracyInterval
        self.run = run.folder.path.terminalText
        data = run.pictures.folder.root.terminalText
        device = "\(run.device)"
        precision = run.precision.rawValue
        seconds = run.seconds
        count = evaluation.pictures.count
        correct = confusion.correctCount
        loss = evaluation.loss
        accuracy = evaluation.accuracy
        accuracyInterval = Interval(lower: interval.lower, upper: interval.upper)
        baselineAccuracy = evaluation.baselineAccuracy
        balancedAccuracy = Score(value: scores.mean(\.recall))
        meanPrecision = Score(value: scores.mean(\.precision))
        meanF1 = Score(value: scores.mean(\.f1))
        top5Accuracy = Score(value: names.count > 5 ? evaluation.topAccuracy(5) : nil)
        classes = zip(names, scores).map {
            Class(
                name: $0, precision: Score(value: $1.precision), recall: Score(value: $1.recall),
                f1: Score(value: $1.f1), support: $1.support, correct: $1.correctCount)
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
