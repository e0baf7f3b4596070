/// The header of a member of a tar file: a block of 512 bytes.
package enum TarHeader {
    /// Whether `block`, the first bytes of a file or of a member, is a header: its checksum must be right.
    ///
    /// - Parameter block: At least 512 bytes; fewer are none.
    package static func isHeader(_ block: [UInt8]) -> Bool {
        guard block.count >= 512, let stated = number(block[148..<156]) else { return false }
        let sum = block[..<512].enumerated().reduce(0) { sum, item in
            sum + ((148..<156).contains(item.offset) ? 32 : Int(item.element))
        }
        return sum == stated
    }

    /// The number in a field, or nil: in octal digits, or in base 256 if the first bit is set.
    ///
    /// - Parameter field: The bytes of the field, 8 or 12.
    package static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            guard first == 0x80, field.dropFirst().dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
            return field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
    }
}
