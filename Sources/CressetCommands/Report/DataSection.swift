import Cresset
import CressetTrain

extension RunReport {
    /// What the run learned from, and what was odd about it.
    var dataSection: HTML {
        let data = record.data
        var rows: [(String, HTML)] = [("folder", "<span class=\"path\">\(data.path)</span>")]
        if let path = data.trainPath, path != data.path {
            rows.append(("training", "<span class=\"path\">\(path)</span>"))
        }
        if let path = data.validationPath { rows.append(("validation", "<span class=\"path\">\(path)</span>")) }
        if let division = data.division { rows.append(("division", "\(division)")) }
        rows.append(
            (
                "pictures",
                "\(data.trainCount) for training, \(data.validationCount) for validation, in "
                    + HTML(record.classes.count.counted("class", "classes"))
            ))
        if let folder = pictureFolder {
            rows.append(("judged by", "<span class=\"path\">\(folder.terminalText)</span>"))
        }
        return .section("data", "Data", "\(HTML.facts(rows))\(warnings)\(histogram)\(skipped)")
    }

    private var warnings: HTML {
        guard let lines = record.data.warnings, !lines.isEmpty else { return "" }
        return "<h3>Odd about the pictures</h3><ul>\(lines.map { "<li>\($0)</li>" as HTML })</ul>\n"
    }

    /// How many classes the histogram has.
    private static let histogramCount = 60

    private var histogram: HTML {
        let judged = evaluation?.confusion.classes.map(\.support) ?? []
        let all = [trainingCounts, judged].filter { $0.count == record.classes.count }
        guard let most = all.flatMap({ $0 }).max(), most > 0 else { return "" }
        let isTraining = trainingCounts.count == record.classes.count
        let names = (isTraining ? ["training"] : []) + (judged.isEmpty ? [] : ["judged by"])
        let rows = record.classes.indices.prefix(Self.histogramCount).map { label -> HTML in
            let bars = zip(all, isTraining ? ["a", "b"] : ["b"]).map { counts, style -> HTML in
                """
                <span class="count-bar \(style)" style="--w:\((Double(counts[label]) / Double(most) * 100).fixed(1))%">\
                <i></i>\(counts[label])</span>
                """
            }
            return "<tr><th scope=\"row\" class=\"name\">\(record.classes[label])</th><td>\(bars)</td></tr>\n"
        }
        let keys = zip(names, isTraining ? ["a", "b"] : ["b"]).map { name, style -> HTML in
            "<span class=\"key block \(style)\"></span>\(name) "
        }
        let more = record.classes.count - Self.histogramCount
        return """
            <h3>Pictures of each class <span class="legend">\(keys)</span></h3>
            <table class="histogram"><tbody>\(rows)</tbody></table>
            \(more > 0 ? HTML("… and \(more.counted("more class", "more classes"))") : "")
            """
    }

    private var skipped: HTML {
        let lines = record.data.skipped
        if lines.isEmpty { return "" }
        return """
            <details><summary>\(record.data.totalSkipped.counted("skipped file"))</summary>
            <ul class="path">\(lines.map { "<li>\($0)</li>" as HTML })</ul></details>

            """
    }
}
