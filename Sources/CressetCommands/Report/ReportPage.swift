import CressetTrain
import CressetVision
import FoundationEssentials

extension RunReport {
    /// The whole page.
    package var html: String { page.text }

    var page: HTML {
        let sections = [
            verdict, curves, classTable, rankingSection, confusionSection, mistakeSection, suspectSection,
            calibrationSection, dataSection, speedSection, modelSection, searchSection, recipeSection,
        ]
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="\(RunReport.policy)">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>\(HTML(trusted: ReportStyle.text))</style>
            </head>
            <body>
            \(header)<main>
            \(sections)</main>
            <footer>Written by cresset \(cressetVersion) at \(written.formatted(.iso8601)). This page is complete in itself: \
            it can be moved, sent and printed.</footer>
            <script type="application/json" id="report-data">\(ReportData(self).html)</script>
            <script>\(HTML(trusted: ReportScript.text))</script>
            </body>
            </html>

            """
    }

    /// Nothing is loaded from anywhere, and no script runs but the page's own.
    private static var policy: String {
        let digest = sha256(of: Array(ReportScript.text.utf8))
        let bytes = stride(from: 0, to: digest.count, by: 2).compactMap { offset -> UInt8? in
            let start = digest.index(digest.startIndex, offsetBy: offset)
            return UInt8(digest[start..<digest.index(start, offsetBy: 2)], radix: 16)
        }
        let hash = Data(bytes).base64EncodedString()
        return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-\(hash)'; "
            + "base-uri 'none'; form-action 'none'"
    }

    private var title: String { name + (evaluation.map { ": \($0.accuracy.percent)" } ?? "") }

    private var header: HTML {
        let count = record.classes.count.counted("class", "classes")
        let epochs = figures.rows.count.counted("epoch")
        let links = [
            ("verdict", "Verdict", true), ("curves", "Curves", !charts.isEmpty),
            ("classes", "Classes", evaluation != nil), ("thresholds", "Thresholds", !rankingCharts.isEmpty),
            ("confusion", "Confusion", evaluation != nil),
            ("mistakes", "Mistakes", !album.worst.isEmpty), ("labels", "Labels", !suspectLabels.isEmpty),
            ("calibration", "Probabilities", evaluation?.calibration.expectedError != nil),
            ("data", "Data", true), ("speed", "Speed", true), ("model", "Model", true),
            ("search", "Learning rate", record.rateSearch != nil), ("recipe", "Recipe", true),
        ].filter(\.2).map { "<a href=\"#\($0.0)\">\($0.1)</a>" as HTML }
        return """
            <a class="skip" href="#verdict">To the verdict</a>
            <header><div class="top"><h1 class="name">\(name)</h1><button type="button" id="theme" \
            aria-label="Colours: as the system">◐</button></div>
            <p class="muted">\(record.model.name) · \(count) · \(epochs) · \(record.started.formatted(.iso8601.year().month().day()))</p>
            <nav aria-label="Sections">\(links)</nav></header>

            """
    }
}
