import Foundation

/// Draws a ``LearningRateCurve``.
struct LearningRatePlot {
    private let curve: LearningRateCurve
    private let width, height: Double
    private let rates: ClosedRange<Double>
    private let losses: ClosedRange<Double>
    private let margin = (left: 64.0, right: 16.0, top: 24.0, bottom: 44.0)

    init(_ curve: LearningRateCurve, width: Double, height: Double) {
        self.curve = curve
        self.width = width
        self.height = height
        let exponents = curve.points.map { log10($0.learningRate) }
        let values = curve.points.map(\.smoothedLoss)
        rates = Self.range(exponents)
        losses = Self.range(values)
    }

    /// The range of `values`, widened where it is a point.
    private static func range(_ values: [Double]) -> ClosedRange<Double> {
        guard let low = values.min(), let high = values.max() else { return 0...1 }
        return high > low ? low...high : low - 0.5...high + 0.5
    }

    private func x(_ rate: Double) -> Double {
        let share = (log10(rate) - rates.lowerBound) / (rates.upperBound - rates.lowerBound)
        return margin.left + share * (width - margin.left - margin.right)
    }

    private func y(_ loss: Double) -> Double {
        let share = (loss - losses.lowerBound) / (losses.upperBound - losses.lowerBound)
        return height - margin.bottom - share * (height - margin.top - margin.bottom)
    }

    private func number(_ value: Double) -> String { String(format: "%.1f", value) }

    private func text(_ text: String, _ x: Double, _ y: Double, anchor: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(text)</text>"
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ stroke: String) -> String {
        "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" \(stroke)/>"
    }

    var svg: String {
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) \(Int(height))\""
                + " font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
        ]
        parts += axes
        for point in curve.points where losses.contains(point.loss) {
            parts.append(
                "<circle cx=\"\(number(x(point.learningRate)))\" cy=\"\(number(y(point.loss)))\" r=\"1.5\""
                    + " fill=\"#9db7d5\"/>")
        }
        let path = curve.points.map { "\(number(x($0.learningRate))),\(number(y($0.smoothedLoss)))" }
        parts.append(
            "<polyline points=\"\(path.joined(separator: " "))\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"2\"/>")
        if let rate = curve.suggestion {
            let stroke = "stroke=\"#c0392b\" stroke-dasharray=\"4 3\""
            parts.append(line(x(rate), margin.top, x(rate), height - margin.bottom, stroke))
            parts.append(text(String(format: "%.2g", rate), x(rate), margin.top - 8, anchor: "middle"))
        }
        return (parts + ["</svg>", ""]).joined(separator: "\n")
    }

    private var axes: [String] {
        let (bottom, grey) = (height - margin.bottom, "stroke=\"#dddddd\"")
        var parts: [String] = []
        for exponent in Int(rates.lowerBound.rounded(.up))...max(
            Int(rates.lowerBound.rounded(.up)), Int(rates.upperBound.rounded(.down)))
        {
            let x = x(pow(10, Double(exponent)))
            parts.append(line(x, margin.top, x, bottom, grey))
            parts.append(text("1e\(exponent)", x, bottom + 16, anchor: "middle"))
        }
        for i in 0...4 {
            let loss = losses.lowerBound + (losses.upperBound - losses.lowerBound) * Double(i) / 4
            parts.append(line(margin.left, y(loss), width - margin.right, y(loss), grey))
            parts.append(text(String(format: "%.3g", loss), margin.left - 6, y(loss) + 4, anchor: "end"))
        }
        parts.append(text("learning rate", (margin.left + width) / 2, height - 8, anchor: "middle"))
        parts.append(text("loss", 8, margin.top - 8, anchor: "start"))
        return parts
    }
}
