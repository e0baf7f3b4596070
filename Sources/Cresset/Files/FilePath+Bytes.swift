import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension FilePath {
    /// The path with the given bytes. Those from the first zero on are left out, as the system would ignore them.
    package init(bytes: some Sequence<UInt8>) {
        self.init(platformString: bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0])
    }

    /// The bytes of the path, without the zero at its end.
    package var bytes: [UInt8] {
        withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }

    /// The folder that the path lies in: "." when it names none.
    package var parent: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    /// The name at the path's end, as text that is safe to print; all of a path that has none.
    package var name: String {
        lastComponent?.withPlatformString { TerminalText.escaped($0) } ?? terminalText
    }

    /// The letters after the name's last dot, in lower case; empty when there is no dot.
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
    /// Appends ``FilePath/terminalText``, so that no message with a path in it can act on the terminal.
    package mutating func appendInterpolation(_ path: FilePath) { appendLiteral(path.terminalText) }
}
