/// What integers must be that number elements of an axis, rows of a table, or classes.
public struct IndexRule: Sendable {
    public enum Kind: Sendable, Hashable {
        /// Elements, from 0 to before the count; with `fromTheEnd` also from -count on, counted from the end.
        case element(fromTheEnd: Bool)
        /// Classes, from 0 to before the count, or the number that is ignored.
        case label(ignored: Int?)
    }

    /// Whose indices they are.
    public let operation: StaticString
    public let count: Int
    public let kind: Kind

    public init(_ operation: StaticString, count: Int, kind: Kind) {
        self.operation = operation
        self.count = count
        self.kind = kind
    }

    /// The smallest that is allowed, but for one that is ignored.
    public var least: Int { kind == .element(fromTheEnd: true) ? -count : 0 }

    /// The number that is ignored.
    public var ignored: Int? { if case .label(let ignored) = kind { ignored } else { nil } }

    /// The mistake that `value` is.
    public func error(for value: Int) -> ShapeError {
        switch kind {
        case .element: ShapeError("\(operation)", "index \(value) is not in an axis of length \(count)")
        case .label(nil): ShapeError("\(operation)", "label \(value) is none of \(count) classes")
        case .label:
            ShapeError(
                "\(operation)", "label \(value) is none of the \(count) classes, 0 to \(count - 1)",
                hint: "check labels where the data comes in, or name those to be left out as ignoredIndex")
        }
    }
}
