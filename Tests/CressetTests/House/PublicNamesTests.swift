import Foundation
import Testing

/// What `import` shows users. A name appears or goes only on purpose: `Fixtures/public-names.txt` lists them all.
@Suite struct PublicNamesTests {
    /// Modules in the order of the list; what `Cresset` re-exports is declared in `CressetBackend`.
    private static let modules = [
        "CressetBackend", "Cresset", "CressetNN", "CressetOptim", "CressetData", "CressetVision", "CressetTrain",
    ]
    private static let list = SourceText.root.appending(path: "Tests/CressetTests/Fixtures/public-names.txt")
    private static let types: Set<Substring> = ["struct", "class", "enum", "protocol", "actor", "typealias"]
    private static let modifiers: Set<Substring> = [
        "public", "package", "internal", "private", "fileprivate", "final", "indirect", "open", "prefix", "infix",
        "postfix",
        "nonisolated", "unowned",
    ]

    /// The public types of a file at any depth, and its public functions, variables and operators at the top.
    static func names(in file: SourceText) -> [String] {
        var names: [String] = []
        // What each open brace belongs to: the full name of a type, or nothing.
        var open: [String?] = []
        var next: String?
        for line in String(decoding: file.code, as: UTF8.self).split(separator: "\n") {
            if let (keyword, name, isPublic) = declaration(in: line) {
                let outer = open.last.flatMap { $0 }.map { $0 + "." } ?? ""
                if types.contains(keyword) {
                    next = outer + name
                    if isPublic { names.append("\(keyword) \(outer)\(name)") }
                } else if keyword == "extension" {
                    next = String(name)
                } else if open.isEmpty, isPublic || keyword == "operator" {
                    names.append("\(keyword) \(name)")
                }
            }
            for byte in line.utf8 {
                if byte == UInt8(ascii: "{") {
                    open.append(next)
                    next = nil
                } else if byte == UInt8(ascii: "}") {
                    _ = open.popLast()
                }
            }
        }
        return names
    }

    /// The keyword, name and visibility of what is declared at the beginning of `line`.
    private static func declaration(in line: Substring) -> (keyword: Substring, name: Substring, isPublic: Bool)? {
        var words = line.utf8.drop { $0 == UInt8(ascii: " ") }
        var isPublic = false
        while !words.isEmpty {
            let word = Substring(words.prefix { $0 != UInt8(ascii: " ") })
            words = words.dropFirst(word.utf8.count + 1)
            switch word {
            case "public": isPublic = true
            case "struct", "class", "enum", "protocol", "actor", "typealias", "extension", "func", "var", "let",
                "operator":
                let isOperator = word == "operator"
                let name = words.prefix {
                    isOperator ? $0 != UInt8(ascii: " ") : SourceText.isName($0) || $0 == UInt8(ascii: ".")
                }
                return (word, Substring(name), isPublic)
            default:
                if !modifiers.contains(word), word.utf8.first != UInt8(ascii: "@") { return nil }
            }
        }
        return nil
    }

    @Test func theListIsTheWholeAndNothingElse() throws {
        var lines: [String] = []
        for module in Self.modules {
            let names = try SourceText.files(in: "Sources/\(module)").flatMap(Self.names)
            lines += ["# \(module)"] + Set(names).sorted()
        }
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["CRESSET_WRITE_PUBLIC_NAMES"] != nil {
            try Data(text.utf8).write(to: Self.list)
        }
        let expected = try String(contentsOf: Self.list, encoding: .utf8).split(separator: "\n").map(String.init)
        for change in lines.difference(from: expected) {
            switch change {
            case .insert(_, let line, _): Issue.record("\(line) has become public, unasked\(advice)")
            case .remove(_, let line, _): Issue.record("\(line) is no longer public\(advice)")
            }
        }
    }

    private var advice: String {
        """
        ; make it package, or, if it is meant for users, write the list anew: \
        CRESSET_WRITE_PUBLIC_NAMES=1 scripts/test --filter PublicNamesTests
        """
    }
}
