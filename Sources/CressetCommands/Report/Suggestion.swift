import CressetTrain

/// Something that a report notices, and what to do about it. Each comes from a rule with a name.
struct Suggestion: Sendable {
    /// The name of the rule.
    let rule: String
    let finding: String
    let advice: String
}

extension RunReport {
    /// What all rules notice, the gravest first.
    var suggestions: [Suggestion] {
        [
            guessing, suspects, overfitting, stillImproving, gap, uncertain, fewPictures, imbalance, mainConfusion,
            weakClasses, overconfidence, skippedFiles,
        ].compactMap { $0 }
    }

    /// The network is no better than naming the largest class, as far as these pictures can tell.
    private var guessing: Suggestion? {
        guard let evaluation, evaluation.accuracyInterval.lower <= evaluation.baselineAccuracy,
            let largest = evaluation.confusion.largestClass
        else { return nil }
        return Suggestion(
            rule: "no-better-than-guessing",
            finding: "The accuracy cannot be told from always guessing \(evaluation.classes[largest]).",
            advice: record.options.weights == "none"
                ? "Start from ImageNet's weights (--weights imagenet), train longer, or check the labels."
                : "Train longer, try another learning rate, or check the labels.")
    }

    private var suspects: Suggestion? {
        let count = suspectLabels.count
        if count == 0 { return nil }
        return Suggestion(
            rule: "probably-mislabelled",
            finding: "\(count.counted("picture is", "pictures are")) taken for another class with great confidence.",
            advice: "Look at them first: a wrong label costs accuracy in training and in this figure.")
    }

    /// Losses of both phases where both are known.
    private var losses: [(epoch: Int, training: Double, validation: Double)] {
        zip(figures.epochs, zip(figures["train_loss"], figures["val_loss"])).compactMap { epoch, pair in
            guard let training = pair.0, let validation = pair.1 else { return nil }
            return (Int(epoch), training, validation)
        }
    }

    private var overfitting: Suggestion? {
        let losses = losses
        guard let best = losses.min(by: { $0.validation < $1.validation }), let last = losses.last,
            last.epoch >= best.epoch + 2, last.validation > best.validation * 1.1 + 0.01, last.training < best.training
        else { return nil }
        return Suggestion(
            rule: "overfitting",
            finding: "Overfitting from epoch \(best.epoch + 1): the validation loss rises from "
                + "\(best.validation.fixed(3)) to \(last.validation.fixed(3)), while the training loss still falls.",
            advice: "The weights of the best epoch are kept. More pictures or a stronger --augment help; --patience 3 "
                + "ends a run earlier.")
    }

    private var stillImproving: Suggestion? {
        let losses = losses
        guard losses.count >= 2, let last = losses.last, let before = losses.dropLast().last,
            record.best?.epoch == last.epoch, last.validation < before.validation * 0.97, record.state != .running
        else { return nil }
        return Suggestion(
            rule: "still-improving",
            finding: "The last epoch was the best, and the validation loss still fell.",
            advice: "Go on: cresset resume RUN --epochs \(record.options.epochs * 2).")
    }

    /// Training pictures are known far better than others.
    private var gap: Suggestion? {
        guard overfitting == nil, let best = record.best, figures.epochs.indices.contains(best.epoch - 1),
            let training = figures["train_accuracy"].dropFirst(best.epoch - 1).first ?? nil,
            training - best.validationAccuracy > 0.1
        else { return nil }
        return Suggestion(
            rule: "generalisation-gap",
            finding:
                "\(training.percent) of the training pictures were right, but \(best.validationAccuracy.percent) of "
                + "the others.",
            advice: "More pictures, a stronger --augment or --weight-decay narrow the gap.")
    }

    private var uncertain: Suggestion? {
        guard let evaluation else { return nil }
        let interval = evaluation.accuracyInterval
        guard interval.upper - interval.lower > 0.1 else { return nil }
        return Suggestion(
            rule: "few-validation-pictures",
            finding: "\(evaluation.pictures.count.counted("picture")) leave the accuracy open between "
                + "\(interval.lower.percent) and \(interval.upper.percent).",
            advice: "Keep more pictures for validation before comparing runs by this figure.")
    }

    private var fewPictures: Suggestion? {
        guard let least = trainingCounts.min(), least < 50,
            let label = trainingCounts.firstIndex(of: least), record.classes.indices.contains(label)
        else { return nil }
        return Suggestion(
            rule: "few-pictures",
            finding: "There are only \(least.counted("training picture")) of \(record.classes[label]).",
            advice: "A hundred or more of each class make a difference; more pictures help more than other options.")
    }

    private var imbalance: Suggestion? {
        let counts = trainingCounts.isEmpty ? evaluation?.confusion.classes.map(\.support) ?? [] : trainingCounts
        guard counts.count == record.classes.count, record.options.classWeights == .none,
            let least = counts.filter({ $0 > 0 }).min(), let most = counts.max(), most >= 3 * least,
            let small = counts.firstIndex(of: least), let large = counts.firstIndex(of: most)
        else { return nil }
        return Suggestion(
            rule: "imbalance",
            finding:
                "There are \(most) pictures of \(record.classes[large]), but \(least) of \(record.classes[small]).",
            advice: "Try --class-weights balanced, with --metric balanced-accuracy, or collect more of the small ones.")
    }

    private var mainConfusion: Suggestion? {
        guard let evaluation, let first = evaluation.confusion.confusions.first, first.count >= 2 else { return nil }
        let mistakes = evaluation.pictures.count - evaluation.confusion.correctCount
        guard Double(first.count) >= 0.2 * Double(mistakes) else { return nil }
        return Suggestion(
            rule: "main-confusion",
            finding: "\(first.count) of \(mistakes.counted("mistake")) take \(evaluation.classes[first.label]) for "
                + "\(evaluation.classes[first.prediction]).",
            advice: "Click on that cell of the confusion matrix to see the pictures.")
    }

    private var weakClasses: Suggestion? {
        guard let evaluation else { return nil }
        let weak = zip(evaluation.classes, evaluation.confusion.classes).filter { pair in
            pair.1.support >= 5 && (pair.1.recall ?? 1) < 0.5
        }.map(\.0)
        if weak.isEmpty || weak.count == evaluation.classes.count { return nil }
        let named = weak.prefix(4).joined(separator: ", ") + (weak.count > 4 ? " and \(weak.count - 4) more" : "")
        return Suggestion(
            rule: "weak-class", finding: "Most pictures of \(named) are not recognised.",
            advice: "Look at their mistakes: too few pictures, unclear labels, or a class that cannot be told by sight."
        )
    }

    private var overconfidence: Suggestion? {
        guard let evaluation, let error = evaluation.calibration.expectedError, error > 0.1,
            evaluation.pictures.count >= 30
        else { return nil }
        return Suggestion(
            rule: "untrue-probabilities",
            finding: "Probabilities are \(error.percent) off on average.",
            advice: "Do not read them as chances. Fewer epochs, --label-smoothing 0.1 or --mixup 0.2 bring them nearer."
        )
    }

    private var skippedFiles: Suggestion? {
        let count = record.data.totalSkipped
        if count == 0 { return nil }
        return Suggestion(
            rule: "skipped-files", finding: "\(count.counted("file was", "files were")) skipped.",
            advice: "The section on data names the first of them with the reason.")
    }
}
