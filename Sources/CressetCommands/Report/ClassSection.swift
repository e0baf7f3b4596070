import CressetTrain

extension RunReport {
    /// How well each class is told from the others.
    var classTable: HTML {
        guard let evaluation else { return "" }
        let scores = evaluation.confusion.classes, rankings = evaluation.rankings
        let nearest = nearestClasses(evaluation)
        // Of very many classes, those that are told worst.
        let order = evaluation.classes.indices.sorted { (scores[$0].f1 ?? 2, $0) < (scores[$1].f1 ?? 2, $1) }
        let isCut = order.count > Self.longestTable
        let shown = isCut ? order.prefix(Self.longestTable).sorted() : Array(evaluation.classes.indices)
        let rows = shown.map { label -> HTML in
            """
            <tr><th scope="row" class="name">\(evaluation.classes[label])</th>\
            <td class="n" data-v="\(scores[label].support)">\(scores[label].support)</td>\
            \(scoreCells(scores[label], rankings[label]))\
            <td class="name" data-v="\(nearest[label]?.share.fixed(4) ?? "-1")">\(confusedText(nearest[label], evaluation))</td></tr>

            """
        }
        let heads = [
            ("class", "text"), ("pictures", "n"), ("precision", "n"), ("recall", "n"), ("F1", "n"), ("AP", "n"),
            ("ROC AUC", "n"),
        ]
        .map { head -> HTML in
            "<th scope=\"col\" class=\"\(head.1)\"><button type=\"button\">\(head.0)</button></th>"
        }
        return .section(
            "classes", "Classes",
            """
            <p class="muted">Precision: of the pictures taken for the class, how many are of it. Recall: of its \
            pictures, how many were recognised. F1 is their harmonic mean. AP (average precision) and ROC AUC \
            say how well the class's probability ranks its pictures before others. \
            \(isCut ? "The \(Self.longestTable) of \(order.count) classes with the lowest F1. " : "")\
            A click on a heading sorts.</p>
            <div class="scroll"><table class="sortable"><thead><tr>\(heads)\
            <th scope="col"><button type="button">most often taken for</button></th></tr></thead>
            <tbody>\(rows)</tbody>
            <tfoot>\(means(evaluation, scores, rankings))</tfoot></table></div>

            """)
    }

    private static let longestTable = 1000

    private func scoreCells(_ scores: ClassScores, _ ranking: RankingScores) -> HTML {
        let shares = [scores.precision, scores.recall, scores.f1, ranking.averagePrecision, ranking.rocAUC]
        return "\(shares.map(Self.scoreCell))"
    }

    /// A share with a bar behind it.
    static func scoreCell(_ share: Double?) -> HTML {
        guard let share, share.isFinite else { return "<td class=\"n muted\" data-v=\"-1\">n/a</td>" }
        return """
            <td class="n bar" data-v="\(share.fixed(6))" style="--w:\((share * 100).fixed(1))%">\(share.percent)</td>
            """
    }

    private func means(_ evaluation: Evaluation, _ scores: [ClassScores], _ rankings: [RankingScores]) -> HTML {
        let cells = [
            scores.mean(\.precision), evaluation.balancedAccuracy, evaluation.macroF1,
            rankings.mean(\.averagePrecision),
            rankings.mean(\.rocAUC),
        ].map(Self.scoreCell)
        return """
            <tr><th scope="row">mean of classes</th><td class="n">\(evaluation.pictures.count)</td>\(cells)<td></td></tr>
            """
    }

    /// The class for which each is taken most often, with the share of its pictures.
    private func nearestClasses(_ evaluation: Evaluation) -> [Int: (label: Int, share: Double)] {
        let scores = evaluation.confusion.classes
        return evaluation.confusion.confusions.reduce(into: [:]) { found, confusion in
            // The most frequent ones come first.
            guard found[confusion.label] == nil else { return }
            found[confusion.label] = (
                confusion.prediction, Double(confusion.count) / Double(scores[confusion.label].support)
            )
        }
    }

    private func confusedText(_ nearest: (label: Int, share: Double)?, _ evaluation: Evaluation) -> HTML {
        guard let nearest else { return "<span class=\"muted\">–</span>" }
        return "\(evaluation.classes[nearest.label]) <span class=\"muted\">\(nearest.share.percent)</span>"
    }
}
