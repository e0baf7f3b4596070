import CressetTrain

/// How many answers are how likely, the wrong ones above the right ones.
struct ConfidenceChart {
    private let bins: [Calibration.Bin]
    private let most: Int
    private static let side = 200.0, left = 44.0, top = 10.0

    init(_ calibration: Calibration) {
        bins = calibration.bins
        most = max(bins.map(\.count).max() ?? 0, 1)
    }

    var drawing: HTML {
        """
        <figure class="chart reliability"><figcaption>How likely answers were found \(legend)</figcaption>
        <svg viewBox="0 0 \(Int(Self.left + Self.side) + 16) \(Int(Self.top + Self.side) + 38)" role="img" \
        aria-label="\(words)"><defs><pattern id="wrong" width="5" height="5" patternUnits="userSpaceOnUse" \
        patternTransform="rotate(45)"><rect class="ground" width="5" height="5"/><rect class="stripe" width="2.5" height="5"/>\
        </pattern></defs>\(ticks)\(bars)\
        <text x="\((Self.left + Self.side).fixed(0))" y="\((Self.top + Self.side + 34).fixed(0))" text-anchor="end">\
        probability of the answer</text></svg>
        <span class="values">Pictures, by the probability of their answer.</span></figure>

        """
    }

    private var legend: HTML {
        """
        <span class="legend"><span><span class="key block right"></span>right</span> \
        <span><span class="key block wrong"></span>wrong</span></span>
        """
    }

    /// The drawing in words.
    private var words: String {
        let all = bins.reduce(0) { $0 + $1.count }, sure = bins.last?.count ?? 0
        return
            "How likely answers were found: \(sure) of \(all.counted("answer")) above \((bins.last?.lower ?? 0).percent)"
    }

    private var bars: [HTML] {
        bins.filter { $0.count > 0 }.map { bin in
            let x = Self.left + bin.lower * Self.side + 0.5, width = (bin.upper - bin.lower) * Self.side - 1
            let (right, all) = (y(bin.correctCount), y(bin.count))
            func bar(_ style: String, from top: Double, to bottom: Double) -> HTML {
                """
                <rect class="\(style)" x="\(x.fixed(1))" y="\(top.fixed(1))" width="\(width.fixed(1))" \
                height="\((bottom - top).fixed(1))"/>
                """
            }
            return """
                <g><title>\(bin.lower.percent) to \(bin.upper.percent): \(bin.count.counted("picture")), \
                \(bin.count - bin.correctCount) of them wrong</title>\(bar("right", from: right, to: Self.top + Self.side))\
                \(bar("wrong", from: all, to: right))</g>
                """
        }
    }

    private func y(_ count: Int) -> Double { Self.top + (1 - Double(count) / Double(most)) * Self.side }

    private var ticks: [HTML] {
        let bottom = Self.top + Self.side
        let rows = LineChart.ticks(0...Double(most), count: 4).filter { $0 == $0.rounded() }.map { count -> HTML in
            let y = y(Int(count))
            return """
                <line class="grid" x1="\(Self.left.fixed(0))" y1="\(y.fixed(1))" x2="\((Self.left + Self.side).fixed(0))" \
                y2="\(y.fixed(1))"/><text x="\((Self.left - 6).fixed(0))" y="\((y + 4).fixed(1))" text-anchor="end">\
                \(Int(count))</text>
                """
        }
        let columns = [0, 0.25, 0.5, 0.75, 1].map { share -> HTML in
            """
            <text x="\((Self.left + share * Self.side).fixed(1))" y="\((bottom + 16).fixed(0))" text-anchor="middle">\
            \((share * 100).fixed(0))\u{A0}%</text>
            """
        }
        return rows + columns
    }
}
