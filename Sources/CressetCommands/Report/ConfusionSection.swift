import CressetTrain

extension RunReport {
    /// The largest matrix that is shown whole.
    private static var largestMatrix: Int { 40 }
    /// How many classes a cut matrix has.
    private static var cutMatrix: Int { 20 }
    /// How many pairs of classes are listed beside a cut matrix.
    private static var pairCount: Int { 100 }

    /// Which classes were taken for which.
    var confusionSection: HTML {
        guard let evaluation else { return "" }
        let shown = confusedClasses(evaluation)
        let isCut = shown.count < evaluation.classes.count
        return .section(
            "confusion", "Confusion",
            """
            <p class="muted">Rows are the labels, columns what the network took them for. \
            \(isCut ? "Of \(evaluation.classes.count) classes, the \(shown.count) that are confused most. " : "")\
            A click on a cell shows its pictures.</p>
            <div class="choice" role="group" aria-label="What cells show">\
            <button type="button" data-show="counts" aria-pressed="true">Pictures</button>\
            <button type="button" data-show="shares" aria-pressed="false">Share of the row</button></div>
            <div class="scroll">\(matrix(evaluation, shown))</div>
            \(isCut ? pairs(evaluation) : "")\
            <div id="cell" aria-live="polite"></div>

            """)
    }

    /// The classes of the matrix: all, or those that are confused most.
    private func confusedClasses(_ evaluation: Evaluation) -> [Int] {
        if evaluation.classes.count <= Self.largestMatrix { return Array(evaluation.classes.indices) }
        var labels: [Int] = []
        for confusion in evaluation.confusion.confusions {
            for label in [confusion.label, confusion.prediction] where !labels.contains(label) { labels.append(label) }
            if labels.count >= Self.cutMatrix { break }
        }
        return labels.isEmpty ? Array(0..<Self.cutMatrix) : labels.prefix(Self.cutMatrix).sorted()
    }

    private func matrix(_ evaluation: Evaluation, _ labels: [Int]) -> HTML {
        let confusion = evaluation.confusion, scores = confusion.classes
        let heads = labels.map {
            "<th scope=\"col\"><span class=\"name\">\(evaluation.classes[$0])</span></th>" as HTML
        }
        let rows = labels.map { label -> HTML in
            let cells = labels.map { cell(label, $0, confusion[label, $0], of: scores[label].support) }
            return """
                <tr><th scope="row" class="name">\(evaluation.classes[label])</th>\(cells)</tr>

                """
        }
        return """
            <table class="matrix counts"><thead><tr><td></td>\(heads)</tr></thead><tbody>\(rows)</tbody></table>
            """
    }

    private func cell(_ label: Int, _ prediction: Int, _ count: Int, of total: Int) -> HTML {
        if count == 0 { return "<td class=\"none\">0</td>" }
        let share = Double(count) / Double(max(total, 1))
        return """
            <td class="\(label == prediction ? "hit" : "miss")" style="--s:\((0.12 + 0.48 * share).fixed(3))">\
            <button type="button" data-cell="\(label),\(prediction)"><span class="count">\(count)</span>\
            <span class="share">\((share * 100).fixed(0))\u{A0}%</span></button></td>
            """
    }

    private func pairs(_ evaluation: Evaluation) -> HTML {
        let all = evaluation.confusion.confusions, scores = evaluation.confusion.classes
        let rows = all.prefix(Self.pairCount).map { pair -> HTML in
            let share = Double(pair.count) / Double(scores[pair.label].support)
            return """
                <tr><td class="name">\(evaluation.classes[pair.label])</td>\
                <td class="name">\(evaluation.classes[pair.prediction])</td>\
                <td class="n"><button type="button" class="link" data-cell="\(pair.label),\(pair.prediction)">\
                \(pair.count.counted("picture"))</button></td><td class="n">\(share.percent)</td></tr>

                """
        }
        return """
            <label class="search">Search the \(min(all.count, Self.pairCount)) most frequent pairs of \(all.count) \
            <input type="search" id="pair-search"></label>
            <div class="scroll tall"><table id="pairs"><thead><tr><th scope="col">label</th><th scope="col">taken for</th>\
            <th scope="col" class="n">pictures</th><th scope="col" class="n">of the label</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>

            """
    }
}
