/// A JSON value; the members of an object keep their order, and integers stay integers.
enum JSON {
    case object(Members)
    case array(Items)
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case null

    /// Classes, since Swift 6.3 may take an array of the enumeration itself for a circular reference, even if it is
    /// `indirect`.
    final class Members: Sendable {
        let all: [(key: String, value: JSON)]
        init(_ all: [(key: String, value: JSON)]) { self.all = all }
    }

    final class Items: Sendable {
        let all: [JSON]
        init(_ all: [JSON]) { self.all = all }
    }

    /// Reads a whole document.
    init(parsing bytes: [UInt8]) throws {
        var reader = JSONReader(bytes: bytes)
        self = try reader.value()
        reader.skipSpace()
        guard reader.position == bytes.count else { throw Failure("the JSON value is followed by more text") }
    }

    subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.all.first { $0.key == key }?.value
    }

    var array: [JSON]? { if case .array(let items) = self { items.all } else { nil } }
    var members: [(key: String, value: JSON)]? { if case .object(let members) = self { members.all } else { nil } }
    var string: String? { if case .string(let text) = self { text } else { nil } }
    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    var isNull: Bool { if case .null = self { true } else { false } }

    /// Any number, also `{"float": "inf"}`.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .object: self["float"]?.string.flatMap(Double.init)
        default: nil
        }
    }
}

/// A recursive-descent reader. Case files are the project's own, but a broken one still ends with a message.
private struct JSONReader {
    let bytes: [UInt8]
    var position = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    private func failure(_ expected: String) -> Failure {
        Failure("byte \(position) of the JSON: expected \(expected)")
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == character.asciiValue! else { return false }
        position += 1
        return true
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws -> JSON {
        guard bytes[position...].starts(with: "\(word)".utf8) else { throw failure("\(word)") }
        position += word.utf8CodeUnitCount
        return value
    }

    mutating func value() throws -> JSON {
        skipSpace()
        guard position < bytes.count else { throw failure("a value") }
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { throw failure("less nesting") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws -> JSON {
        position += 1
        var members: [(key: String, value: JSON)] = []
        if take("}") { return .object(JSON.Members(members)) }
        repeat {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw failure("a key") }
            let key = try string()
            guard take(":") else { throw failure(":") }
            members.append((key, try value()))
        } while take(",")
        guard take("}") else { throw failure("}") }
        return .object(JSON.Members(members))
    }

    private mutating func array() throws -> JSON {
        position += 1
        var items: [JSON] = []
        if take("]") { return .array(JSON.Items(items)) }
        repeat { items.append(try value()) } while take(",")
        guard take("]") else { throw failure("]") }
        return .array(JSON.Items(items))
    }

    private mutating func number() throws -> JSON {
        let start = position
        while position < bytes.count, "+-.eE0123456789".utf8.contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let value = Int(text) { return .integer(value) }
        guard let value = Double(text) else { throw failure("a value") }
        return .number(value)
    }

    private mutating func string() throws -> String {
        position += 1
        var units: [UInt16] = []
        var plain: [UInt8] = []
        func text() -> String { String(decoding: plain, as: UTF8.self) }
        var result = ""
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return result + text() }
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                continue
            }
            guard position < bytes.count else { break }
            let escape = bytes[position]
            position += 1
            if escape == UInt8(ascii: "u") {
                guard position + 4 <= bytes.count,
                    let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
                else { throw failure("four hexadecimal digits") }
                position += 4
                units.append(unit)
                // The second half of a surrogate pair follows in a separate escape.
                if UTF16.isLeadSurrogate(unit) { continue }
                result += text() + String(decoding: units, as: UTF16.self)
                (units, plain) = ([], [])
            } else {
                let meanings: [UInt8: UInt8] = [0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09]
                plain.append(meanings[escape] ?? escape)
            }
        }
        throw failure("the end of a string")
    }
}
