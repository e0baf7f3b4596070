import Glibc

/// Draws a ``LinePlot``: where each value goes, and the elements of the SVG.
struct LinePlotDrawing {
    private typealias Point = (x: Double, y: Double)

    private let plot: LinePlot
    private let xs, ys: ClosedRange<Double>
    private let width, height: Double
    private let margin = (left: 64.0, right: 16.0, top: 32.0, bottom: 44.0)
    private static let colors = ["#1f5fa8", "#c0392b", "#27864b", "#8e5ea2", "#d08a1d"]

    init(_ plot: LinePlot) {
        self.plot = plot
        (width, height) = (Double(plot.width), Double(plot.height))
        let lines = plot.curves.filter { $0.style == .line }
        let points = (lines.isEmpty ? plot.curves : lines).flatMap(\.points)
            .map { (x: Self.position($0.x, plot.scale), y: $0.y) }.filter { $0.x.isFinite && $0.y.isFinite }
        (xs, ys) = (Self.range(points.map(\.x)), Self.range(points.map(\.y)))
    }

    /// The range of `values`, widened if it is a single point.
    private static func range(_ values: [Double]) -> ClosedRange<Double> {
        guard let low = values.min(), let high = values.max() else { return 0...1 }
        // Beyond half the largest number a difference would not be finite.
        guard high > low, (high - low).isFinite else { return low - abs(low) / 2 - 0.5...low + abs(low) / 2 + 0.5 }
        return low...high
    }

    /// The position of `x` on the axis before it is scaled; NaN if it has none.
    private static func position(_ x: Double, _ scale: LinePlot.Scale) -> Double {
        switch scale {
        case .linear: x
        case .logarithmic: x > 0 ? log10(x) : .nan
        }
    }

    /// The position of a point in the drawing.
    private func place(_ x: Double, _ y: Double) -> Point {
        let across = (x - xs.lowerBound) / (xs.upperBound - xs.lowerBound)
        let up = (y - ys.lowerBound) / (ys.upperBound - ys.lowerBound)
        return (
            margin.left + across * (width - margin.left - margin.right),
            height - margin.bottom - up * (height - margin.top - margin.bottom)
        )
    }

    var svg: String {
        let head = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(plot.width) \(plot.height)\""
                + " font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
        ]
        return (head + axes + curves + marks + ["</svg>", ""]).joined(separator: "\n")
    }

    // MARK: Axes

    /// Round values inside `range`, about six of them: multiples of 1, 2 or 5 times a power of ten.
    private static func ticks(_ range: ClosedRange<Double>) -> [Double] {
        let rough = (range.upperBound - range.lowerBound) / 6
        let power = pow(10, floor(log10(rough)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? rough
        let first = (range.lowerBound / step).rounded(.up)
        // Counted, since a sum would accumulate rounding errors; values that are huge compared with their range have
        // none.
        guard step > 0, abs(first) < 1e15 else { return [range.lowerBound] }
        return (0..<12).map { (first + Double($0)) * step }.filter { $0 <= range.upperBound + step * 1e-9 }
    }

    private var xTicks: [(position: Double, label: String)] {
        if plot.scale == .linear { return Self.ticks(xs).map { ($0, label($0)) } }
        let (low, high) = (xs.lowerBound.rounded(.up), xs.upperBound.rounded(.down))
        guard high > low else { return Self.ticks(xs).map { ($0, label(pow(10, $0))) } }
        return stride(from: low, through: high, by: max(1, ((high - low) / 10).rounded(.up))).map {
            ($0, "1e\(Int($0))")
        }
    }

    private var axes: [String] {
        let bottom = height - margin.bottom
        var parts: [String] = []
        for value in Self.ticks(ys) {
            let y = place(xs.lowerBound, value).y
            parts.append(line((margin.left, y), (width - margin.right, y), "stroke=\"#dddddd\""))
            parts.append(text(label(value), margin.left - 6, y + 4, anchor: "end"))
        }
        for tick in xTicks {
            let x = place(tick.position, ys.lowerBound).x
            parts.append(line((x, margin.top), (x, bottom), "stroke=\"#dddddd\""))
            parts.append(text(tick.label, x, bottom + 16, anchor: "middle"))
        }
        parts.append(text(plot.title, width / 2, 18, anchor: "middle"))
        parts.append(text(plot.x, (margin.left + width - margin.right) / 2, height - 8, anchor: "middle"))
        parts.append(text(plot.y, 8, 18, anchor: "start"))
        return parts
    }

    // MARK: What is in between

    private var curves: [String] {
        plot.curves.enumerated().flatMap { i, curve in
            let color = Self.colors[i % Self.colors.count]
            let points = curve.points.map { (x: Self.position($0.x, plot.scale), y: $0.y) }
            let drawn = curve.style == .line ? lines(points, color) : dots(points, color)
            let height = margin.top + 16 * Double(i + 1)
            return drawn + [text(curve.name, width - margin.right - 8, height, anchor: "end", color: color)]
        }
    }

    private func lines(_ points: [Point], _ color: String) -> [String] {
        points.split { !$0.x.isFinite || !$0.y.isFinite }.map { run in
            let path = run.map { place($0.x, $0.y) }.map { "\(number($0.x)),\(number($0.y))" }
            return "<polyline points=\"\(path.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\""
                + " stroke-width=\"2\"/>"
        }
    }

    private func dots(_ points: [Point], _ color: String) -> [String] {
        points.filter { xs.contains($0.x) && ys.contains($0.y) }.map { point in
            let (x, y) = place(point.x, point.y)
            return "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"1.5\" fill=\"\(color)\" fill-opacity=\"0.6\"/>"
        }
    }

    private var marks: [String] {
        plot.marks.flatMap { mark -> [String] in
            let position = Self.position(mark.x, plot.scale)
            guard xs.contains(position) else { return [] }
            let x = place(position, ys.lowerBound).x
            return [
                line(
                    (x, margin.top), (x, height - margin.bottom), "stroke=\"#555555\" stroke-dasharray=\"4 3\""),
                text(mark.label, x, margin.top - 4, anchor: "middle"),
            ]
        }
    }

    // MARK: Elements

    private func number(_ value: Double) -> String { value.fixed(1) }

    private func label(_ value: Double) -> String { value == 0 ? "0" : value.general(4) }

    private func line(_ a: Point, _ b: Point, _ stroke: String) -> String {
        "<line x1=\"\(number(a.x))\" y1=\"\(number(a.y))\" x2=\"\(number(b.x))\" y2=\"\(number(b.y))\" \(stroke)/>"
    }

    private func text(_ text: String, _ x: Double, _ y: Double, anchor: String, color: String = "black") -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"\(color)\">\(Self.escaped(text))"
            + "</text>"
    }

    /// `text` as the contents of an element; control characters, which XML does not allow, become spaces.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}"..."\u{FFFF}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
