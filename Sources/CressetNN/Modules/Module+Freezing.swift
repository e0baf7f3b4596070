extension Module {
    /// Freezes (or unfreezes) the parameters whose state-dict names match a pattern of letters and `*`; all if nil.
    ///
    /// A frozen parameter gets no gradient and no optimizer changes it. Batch normalisation also keeps its running
    /// statistics fixed while its parameters are all frozen. Traps if no name matches: a mistyped pattern would
    /// silently train everything.
    ///
    /// - Parameters:
    ///   - pattern: The names to match; `*` matches anything.
    ///   - isFrozen: Whether they are frozen.
    public func freeze(matching pattern: String? = nil, _ isFrozen: Bool = true) {
        let matching = namedParameters.filter { name, _ in pattern.map { name.matches(pattern: $0) } ?? true }
        if let pattern, matching.isEmpty {
            let names = namedParameters.map(\.name)
            fatalError(
                "freeze: no parameter matches \"\(pattern)\"\n  hint: their names are "
                    + names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : ""))
        }
        for (_, parameter) in matching { parameter.requiresGradient = !isFrozen }
    }
}

extension String {
    /// Whether the whole string matches a pattern in which `*` stands for any text.
    package func matches(pattern: String) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        if pieces.count == 1 { return self == pattern }
        guard hasPrefix(pieces[0]), hasSuffix(pieces[pieces.count - 1]) else { return false }
        guard count >= pieces[0].count + pieces[pieces.count - 1].count else { return false }
        var rest = dropFirst(pieces[0].count).dropLast(pieces[pieces.count - 1].count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
