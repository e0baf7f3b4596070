import Glibc

/// Curves over epochs as a drawing that takes its colours from the page.
struct LineChart: Sendable {
    struct Curve: Sendable {
        let name: String
        /// The class of the page's style that gives it a colour and a dash.
        let style: String
        let values: [Double?]
    }

    let title: String
    let epochs: [Double]
    let curves: [Curve]
    /// An epoch to be marked.
    var marked: Double?
    /// Whether equal factors are equal distances.
    var isLogarithmic = false
    /// How values are written.
    var label: @Sendable (Double) -> String = { $0.general(3) }

    static let size = (width: 360.0, height: 216.0)
    static let margin = (left: 54.0, right: 14.0, top: 14.0, bottom: 34.0)

    /// Whether there is anything to draw.
    var isEmpty: Bool { points.isEmpty }

    private var points: [Double] { curves.flatMap(\.values).compactMap { $0 }.map(position).filter(\.isFinite) }

    private func position(_ value: Double) -> Double {
        isLogarithmic ? (value > 0 ? log10(value) : .nan) : value
    }

    private var ys: ClosedRange<Double> {
        guard let low = points.min(), let high = points.max(), (high - low).isFinite else { return 0...1 }
        let pad = high > low ? (high - low) * 0.06 : low == 0 ? 0.05 : abs(low) * 0.1
        // No figure that is never negative needs room below 0.
        return (low >= 0 ? max(low - pad, 0) : low - pad)...high + pad
    }

    private var xs: ClosedRange<Double> {
        let low = epochs.first ?? 0, high = epochs.last ?? 1
        return high > low ? low...high : low - 0.5...low + 0.5
    }

    func x(_ epoch: Double) -> Double {
        let share = (epoch - xs.lowerBound) / (xs.upperBound - xs.lowerBound)
        return Self.margin.left + share * (Self.size.width - Self.margin.left - Self.margin.right)
    }

    func y(_ value: Double) -> Double {
        let share = (position(value) - ys.lowerBound) / (ys.upperBound - ys.lowerBound)
        return Self.size.height - Self.margin.bottom - share * (Self.size.height - Self.margin.top - Self.margin.bottom)
    }

    /// Round values inside a range, about `count`: multiples of 1, 2 or 5 times a power of ten.
    static func ticks(_ range: ClosedRange<Double>, count: Double) -> [Double] {
        let rough = (range.upperBound - range.lowerBound) / count
        let power = pow(10, floor(log10(rough)))
        guard let step = [1, 2, 5, 10].map({ $0 * power }).first(where: { $0 >= rough * 0.999 }), step > 0 else {
            return []
        }
        let first = (range.lowerBound / step).rounded(.up)
        guard abs(first) < 1e15 else { return [] }
        return (0..<20).map { (first + Double($0)) * step }.filter { $0 <= range.upperBound + step * 1e-9 }
    }

    private var yTicks: [Double] {
        if !isLogarithmic { return Self.ticks(ys, count: 5) }
        let powers = Int(ys.lowerBound.rounded(.down))...Int(ys.upperBound.rounded(.up))
        let values = powers.flatMap { power in [1, 2, 5].map { $0 * pow(10, Double(power)) } }
            .filter { ys.contains(log10($0)) }
        let tens = values.filter { log10($0) == log10($0).rounded() }
        return values.count <= 6 || tens.count < 2 ? values : tens
    }

    /// The drawing; `number` is its place in the page's list of charts.
    func drawing(_ number: Int) -> HTML {
        let bottom = Self.size.height - Self.margin.bottom, right = Self.size.width - Self.margin.right
        let rows = yTicks.map { value -> HTML in
            let y = y(value)
            return line((Self.margin.left, y), (right, y), "grid")
                + text(label(value), Self.margin.left - 6, y + 4, "end")
        }
        let columns = Self.ticks(xs, count: 6).filter { $0 == $0.rounded() }.map { epoch in
            text(String(Int(epoch)), x(epoch), bottom + 16, "middle")
        }
        let mark = marked.map { line((x($0), Self.margin.top), (x($0), bottom), "best") } ?? ""
        return """
            <figure class="chart" data-chart="\(number)"><figcaption>\(title) \(legend)</figcaption>
            <svg viewBox="0 0 \(Int(Self.size.width)) \(Int(Self.size.height))" tabindex="0" role="img" \
            aria-label="\(summary)">\(rows)\(columns)\(text("epoch", right, Self.size.height - 1, "end"))\(mark)\
            \(curves.map(path))<line class="cursor" y1="\(Self.margin.top.fixed(0))" y2="\(bottom.fixed(0))"/></svg>
            <output class="values">\(summary)</output></figure>

            """
    }

    private var legend: HTML {
        if curves.count < 2 { return "" }
        let keys = curves.map { "<span class=\"key \($0.style)\"></span>\($0.name) " as HTML }
        return "<span class=\"legend\">\(keys)</span>"
    }

    /// The last values, in words.
    private var summary: String {
        let values = curves.compactMap { curve in
            (curve.values.last ?? nil).map { "\(curve.name) \(label($0))" }
        }.joined(separator: ", ")
        return "last epoch: \(values)"
    }

    private func path(_ curve: Curve) -> HTML {
        let places = zip(epochs, curve.values).map { epoch, value in
            value.flatMap { position($0).isFinite ? (x: x(epoch), y: y($0)) : nil }
        }
        let runs = places.split { $0 == nil }.map { $0.compactMap { $0 } }
        let lines = runs.filter { $0.count > 1 }.map { run -> HTML in
            let points = run.map { "\($0.x.fixed(1)),\($0.y.fixed(1))" }.joined(separator: " ")
            return "<polyline class=\"\(curve.style)\" points=\"\(points)\"/>"
        }
        // Few epochs are shown as points too, a single one cannot be seen otherwise.
        let dots =
            epochs.count > 40
            ? []
            : places.compactMap { $0 }.map { place -> HTML in
                "<circle class=\"\(curve.style)\" cx=\"\(place.x.fixed(1))\" cy=\"\(place.y.fixed(1))\" r=\"2.5\"/>"
            }
        return "\(lines)\(dots)"
    }

    private func line(_ a: (Double, Double), _ b: (Double, Double), _ style: String) -> HTML {
        """
        <line class="\(style)" x1="\(a.0.fixed(1))" y1="\(a.1.fixed(1))" x2="\(b.0.fixed(1))" y2="\(b.1.fixed(1))"/>
        """
    }

    private func text(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> HTML {
        "<text x=\"\(x.fixed(1))\" y=\"\(y.fixed(1))\" text-anchor=\"\(anchor)\">\(text)</text>"
    }
}
