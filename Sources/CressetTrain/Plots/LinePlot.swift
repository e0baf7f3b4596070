import Foundation

/// Curves in one picture, as SVG: losses and accuracies over steps, a signal over time.
///
/// ```swift
/// var plot = LinePlot(title: "MNIST", x: "epoch", y: "accuracy")
/// plot.add("train", [0.81, 0.92, 0.95])
/// try plot.write(to: "accuracy.svg")
/// ```
public struct LinePlot: Sendable {
    /// A curve; points that are not finite interrupt it.
    private struct Curve {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    public let title, x, y: String
    private var curves: [Curve] = []
    private static let colors = ["#1f5fa8", "#c0392b", "#27864b", "#8e5ea2", "#d08a1d"]
    private let width = 640.0
    private let height = 400.0
    private let left = 64.0
    private let right = 16.0
    private let top = 32.0
    private let bottom = 44.0

    /// - Parameters:
    ///   - x: What the horizontal axis shows.
    ///   - y: What the vertical axis shows.
    public init(title: String, x: String, y: String) {
        self.title = title
        self.x = x
        self.y = y
    }

    /// Adds a curve through `values`, the first at `start` and each `step` further.
    public mutating func add(_ name: String, _ values: [Double], from start: Double = 1, step: Double = 1) {
        let points = values.enumerated().map { (x: start + Double($0.offset) * step, y: $0.element) }
        curves.append(Curve(name: name, points: points))
    }

    /// Writes the picture to a file, whole or not at all.
    public func write(to path: String) throws {
        try Data(svg.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// The picture's text.
    public var svg: String {
        let points = curves.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        let (xs, ys) = (Self.range(points.map(\.x)), Self.range(points.map(\.y)))
        func place(_ p: (x: Double, y: Double)) -> (x: Double, y: Double) {
            let across = (p.x - xs.lowerBound) / (xs.upperBound - xs.lowerBound)
            let up = (p.y - ys.lowerBound) / (ys.upperBound - ys.lowerBound)
            return (left + across * (width - left - right), height - bottom - up * (height - top - bottom))
        }
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) \(Int(height))\""
                + " font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
        ]
        for i in 0...4 {
            let share = Double(i) / 4
            let value = (
                x: xs.lowerBound + share * (xs.upperBound - xs.lowerBound),
                y: ys.lowerBound + share * (ys.upperBound - ys.lowerBound)
            )
            let (px, py) = place(value)
            parts.append(line((left, py), (width - right, py)))
            parts.append(line((px, top), (px, height - bottom)))
            parts.append(text(label(value.y), left - 6, py + 4, anchor: "end"))
            parts.append(text(label(value.x), px, height - bottom + 16, anchor: "middle"))
        }
        parts.append(text(title, width / 2, 18, anchor: "middle"))
        parts.append(text(x, width / 2, height - 8, anchor: "middle"))
        parts.append(text(y, 8, 18, anchor: "start"))
        for (i, curve) in curves.enumerated() {
            let color = Self.colors[i % Self.colors.count]
            for run in curve.points.split(whereSeparator: { !$0.x.isFinite || !$0.y.isFinite }) {
                let path = run.map(place).map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
                parts.append("<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>")
            }
            let height = top + 16 * Double(i + 1)
            parts.append(text(curve.name, width - right - 8, height, anchor: "end", color: color))
        }
        return (parts + ["</svg>", ""]).joined(separator: "\n")
    }

    /// The range of `values`, widened where it is a point.
    private static func range(_ values: [Double]) -> ClosedRange<Double> {
        guard let low = values.min(), let high = values.max() else { return 0...1 }
        return high > low ? low...high : low - 0.5...high + 0.5
    }

    private func number(_ value: Double) -> String { String(format: "%.1f", value) }
    private func label(_ value: Double) -> String { String(format: "%.3g", value) }

    private func line(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> String {
        "<line x1=\"\(number(a.x))\" y1=\"\(number(a.y))\" x2=\"\(number(b.x))\" y2=\"\(number(b.y))\""
            + " stroke=\"#dddddd\"/>"
    }

    private func text(_ text: String, _ x: Double, _ y: Double, anchor: String, color: String = "black") -> String {
        let safe = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"\(color)\">\(safe)</text>"
    }
}
