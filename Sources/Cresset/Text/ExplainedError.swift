/// An error that explains itself: what is wrong, and what to do about it.
///
/// All errors that Cresset throws for a file, an option, the data or the network are of this kind. Nothing needs to take
/// their descriptions apart.
public protocol ExplainedError: Error, CustomStringConvertible {
    var explanation: Explanation { get }
}

extension ExplainedError {
    public var description: String { explanation.description }
}

/// What is wrong, and what to do about it. A string literal is an explanation without a hint.
public struct Explanation: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringInterpolation {
    /// What is wrong: one line, sometimes with a table below it.
    public var problem: String
    /// What to do about it, on one line; nil if unknown.
    public var hint: String?

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - problem: What is wrong.
    ///   - hint: What to do about it; nil if unknown.
    public init(_ problem: String, hint: String? = nil) {
        self.problem = problem
        self.hint = hint
    }

    public init(stringLiteral value: String) { self.init(value) }

    /// The same, said of a file or another place.
    ///
    /// - Parameter place: What the problem is with.
    public func of(_ place: some CustomStringConvertible) -> Explanation {
        Explanation("\((place as? FilePath)?.terminalText ?? "\(place)"): \(problem)", hint: hint)
    }

    /// The problem, and below it `  hint: …` if there is one.
    public var description: String { hint.map { "\(problem)\n  hint: \($0)" } ?? problem }
}
