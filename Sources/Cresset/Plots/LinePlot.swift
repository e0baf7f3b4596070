import Glibc

/// Curves in one plot, as SVG: losses and accuracies over steps, a signal over time.
///
/// ```swift
/// var plot = LinePlot(title: "MNIST", x: "epoch", y: "accuracy")
/// plot.add("train", [0.81, 0.92, 0.95])
/// try plot.write(to: "accuracy.svg")
/// ```
public struct LinePlot: Sendable {
    /// How the horizontal axis is divided.
    public enum Scale: Sendable { case linear, logarithmic }

    /// How points are drawn.
    public enum Style: Sendable {
        case line
        /// Only points; those beyond the range of the lines are left out.
        case dots
    }

    struct Curve {
        let name: String
        let style: Style
        let points: [(x: Double, y: Double)]
    }

    public let title, x, y: String
    public let scale: Scale
    /// The picture's size, in the units of its coordinates.
    public var width = 640
    public var height = 400
    private(set) var curves: [Curve] = []
    private(set) var marks: [(x: Double, label: String)] = []

    ///
    /// - Parameters:
    ///   - title: The title above the picture.
    ///   - x: What the horizontal axis shows.
    ///   - y: What the vertical axis shows.
    ///   - scale: Logarithmic for values over many powers of ten; values of 0 and less are then left out.
    public init(title: String, x: String, y: String, scale: Scale = .linear) {
        self.title = title
        self.x = x
        self.y = y
        self.scale = scale
    }

    /// Adds a curve through `values`, the first at `start` and each following one `step` further.
    ///
    /// - Parameters:
    ///   - name: The name of the curve.
    ///   - values: The heights, one per step.
    ///   - start: The position of the first value.
    ///   - step: The distance to the next value.
    public mutating func add(_ name: String, _ values: [Double], from start: Double = 1, step: Double = 1) {
        add(name, values.enumerated().map { (x: start + Double($0.offset) * step, y: $0.element) })
    }

    /// Adds a curve through `points`; those that are not finite interrupt it.
    ///
    /// - Parameters:
    ///   - name: The name of the curve.
    ///   - points: The points, in order.
    ///   - style: Whether the points are joined.
    public mutating func add(_ name: String, _ points: [(x: Double, y: Double)], style: Style = .line) {
        curves.append(Curve(name: name, style: style, points: points))
    }

    /// Marks a position on the horizontal axis with a dashed line.
    ///
    /// - Parameters:
    ///   - x: The position on the horizontal axis.
    ///   - label: The text shown there.
    public mutating func mark(x: Double, _ label: String) { marks.append((x, label)) }

    /// The text of the SVG file.
    public var svg: String { LinePlotDrawing(self).svg }

    /// Writes the plot to a file, completely or not at all.
    ///
    /// - Parameter path: The path of the file.
    /// - Throws: `AtomicFile.WriteError` if the file cannot be written.
    public func write(to path: some PathConvertible) throws { try AtomicFile.write(to: path) { try $0.write(svg) } }
}
