#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Makes text from outside (a file's name or contents, the network) safe for a terminal.
package enum TerminalText {
    /// `text` with control characters written out as `\u{1b}`, so that it cannot move the cursor, change colours,
    /// reverse the writing direction or fake a line.
    ///
    /// - Parameters:
    ///   - keepsLines: Whether line feeds stay.
    ///   - limit: The maximum number of characters to show; an ellipsis stands for the rest.
    package static func escaped(_ text: String, keepsLines: Bool = false, limit: Int = .max) -> String {
        var result = ""
        var length = 0
        for scalar in text.unicodeScalars {
            if length == limit { return result + "…" }
            length += 1
            if isPrintable(scalar) || keepsLines && scalar == "\n" {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            }
        }
        return result
    }

    /// The text of a C string, with bytes that are not UTF-8 written out as `\xe9`, and control characters as above.
    package static func escaped(_ string: UnsafePointer<CChar>) -> String {
        var rest = UnsafeRawBufferPointer(start: string, count: strlen(string))[...]
        if let text = String(validating: rest, as: UTF8.self) { return escaped(text) }
        var result = ""
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            if let text = String(validating: rest.prefix(length), as: UTF8.self), text.unicodeScalars.count == 1 {
                result += escaped(text)
                rest = rest.dropFirst(length)
            } else {
                result += (first < 0x10 ? "\\x0" : "\\x") + String(first, radix: 16)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20..<0x7F: return true
        // Joiners affect only the adjacent letters or emoji.
        case 0x200C, 0x200D: return true
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        default: return true
        }
    }
}
