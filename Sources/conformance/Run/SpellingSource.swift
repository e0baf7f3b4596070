/// The Swift of the page "From PyTorch" as a source that the tests compile, with the names declared in
/// `Tests/PublicTests/Spellings.swift`.
///
/// `conformance --spellings > Tests/PublicTests/FromPyTorchSpellings.swift` generates it.
enum SpellingSource {
    static var text: String {
        """
        // Printed by conformance --spellings: every call on the page "From PyTorch". It is compiled, and never run.
        import CressetOptim

        // swift-format-ignore
        extension Spellings {
            mutating func callOperators() throws {
        \(statements(OperatorTable.shared.rows.map(\.swift)))
            }

            mutating func callLayers() throws {
        \(statements(ModuleTable.shared.rows.map(\.swift)))
            }

            mutating func callOptimizers() throws {
        \(statements(optimizerRows.map(\.swift)))
            }

            mutating func callSchedules() throws {
        \(statements(scheduleRows.map(\.swift)))
            }
        }

        """
    }

    private static func statements(_ spellings: [String]) -> String {
        Set(spellings).sorted().map { spelling in
            let statements = spelling.split(separator: "; ").map { text in
                text.hasPrefix("let ") || text.contains(" = ") ? String(text) : "_ = \(text)"
            }
            return "        do { \(statements.joined(separator: "; ")) }"
        }.joined(separator: "\n")
    }
}
