import Cresset

/// The rows of a CSV file (RFC 4180), each with the line on which it begins.
///
/// Fields may be in quotes, in which a quote is written twice and line breaks are text. Lines end with LF or CRLF; empty
/// ones are passed over, and a byte order mark at the beginning is, too. What the standard does not allow is an error,
/// never a guess: a quote within an unquoted field, text after a closing quote, a quote that is not closed, and rows that
/// differ in their number of fields.
package struct CSVTable {
    package struct Row: Equatable {
        let line: Int
        package let fields: [String]
    }

    package private(set) var rows: [Row] = []

    /// A table of labels has some dozens of bytes a row.
    package static let byteLimit = 1 << 28
    private static let rowLimit = 10_000_000
    private static let fieldLimit = 1000

    /// Reads a table.
    ///
    /// - Parameters:
    ///   - bytes: The file, in UTF-8.
    ///   - separator: What separates fields.
    /// - Throws: ``LabelFileError``, which names the line.
    package init(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")) throws(LabelFileError.Fault) {
        var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var line = 1
        while !rest.isEmpty {
            let start = line
            var fields: [String] = []
            var isAtEnd = false
            while !isAtEnd {
                let field = try CSVTable.field(&rest, &line, separator)
                guard let text = String(validating: field, as: UTF8.self), !field.contains(0) else {
                    throw .init(line: start, problem: "is not text in UTF-8")
                }
                if fields.count == CSVTable.fieldLimit {
                    throw .init(line: start, problem: "has more than \(CSVTable.fieldLimit) fields")
                }
                fields.append(text)
                if rest.first == separator {
                    rest.removeFirst()
                } else {
                    if rest.first == UInt8(ascii: "\r") { rest.removeFirst() }
                    if rest.popFirst() != nil { line += 1 }
                    isAtEnd = true
                }
            }
            if fields == [""] { continue }
            if rows.count == CSVTable.rowLimit {
                throw .init(line: start, problem: "is beyond row \(CSVTable.rowLimit), the last that is read")
            }
            if let first = rows.first, first.fields.count != fields.count {
                throw .init(
                    line: start, problem: "has \(fields.count) fields, line \(first.line) has \(first.fields.count)")
            }
            rows.append(Row(line: start, fields: fields))
        }
    }

    /// The next field; what follows it is a separator, the end of the line or the end of the file.
    private static func field(
        _ rest: inout ArraySlice<UInt8>, _ line: inout Int, _ separator: UInt8
    ) throws(LabelFileError.Fault) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        guard rest.first == quote else {
            let field = rest.prefix { $0 != separator && $0 != quote && $0 != UInt8(ascii: "\n") }
            rest = rest[field.endIndex...]
            if rest.first == quote { throw .init(line: line, problem: "has a quote within a field that is not quoted") }
            let isEndOfLine = rest.first != separator
            return isEndOfLine && field.last == UInt8(ascii: "\r") ? Array(field.dropLast()) : Array(field)
        }
        let start = line
        rest.removeFirst()
        var field: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte != quote {
                field.append(byte)
            } else if rest.first == quote {
                rest.removeFirst()
                field.append(quote)
            } else {
                let isClosed =
                    rest.isEmpty || rest.first == separator || rest.first == UInt8(ascii: "\n")
                    || rest.starts(with: Array("\r\n".utf8))
                guard isClosed else { throw .init(line: line, problem: "has text after a closing quote") }
                return field
            }
        }
        throw .init(line: start, problem: "has a quote that is never closed")
    }
}
