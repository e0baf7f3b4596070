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

    /// The names that messages put between backticks, and those that `renamed:` gives.
    private static func targets(in text: String) -> [String] {
        let renamed = text.matches(of: /renamed: "(\w+)/).map { String($0.1) }
        let shown = text.matches(of: /message: "[^`\n]*`(?:Tensor\.|Generator\.current\.)?(\w+)/).map { String($0.1) }
        return renamed + shown
    }

    @Test func everyTargetIsDeclared() throws {
        let spellings = try Self.texts { $0.contains("/FromPyTorch/") }
        let declarations = try Self.texts { !$0.contains("/FromPyTorch/") }.joined(separator: "\n")
        let names = Set(
            declarations.matches(of: /public [^\n(={]*?(?:func|var|let|struct|class|enum) (\w+)/).map { String($0.1) })
        #expect(spellings.count >= 7)
        let targets = spellings.flatMap(Self.targets)
        #expect(targets.count > 80)
        for target in Set(targets) where target != "init" {
            #expect(names.contains(target), "there is no public \(target)")
        }
    }

    @Test func everySpellingNamesATarget() throws {
        for text in try Self.texts(where: { $0.contains("/FromPyTorch/") }) {
            let count = text.matches(of: /@available/).count
            #expect(count == Self.targets(in: text).count)
        }
    }
}
