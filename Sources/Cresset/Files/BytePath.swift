/// A path as the file system knows it: bytes, not necessarily UTF-8.
///
/// Two paths are equal when their bytes are, even where their names would compare equal as text.
public struct BytePath: Sendable, Hashable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let bytes: [UInt8]

    /// The path with the given bytes. Those from the first zero on are left out, as the system would ignore them.
    public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.prefix { $0 != 0 }) }

    public init(_ path: String) { self.init(bytes: path.utf8) }

    public init(stringLiteral value: String) { self.init(value) }

    /// The path with `name` appended behind a slash.
    public func appending(_ name: BytePath) -> BytePath {
        if bytes.isEmpty { return name }
        return BytePath(bytes: bytes + (bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + name.bytes)
    }

    /// What follows the last slash.
    public var lastComponent: BytePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return self }
        return BytePath(bytes: bytes[(slash + 1)...])
    }

    /// What precedes the last slash: "." when there is none.
    public var parent: BytePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : BytePath(bytes: bytes[..<slash])
    }

    /// The letters after the name's last dot, in lower case; empty when there is no dot.
    public var lowercasedExtension: String {
        let name = lastComponent.bytes
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return "" }
        return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
    }

    /// Orders by bytes, which for UTF-8 is the order of code points.
    public static func < (a: BytePath, b: BytePath) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    /// The path as text that is safe to print: bytes that are not UTF-8 and control characters are written as `\xe9`.
    public var description: String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = BytePath.scalarLength(first)
            if let scalar = BytePath.scalar(rest.prefix(length)), BytePath.isPrintable(scalar) {
                text.unicodeScalars.append(scalar)
                rest = rest.dropFirst(length)
            } else {
                let digits = String(first, radix: 16)
                text += "\\x" + (digits.count < 2 ? "0" : "") + digits
                rest = rest.dropFirst()
            }
        }
        return text
    }

    /// Calls `body` with the path as a zero-terminated C string.
    package func withCString<R>(_ body: (UnsafePointer<CChar>) throws -> R) rethrows -> R {
        try (bytes + [0]).withUnsafeBytes { try body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
    }

    private static func scalarLength(_ first: UInt8) -> Int {
        first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }

    private static func scalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.count == 1 else { return nil }
        return text.unicodeScalars.first
    }

    // Control and format characters (escape sequences, right-to-left overrides) would act on the terminal.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }
}
