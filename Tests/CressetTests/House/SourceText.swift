import Foundation

/// A Swift file of the package, for tests of rules that the compiler does not know.
struct SourceText {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardizedFileURL

    /// The file's path from the root of the package.
    let path: String
    /// Its text, with spaces in place of comments and of what is between quotation marks.
    let code: [UInt8]

    init(_ file: URL) throws {
        path = String(file.standardizedFileURL.path.dropFirst(Self.root.path.count).drop { $0 == "/" })
        code = Self.blanked([UInt8](try Data(contentsOf: file)))
    }

    /// The files below `folder`, a path from the root of the package, in order.
    static func files(in folder: String) throws -> [SourceText] {
        let found = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
        return try (found?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .sorted { $0.path < $1.path }.map(SourceText.init)
    }

    /// The number of the line at `place`, counted from 1.
    func line(at place: Int) -> Int { code[..<place].count { $0 == UInt8(ascii: "\n") } + 1 }

    static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 128...:
            true
        default: false
        }
    }

    private static func blanked(_ text: [UInt8]) -> [UInt8] {
        var result = text
        var place = 0
        let (quote, slash, star, newline) = (
            UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "*"), UInt8(ascii: "\n")
        )
        func blank(to end: Int) {
            while place < end {
                if result[place] != newline { result[place] = UInt8(ascii: " ") }
                place += 1
            }
        }
        /// The place after the string that begins at `start`, with the strings in its interpolations.
        func end(ofStringAt start: Int) -> Int {
            let isLong = text[start...].starts(with: [quote, quote, quote])
            var i = start + (isLong ? 3 : 1)
            while i < text.count {
                if text[i] == UInt8(ascii: "\\") {
                    guard i + 1 < text.count, text[i + 1] == UInt8(ascii: "(") else {
                        i += 2
                        continue
                    }
                    var depth = 1
                    i += 2
                    while i < text.count, depth > 0 {
                        switch text[i] {
                        case UInt8(ascii: "("): depth += 1
                        case UInt8(ascii: ")"): depth -= 1
                        case quote: i = end(ofStringAt: i) - 1
                        default: break
                        }
                        i += 1
                    }
                    continue
                }
                if text[i] == quote {
                    if !isLong { return i + 1 }
                    if text[i...].starts(with: [quote, quote, quote]) { return i + 3 }
                }
                i += 1
            }
            return text.count
        }
        while place < text.count {
            let byte = text[place]
            if byte == quote {
                blank(to: end(ofStringAt: place))
            } else if byte == slash, place + 1 < text.count, text[place + 1] == slash {
                blank(to: text[place...].firstIndex(of: newline) ?? text.count)
            } else if byte == slash, place + 1 < text.count, text[place + 1] == star {
                var end = place + 2
                while end + 1 < text.count, !(text[end] == star && text[end + 1] == slash) { end += 1 }
                blank(to: min(end + 2, text.count))
            } else {
                place += 1
            }
        }
        return result
    }
}
