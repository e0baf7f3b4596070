import Cresset
import CressetTrain

extension RunReport {
    /// What each threshold on its probability makes of a class.
    var rankingSection: HTML {
        if rankingCharts.isEmpty { return "" }
        let drawings = rankingCharts.enumerated().map { $0.element.drawing(charts.count + $0.offset) }
        return .section(
            "thresholds", "Thresholds",
            """
            <p class="muted">A class is told from all others by its probability; a lower threshold finds more of its pictures \
            (recall), and takes more others for it. The ROC curve has the share of the others, the second one what remains \
            right of all that is taken for the class (precision). Numbers are the area under the ROC curve, and the average \
            precision. The dashed diagonal is guessing.</p>
            <div class="charts">\(drawings)</div>

            """)
    }

    /// The curves of an evaluation. Few classes have one each; of many there are the mean, and the class told worst.
    static func rankingCharts(_ evaluation: Evaluation) -> [LineChart] {
        var curves = RankingCurves(ownCount: evaluation.classes.count > RankingCurves.styles.count ? 1 : nil)
        for (label, name) in evaluation.classes.enumerated() { curves.add(name, evaluation.rankingCurve(of: label)) }
        if curves.own.isEmpty { return [] }
        var roc = LineChart(title: "ROC", places: RankingCurves.shares, curves: curves.roc)
        (roc.across, roc.up) = (.share("others taken for it"), .share("recall"))
        roc.hasDiagonal = true
        roc.words = "recall over the share of other pictures taken for the class"
        var precision = LineChart(
            title: "Precision and recall", places: RankingCurves.shares, curves: curves.precision)
        (precision.across, precision.up) = (.share("recall"), .share("precision"))
        precision.words = "precision over recall"
        return [roc, precision]
    }
}

/// The curves of classes at the places where they are drawn.
private struct RankingCurves {
    /// What is drawn of a class.
    struct Entry {
        let name: String
        let scores: RankingScores
        let roc, precision: [Double?]
    }

    static let styles = ["a", "b", "c"]
    /// The shares from 0 to 1 at which there are values.
    static let shares = (0...100).map { Double($0) / 100 }

    /// How many classes have a curve of their own, those told worst; nil for all.
    let ownCount: Int?
    private(set) var own: [Entry] = []
    private var sums = (
        roc: RankingCurves.shares.map { _ in 0.0 }, precision: RankingCurves.shares.map { _ in 0.0 }, count: 0
    )

    init(ownCount: Int?) { self.ownCount = ownCount }

    /// Adds a class; one without pictures, or without others, has no curve.
    mutating func add(_ name: String, _ curve: RankingCurve) {
        if curve.members == 0 || curve.others == 0 { return }
        let entry = Entry(
            name: TerminalText.escaped(name), scores: RankingScores(curve),
            roc: Self.shares.map { curve.recall(atFalseShare: $0) },
            precision: Self.shares.map { curve.precision(atRecall: $0) })
        for index in Self.shares.indices {
            sums.roc[index] += entry.roc[index] ?? 0
            sums.precision[index] += entry.precision[index] ?? 0
        }
        sums.count += 1
        own.append(entry)
        if let ownCount {
            own.sort { ($0.scores.rocAUC ?? 1) < ($1.scores.rocAUC ?? 1) }
            own = Array(own.prefix(ownCount))
        }
    }

    var roc: [LineChart.Curve] { curves(\.roc, \.rocAUC, mean: sums.roc) }
    var precision: [LineChart.Curve] { curves(\.precision, \.averagePrecision, mean: sums.precision) }

    private func curves(
        _ values: KeyPath<Entry, [Double?]>, _ score: KeyPath<RankingScores, Double?>, mean: [Double]
    ) -> [LineChart.Curve] {
        let isCut = ownCount != nil
        let curves = zip(own, Self.styles).map { entry, style in
            LineChart.Curve(
                name: (isCut ? "worst: " : "") + entry.name, style: style, values: entry[keyPath: values],
                note: (entry.scores[keyPath: score] ?? 0).fixed(3))
        }
        return isCut
            ? curves
                + [LineChart.Curve(name: "mean of classes", style: "b", values: mean.map { $0 / Double(sums.count) })]
            : curves
    }
}
