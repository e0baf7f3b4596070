import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension FilePath {
    /// The path with the given bytes. A zero byte and everything after it is dropped, as the system would ignore it.
    package init(bytes: some Sequence<UInt8>) {
        self.init(platformString: bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0])
    }

    /// The bytes of the path, without the zero at its end.
    package var bytes: [UInt8] {
        withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    /// The folder that contains the path: "." if it names none.
    package var parent: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    /// The last component of the path, as text that is safe to print; the whole path if it has none.
    package var name: String {
        lastComponent?.withPlatformString { TerminalText.escaped($0) } ?? terminalText
    }

    /// The characters after the name's last dot, in lower case; empty if there is no dot.
    package var lowercasedExtension: String { self.extension?.lowercased() ?? "" }

    /// Orders by bytes, which for UTF-8 is the order of code points.
    package static func isOrdered(_ a: FilePath, before b: FilePath) -> Bool {
        a.withPlatformString { a in b.withPlatformString { strcmp(a, $0) < 0 } }
    }

    /// The path as text that is safe to print: bytes that are not UTF-8 are written as `\xe9`, control characters as
    /// `\u{1b}`.
    package var terminalText: String { withPlatformString { TerminalText.escaped($0) } }
}

extension DefaultStringInterpolation {
    /// Appends ``FilePath/terminalText``, so that no message that contains a path can control the terminal.
    package mutating func appendInterpolation(_ path: FilePath) { appendLiteral(path.terminalText) }
}
