/// The checksum of TensorBoard's files: a cyclic redundancy check with Castagnoli's polynomial.
///
/// Source: RFC 3720, appendix B.4, whose examples are tested.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? 0x82f6_3b78 ^ rest >> 1 : rest >> 1 }
    }

    /// The checksum of `bytes`.
    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
    }

    /// The checksum as TensorFlow stores it: rotated and moved, so that data which hold checksums have good ones, too.
    static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let sum = of(bytes)
        return (sum >> 15 | sum << 17) &+ 0xa282_ead8
    }
}
