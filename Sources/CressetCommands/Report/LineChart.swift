import Glibc

/// Curves as a drawing that takes its colours from the page: over epochs, or over any other axis.
struct LineChart: Sendable {
    struct Curve: Sendable {
        let name: String
        /// The class of the page's style that gives it a colour and a dash.
        let style: String
        let values: [Double?]
        /// Whether single values are shown, without a line.
        var isDotted = false
        /// What the legend says besides the name.
        var note = ""
    }

    /// What lies along an axis.
    struct Axis: Sendable {
        var name = ""
        /// Whether equal factors are equal distances.
        var isLogarithmic = false
        /// The ends; nil for those of the values.
        var range: ClosedRange<Double>?
        /// How values are written.
        var label: @Sendable (Double) -> String = { $0.general(3) }

        /// Where a value is before the drawing is scaled; NaN if it has no place.
        func position(_ value: Double) -> Double { isLogarithmic ? (value > 0 ? log10(value) : .nan) : value }

        /// Shares in percent, from 0 to 100.
        static func share(_ name: String) -> Axis {
            Axis(name: name, range: 0...1) { ($0 * 100).general(3) + "\u{A0}%" }
        }
    }

    /// A place on the horizontal axis that is marked.
    struct Mark: Sendable {
        let place: Double
        /// The class of the page's style that gives it its dashes.
        var style = "best"
        var label = ""
    }

    let title: String
    /// The places of the values along the horizontal axis, in order.
    let places: [Double]
    let curves: [Curve]
    var across = Axis(name: "epoch") { $0.general(6) }
    var up = Axis()
    var marks: [Mark] = []
    /// The chart in words; nil for the last values.
    var words: String?
    /// Whether the diagonal is drawn, for comparison.
    var hasDiagonal = false

    static let size = (width: 360.0, height: 216.0)
    static let margin = (left: 54.0, right: 14.0, top: 14.0, bottom: 34.0)

    /// Whether there is anything to draw.
    var isEmpty: Bool { points.isEmpty }

    private var points: [Double] {
        curves.filter { !$0.isDotted }.flatMap(\.values).compactMap { $0 }.map(up.position).filter(\.isFinite)
    }

    private var ys: ClosedRange<Double> {
        if let range = up.range { return range }
        guard let low = points.min(), let high = points.max(), (high - low).isFinite else { return 0...1 }
        let pad = high > low ? (high - low) * 0.06 : low == 0 ? 0.05 : abs(low) * 0.1
        // No figure that is never negative needs room below 0.
        return (low >= 0 ? max(low - pad, 0) : low - pad)...high + pad
    }

    private var xs: ClosedRange<Double> {
        if let range = across.range { return range }
        let low = across.position(places.first ?? 0), high = across.position(places.last ?? 1)
        return high > low ? low...high : low - 0.5...low + 0.5
    }

    func x(_ place: Double) -> Double {
        let share = (across.position(place) - xs.lowerBound) / (xs.upperBound - xs.lowerBound)
        return Self.margin.left + share * (Self.size.width - Self.margin.left - Self.margin.right)
    }

    func y(_ value: Double) -> Double {
        let share = (up.position(value) - ys.lowerBound) / (ys.upperBound - ys.lowerBound)
        return Self.size.height - Self.margin.bottom - share * (Self.size.height - Self.margin.top - Self.margin.bottom)
    }

    /// A place on the horizontal axis in words.
    func text(at place: Double) -> String { "\(across.name) \(across.label(place))" }

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

    /// Round values of an axis on which equal factors are equal distances: powers of ten, between them 2 and 5 if there is
    /// room.
    private static func powers(_ range: ClosedRange<Double>) -> [Double] {
        let powers = Int(range.lowerBound.rounded(.down))...Int(range.upperBound.rounded(.up))
        let values = powers.flatMap { power in [1, 2, 5].map { $0 * pow(10, Double(power)) } }
            .filter { range.contains(log10($0)) }
        let tens = values.filter { log10($0) == log10($0).rounded() }
        return values.count <= 6 || tens.count < 2 ? values : tens
    }

    var yTicks: [Double] { up.isLogarithmic ? Self.powers(ys) : Self.ticks(ys, count: 5) }

    var xTicks: [Double] {
        if across.isLogarithmic { return Self.powers(xs) }
        let ticks = Self.ticks(xs, count: across.range == nil ? 6 : 5)
        // There is no half epoch.
        return across.range == nil ? ticks.filter { $0 == $0.rounded() } : ticks
    }
}
