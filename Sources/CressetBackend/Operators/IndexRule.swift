/// The values allowed for integers that index elements of an axis, rows of a table, or classes.
package struct IndexRule: Sendable {
    package enum Kind: Sendable, Hashable {
        /// Elements, 0 up to the count; with `fromTheEnd` also -count and up, counted from the end.
        case element(fromTheEnd: Bool)
        /// Classes, 0 up to the count, or the ignored index.
        case label(ignored: Int?)
    }

    /// The operator that takes the indices.
    package let operation: StaticString
    package let count: Int
    package let kind: Kind

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - operation: The operator named in the message.
    ///   - count: The number of classes: indices must be smaller.
    ///   - kind: What the numbers count.
    package init(_ operation: StaticString, count: Int, kind: Kind) {
        self.operation = operation
        self.count = count
        self.kind = kind
    }

    /// The smallest allowed value, apart from an ignored one.
    package var least: Int { kind == .element(fromTheEnd: true) ? -count : 0 }

    /// The ignored index.
    package var ignored: Int? { if case .label(let ignored) = kind { ignored } else { nil } }

    /// The error for an invalid `value`.
    package func error(for value: Int) -> ShapeError {
        switch kind {
        case .element: ShapeError("\(operation)", "index \(value) is out of range for an axis of length \(count)")
        case .label(nil): ShapeError("\(operation)", "label \(value) is not one of \(count) classes")
        case .label:
            ShapeError(
                "\(operation)", "label \(value) is not one of the \(count) classes, 0 to \(count - 1)",
                hint: "check labels when the data is read, or pass the label to skip as ignoredIndex")
        }
    }
}
