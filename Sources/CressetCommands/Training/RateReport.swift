import Cresset
import CressetOptim
import CressetTrain

/// What `cresset find-lr` prints: how the loss changes with the rate, and the suggestion.
package struct RateReport {
    private let plan: TrainingPlan
    private let curve: LearningRateCurve
    private let terminal: Terminal

    /// The most rates that are shown: every few of them, and the suggestion.
    private static let rowCount = 20
    /// The length of the longest bar.
    private static let barLength = 40

    /// Creates one for a curve.
    ///
    /// - Parameters:
    ///   - plan: What the rates were tried on.
    ///   - curve: The losses.
    ///   - terminal: What can be shown.
    package init(_ plan: TrainingPlan, _ curve: LearningRateCurve, terminal: Terminal = .standardOutput) {
        self.plan = plan
        self.curve = curve
        self.terminal = terminal
    }

    /// All lines.
    package var lines: [String] {
        [
            "model  \(plan.name) (\(plan.note))",
            "data   \(plan.data.path): \(plan.data.train.count) pictures, batch \(plan.options.batchSize), "
                + "\(plan.options.optimizer.rawValue), seed \(plan.options.seed)",
            "",
        ] + plot + [""] + verdict
    }

    /// A bar for the smoothed loss at every few rates.
    private var plot: [String] {
        let points = curve.points
        guard let first = points.first, let least = points.map(\.smoothedLoss).min() else { return [] }
        // Where the loss diverges, bars are cut off, so that its fall is seen.
        let rise = points.map(\.smoothedLoss).max()! - least
        let range = first.smoothedLoss > least ? min(rise, 1.5 * (first.smoothedLoss - least)) : rise
        let stride = (points.count + Self.rowCount - 1) / Self.rowCount
        let rows = points.indices.filter { $0 % stride == 0 || points[$0].learningRate == curve.suggestion }
        let sign = terminal.usesUnicode ? "█" : "#"
        return ["rate       loss"]
            + rows.map { index in
                let point = points[index]
                let share = range > 0 ? min((point.smoothedLoss - least) / range, 1) : 1
                let length = max(Int((share * Double(Self.barLength)).rounded()), 1)
                let mark = point.learningRate == curve.suggestion ? "  <- suggestion" : ""
                return point.learningRate.general(2).rightPadded(to: 9) + "  "
                    + point.smoothedLoss.fixed(4).rightPadded(to: 8)
                    + "  " + String(repeating: sign, count: length) + mark
            }
    }

    private var verdict: [String] {
        let tried = "\(curve.points.count) of \(curve.stepCount) rates"
        guard let suggestion = curve.suggestion else {
            return [
                "none   the loss never falls in \(tried); \(plan.options.learningRate.map { $0.general(2) } ?? "none") is "
                    + "what cresset train uses by itself"
            ]
        }
        return [
            "found  \(suggestion.general(2)), in the middle of the longest fall of the loss, after \(tried)",
            "next   cresset train with the same options and --lr \(suggestion.general(2)), or with --find-lr",
        ]
    }
}
