/// A mistake in the shapes given to an operator.
///
/// Operators trap with ``description``; the rules below throw it, so that a program can check in advance.
public struct ShapeError: Error, Sendable, CustomStringConvertible {
    public let operation: String
    public let problem: String
    public let hint: String?

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - operation: The operator.
    ///   - problem: What is wrong with the shapes.
    ///   - hint: What to do about it; nil if unknown.
    public init(_ operation: String, _ problem: String, hint: String? = nil) {
        self.operation = operation
        self.problem = problem
        self.hint = hint
    }

    public var description: String {
        "\(operation): \(problem)" + (hint.map { "\n  hint: \($0)" } ?? "")
    }
}

extension Shape {
    /// The shape to which both shapes broadcast.
    ///
    /// Axes are matched from the last; two lengths agree when they are equal or one of them is 1.
    ///
    /// - Parameters:
    ///   - a: One shape.
    ///   - b: The other shape.
    ///   - operation: The name used in error messages.
    /// - Throws: ``ShapeError`` that names `operation`, both shapes and the axis.
    @inlinable public static func broadcast(_ a: Shape, _ b: Shape, operation: String) throws(ShapeError) -> Shape {
        if a == b { return a }
        let rank = Swift.max(a.count, b.count)
        var result = Shape(repeating: 1, count: rank)
        for i in 0..<rank {
            let x = i < rank - a.count ? 1 : a[i - (rank - a.count)]
            let y = i < rank - b.count ? 1 : b[i - (rank - b.count)]
            if x == y || y == 1 {
                result[i] = x
            } else if x == 1 {
                result[i] = y
            } else {
                throw ShapeError.broadcast(operation, a, b, axis: i - rank)
            }
        }
        return result
    }
}

extension ShapeError {
    @usableFromInline static func broadcast(_ operation: String, _ a: Shape, _ b: Shape, axis: Int) -> ShapeError {
        ShapeError(
            operation, "shapes \(a) and \(b) do not broadcast: axis \(axis) has lengths that differ and neither is 1",
            hint: "axes are matched from the last; reshape or add an axis with unsqueezed(at:)")
    }
}
