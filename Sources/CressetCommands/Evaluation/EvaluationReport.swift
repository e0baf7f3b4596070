import Cresset
import CressetTrain

/// An evaluation as lines of text.
package struct EvaluationReport {
    private let run: EvaluationRun
    private let evaluation: Evaluation
    /// The class names, safe for a terminal.
    private let names: [String]
    /// How many mistakes are listed.
    private let mistakeCount: Int

    /// A matrix of more classes would be wider than a terminal.
    private static let largestMatrix = 12
    /// A longer table would push the summary off the screen.
    private static let largestTable = 30

    /// Creates one for a run.
    ///
    /// - Parameters:
    ///   - run: The evaluated run.
    ///   - mistakeCount: How many mistakes are listed, those with the highest loss first.
    package init(_ run: EvaluationRun, mistakeCount: Int = 10) {
        self.run = run
        evaluation = run.evaluation
        names = evaluation.classes.map { TerminalText.escaped($0) }
        self.mistakeCount = mistakeCount
    }

    /// All lines.
    package var lines: [String] {
        [summary, classes, names.count > Self.largestMatrix ? confusions : matrix, mistakes].filter { !$0.isEmpty }
            .reduce([]) { $0.isEmpty ? $1 : $0 + [""] + $1 }
    }

    private var count: Int { evaluation.pictures.count }

    private var summary: [String] {
        let interval = evaluation.accuracyInterval, confusion = evaluation.confusion
        let epoch = run.record.best.map { ", epoch \($0.epoch)" } ?? ""
        let counts = zip(names, run.pictures.folder.classCounts).filter { $0.1 > 0 }
        let shown = counts.prefix(6).map { "\($0) \($1)" }.joined(separator: ", ") + (counts.count > 6 ? ", …" : "")
        var rows = [
            ("run", "\(run.place): \(run.record.model.name), \(names.count) classes\(epoch)"),
            ("data", "\(run.pictures.folder.root): \(count.counted("picture")) (\(shown))\(skippedText)"),
            (
                "device",
                "\(run.device.modelName), \(run.precision), \((Double(count) / run.seconds).fixed(1)) pictures per second"
            ),
            (
                "accuracy",
                "\(percent(evaluation.accuracy)): \(confusion.correctCount) of \(count) (95 % confidence interval "
                    + "\(percent(interval.lower)) to \(percent(interval.upper)))"
            ),
        ]
        if let largest = confusion.largestClass {
            rows.append(
                ("", "\(percent(evaluation.baselineAccuracy)) if every picture were taken for \(names[largest])"))
        }
        if names.count > 5 { rows.append(("top 5", percent(evaluation.topAccuracy(5)))) }
        rows.append(("loss", evaluation.loss.fixed(4)))
        rows += confidence + integers
        return table([.leading, .leading], rows.map { [$0.0, $0.1] })
    }

    /// What each class counts the same in, and what probabilities are worth.
    private var confidence: [(String, String)] {
        var rows: [(String, String)] = []
        if let balanced = evaluation.balancedAccuracy, let f1 = evaluation.macroF1 {
            rows.append(("balanced", "\(percent(balanced)) if each class counts the same, macro F1 \(percent(f1))"))
        }
        if let error = evaluation.calibration.expectedError {
            let bins = Calibration.usualBinCount
            rows.append(("calibration", "probabilities are \(percent(error)) off on average (\(bins) equal bins)"))
        }
        let likely = evaluation.believing(from: 0.9)
        if let share = likely.keptShare {
            let right = likely.accuracy.map { ", \(percent($0)) of which are right" } ?? ""
            rows.append(("", "\(percent(share)) of the pictures have 90 % or more\(right)"))
        }
        return rows
    }

    /// What integers of 8 bits cost.
    private var integers: [(String, String)] {
        guard let integers = run.integers else { return [] }
        let lost = (evaluation.accuracy - integers.evaluation.accuracy) * 100
        let same = evaluation.agreement(with: integers.evaluation)
        return [
            (
                "int8",
                "\(percent(integers.evaluation.accuracy)), \(abs(lost).fixed(1)) points \(lost < 0 ? "more" : "less"), the "
                    + "same class for \(percent(same)) of the pictures; "
                    + "\((Double(count) / integers.seconds).fixed(1)) pictures per second on the CPU"
            )
        ]
    }

    private var skippedText: String {
        let skipped = evaluation.skipped.count
        return skipped == 0 ? "" : ", \(skipped.counted("file")) skipped"
    }

    private var classes: [String] {
        let scores = evaluation.confusion.classes, rankings = evaluation.rankings
        func row(_ name: String, _ values: [Double?], _ last: String) -> [String] {
            [name] + values.map { $0.map(percent) ?? "n/a" } + [last]
        }
        // Of many classes, those that are told worst.
        let isLong = names.count > Self.largestTable
        let order =
            isLong
            ? names.indices.sorted { (scores[$0].f1 ?? 2, $0) < (scores[$1].f1 ?? 2, $1) } : Array(names.indices)
        var rows = [["class", "precision", "recall", "F1", "AP", "ROC AUC", "pictures"]]
        rows += order.prefix(isLong ? 20 : names.count).map { label in
            let score = scores[label], ranking = rankings[label]
            let values = [score.precision, score.recall, score.f1, ranking.averagePrecision, ranking.rocAUC]
            return row(names[label], values, "\(score.support)")
        }
        if isLong { rows.append(["… and \(names.count - 20) more"] + Array(repeating: "", count: 6)) }
        let means = [
            scores.mean(\.precision), scores.mean(\.recall), scores.mean(\.f1), rankings.mean(\.averagePrecision),
            rankings.mean(\.rocAUC),
        ]
        rows.append(row("mean", means, "\(count)"))
        return table([.leading] + Array(repeating: .trailing, count: 6), rows)
    }

    private var matrix: [String] {
        let confusion = evaluation.confusion
        // Long names are cut in the head, where they would widen every column.
        let heads = names.map { $0.count > 10 ? $0.prefix(9) + "…" : $0 }
        var rows = [["label \\ taken for"] + heads]
        rows += names.indices.map { label in [names[label]] + names.indices.map { "\(confusion[label, $0])" } }
        return table([.leading] + Array(repeating: .trailing, count: names.count), rows)
    }

    private var confusions: [String] {
        let all = evaluation.confusion.confusions, scores = evaluation.confusion.classes
        if all.isEmpty { return [] }
        var rows = [["label", "taken for", "pictures", "share"]]
        rows += all.prefix(10).map {
            let share = Double($0.count) / Double(scores[$0.label].support)
            return [names[$0.label], names[$0.prediction], "\($0.count)", percent(share)]
        }
        if all.count > 10 { rows.append(["… and \(all.count - 10) more pairs", "", "", ""]) }
        return table([.leading, .leading, .trailing, .trailing], rows)
    }

    private var mistakes: [String] {
        let all = evaluation.mistakes
        if all.isEmpty || mistakeCount == 0 { return [] }
        var rows = [["mistake", "label", "taken for", "likely", "loss"]]
        rows += all.prefix(mistakeCount).map {
            [
                $0.path.terminalText, names[$0.label], names[$0.prediction], percent($0.probability), $0.loss.fixed(4),
            ]
        }
        let alignments: [TextTable.Alignment] = [.leading, .leading, .leading, .trailing, .trailing]
        let more = all.count > mistakeCount ? ["… and \(all.count - mistakeCount) more mistakes"] : []
        return table(alignments, rows) + more
    }

    private func table(_ alignments: [TextTable.Alignment], _ rows: [[String]]) -> [String] {
        rows.map(TextTable(alignments, fitting: rows).line)
    }

    private func percent(_ share: Double) -> String { (share * 100).fixed(1) + " %" }
}
