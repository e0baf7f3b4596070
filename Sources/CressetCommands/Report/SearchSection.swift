import Cresset
import CressetOptim
import CressetTrain

extension RunReport {
    /// How the learning rate was found, if it was looked for.
    var searchSection: HTML {
        guard let search = record.rateSearch else { return "" }
        let tried = """
            \(search.steps.counted("rate")) from \(search.lowest.general(3)) to \(search.highest.general(3)) were tried, each for \
            one step; then the weights were forgotten.
            """
        let used = (record.options.learningRate ?? 0).general(3)
        let verdict =
            search.suggestion == nil
            ? "The loss never fell: there is no suggestion, and the usual rate, \(used), was used."
            : "The suggestion, used as \(used), is in the middle of the longest fall of the smoothed loss (fastai's rule "
                + "“valley”): the loss falls fast there, and the rates at which it grows are far away."
        let drawings = searchCharts.enumerated().map {
            $0.element.drawing(charts.count + rankingCharts.count + $0.offset)
        }
        return .section(
            "search", "Learning-rate finder", "<p>\(tried) \(verdict)</p>\n<div class=\"wide\">\(drawings)</div>\n")
    }

    /// The losses at the rates that were tried.
    var searchCharts: [LineChart] {
        guard let curve = search, let first = curve.points.first, curve.points.count > 1 else { return [] }
        let smoothed = curve.points.map(\.smoothedLoss), least = smoothed.min() ?? 0
        // Where the loss diverges the curve leaves the drawing, so that its fall is seen.
        let fall = first.smoothedLoss - least, rise = (smoothed.max() ?? 0) - least
        let most = least + (fall > 0 ? min(rise, 1.5 * fall) : rise)
        let pad = max((most - least) * 0.25, 1e-6)
        let range = max(least - pad, 0)...most + pad
        func seen(_ values: [Double]) -> [Double?] { values.map { range.contains($0) ? $0 : nil } }
        var chart = LineChart(
            title: "Loss over the learning rate", places: curve.points.map(\.learningRate),
            curves: [
                LineChart.Curve(name: "a step", style: "a", values: seen(curve.points.map(\.loss)), isDotted: true),
                LineChart.Curve(name: "smoothed", style: "b", values: seen(smoothed)),
            ])
        chart.across = LineChart.Axis(name: "rate", isLogarithmic: true) { $0.general(2) }
        chart.up = LineChart.Axis(name: "loss", range: range) { $0.fixed(3) }
        chart.marks =
            (record.rateSearch?.suggestion).map {
                [LineChart.Mark(place: $0, label: "suggestion \($0.general(2))")]
            } ?? []
        chart.words =
            "the smoothed loss begins at \(first.smoothedLoss.fixed(3)) and is least, \(least.fixed(3)), at a rate of "
            + curve.points[smoothed.firstIndex(of: least) ?? 0].learningRate.general(2)
        return [chart]
    }

    /// All charts, in the order of their numbers.
    var allCharts: [LineChart] { charts + rankingCharts + searchCharts }
}
