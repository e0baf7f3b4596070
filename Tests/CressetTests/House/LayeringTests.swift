import Foundation
import Testing

/// Compares the imports in Sources/ with the table in docs/architecture.md. Foundation as a whole is not allowed: it brings
/// in ICU, tens of megabytes per program (docs/decisions/0012-libcurl-at-run-time.md).
@Suite struct LayeringTests {
    /// One target of the table; rows are in its order, from top to bottom.
    private struct Row {
        var storey: Int
        var target: String
        var allowed: [String]
    }

    private static let everywhere: Set<String> = [
        "FoundationEssentials", "Synchronization", "Dispatch", "Glibc", "Musl", "Builtin",
    ]

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func table() throws -> [Row] {
        let text = try String(contentsOf: root.appending(path: "docs/architecture.md"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 6, let storey = Int(cells[1]) else { return nil }
            return Row(storey: storey, target: names(in: cells[2]).first ?? "", allowed: names(in: cells[4]))
        }
    }

    /// The words between backticks.
    private static func names(in cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }

    private static func targets() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
            .filter { !$0.hasPrefix(".") }.sorted()
    }

    /// The modules imported by the Swift files of a target, each with a file that imports it.
    private static func imports(of target: String) throws -> [String: String] {
        let folder = root.appending(path: "Sources/\(target)")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var found: [String: String] = [:]
        let declaration =
            /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                if let match = line.firstMatch(of: declaration) { found[String(match.1)] = file.lastPathComponent }
            }
        }
        return found
    }

    @Test func tableListsEveryTarget() throws {
        let rows = try Self.table()
        #expect(rows.map(\.target).sorted() == (try Self.targets()))
    }

    @Test func tableOnlyPointsDown() throws {
        let rows = try Self.table()
        let own = Set(rows.map(\.target))
        for (index, row) in rows.enumerated() {
            let below = Set(rows[(index + 1)...].map(\.target))
            for name in row.allowed where own.contains(name) {
                #expect(below.contains(name), "\(row.target) may import \(name), which is not below it")
            }
        }
        #expect(rows.map(\.storey) == rows.map(\.storey).sorted(by: >))
    }

    @Test func importsFollowTheTable() throws {
        for row in try Self.table() {
            let allowed = Set(row.allowed).union(Self.everywhere)
            for (module, file) in try Self.imports(of: row.target) {
                #expect(
                    allowed.contains(module),
                    "Sources/\(row.target)/…/\(file) imports \(module), which docs/architecture.md does not allow")
            }
        }
    }
}
