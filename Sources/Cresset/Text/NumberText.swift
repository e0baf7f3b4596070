import Glibc

// Numbers in messages, tables and pictures, as C's formats write them: every digit is that of the exact value, whatever
// the locale.
extension Double {
    /// The number with `digits` digits after the point: C's `%.*f`.
    package func fixed(_ digits: Int) -> String { text("%.*f", digits) }

    /// The number as `1.2346e+04`, with `digits` digits after the point: C's `%.*e`.
    package func scientific(_ digits: Int) -> String { text("%.*e", digits) }

    /// The number to `digits` significant digits, in the shorter of both forms and without trailing zeros: C's `%.*g`.
    package func general(_ digits: Int) -> String { text("%.*g", digits) }

    private func text(_ format: StaticString, _ digits: Int) -> String {
        // There are at most 309 digits before the point; the requested ones follow.
        let room = 320 + max(0, digits)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { buffer in
            let format = UnsafeRawPointer(format.utf8Start).assumingMemoryBound(to: CChar.self)
            let length = withVaList([Int32(digits), self]) { vsnprintf(buffer.baseAddress, room, format, $0) }
            return String(decoding: UnsafeRawBufferPointer(buffer).prefix(Int(length)), as: UTF8.self)
        }
    }
}

extension String {
    /// The text padded on the left with blanks, or the given `filler`, to `width` characters.
    package func leftPadded(to width: Int, with filler: Character = " ") -> String {
        String(repeating: filler, count: Swift.max(0, width - count)) + self
    }

    /// The text followed by blanks, up to `width` characters.
    package func rightPadded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}

extension Int {
    /// `1 picture`, `2 pictures`.
    package func counted(_ noun: String, _ plural: String? = nil) -> String {
        "\(self) " + (self == 1 ? noun : plural ?? noun + "s")
    }

    /// The digits in groups of three: 11,689,512.
    package var grouped: String {
        let digits = String(magnitude)
        let groups = stride(from: digits.count, to: 0, by: -3).map { end in
            digits.dropLast(digits.count - end).suffix(3)
        }
        return (self < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }
}

extension StringProtocol {
    /// The text without blanks, tabs and line breaks at both ends, and without `others`.
    package func trimmed(_ others: Set<Character> = []) -> String {
        func isBlank(_ character: Character) -> Bool { character.isWhitespace || others.contains(character) }
        guard let start = firstIndex(where: { !isBlank($0) }), let end = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[start...end])
    }
}
