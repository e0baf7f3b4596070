import Foundation
import Testing

/// PyTorch's spellings that the compiler answers with ours: ours must be there.
@Suite struct SpellingTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Sources").standardizedFileURL

    private static func texts(where isWanted: (String) -> Bool) throws -> [String] {
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?.allObjects ?? []
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" && isWanted($0.path) }
            .map { try String(contentsOf: $0, encoding: .utf8) }
    }

    /// What follows `mark` in `text`, each time, as far as it is a name.
    private static func names(after mark: String, in text: String) -> [String] {
        text.components(separatedBy: mark).dropFirst().map { rest in
            String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        }
    }

    /// The names that messages put between backticks, and those that `renamed:` gives.
    private static func targets(in text: String) -> [String] {
        let messages = text.components(separatedBy: "message: \"").dropFirst().compactMap { message in
            message.split(separator: "`", maxSplits: 2, omittingEmptySubsequences: false).dropFirst().first
        }
        return names(after: "renamed: \"", in: text)
            + messages.map { shown in
                let call = shown.prefix { $0 != "(" && $0 != "[" && $0 != " " }
                return String(call.split(separator: ".").last ?? "")
            }
    }

    @Test func everyTargetIsDeclared() throws {
        let spellings = try Self.texts { $0.contains("/FromPyTorch/") }
        let declarations = try Self.texts { !$0.contains("/FromPyTorch/") }
        var names: Set<String> = []
        for keyword in ["func ", "var ", "let ", "struct ", "class ", "enum "] {
            for text in declarations { names.formUnion(Self.names(after: keyword, in: text)) }
        }
        #expect(spellings.count >= 7)
        let targets = spellings.flatMap(Self.targets)
        #expect(targets.count > 80)
        for target in Set(targets) where target != "init" {
            #expect(names.contains(target), "there is no \(target)")
        }
    }

    @Test func everySpellingNamesATarget() throws {
        for text in try Self.texts(where: { $0.contains("/FromPyTorch/") }) {
            let count = text.components(separatedBy: "@available").count - 1
            #expect(count == Self.targets(in: text).count)
        }
    }
}
