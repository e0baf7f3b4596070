import Cresset
import Foundation

/// Writes zip files, valid and invalid ones.
struct ZipWriter {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    var count = 0
    /// Whether sizes are written to the 64-bit fields.
    var isWide = false

    /// Adds a member.
    ///
    /// - Parameters:
    ///   - packed: Its deflated form; nil to store it.
    ///   - offset: The offset in the directory; nil for the true one.
    ///   - localName: The name in its local header; nil for the same.
    mutating func add(
        _ name: String, _ contents: [UInt8], packed: [UInt8]? = nil, claimed: Int? = nil, crc: UInt32? = nil,
        offset: Int? = nil, localName: String? = nil
    ) {
        let stored = packed ?? contents
        let full = UInt64(claimed ?? contents.count)
        let isWide = isWide
        func narrow(_ value: UInt64) -> [UInt8] {
            littleEndianBytes(isWide ? UInt32.max : UInt32(truncatingIfNeeded: value))
        }
        let start = UInt64(offset ?? bytes.count)
        let wideSizes = littleEndianBytes(full) + littleEndianBytes(UInt64(stored.count))
        func field(_ values: [UInt8]) -> [UInt8] {
            isWide ? littleEndianBytes(UInt16(1)) + littleEndianBytes(UInt16(values.count)) + values : []
        }
        let (localField, directoryField) = (field(wideSizes), field(wideSizes + littleEndianBytes(start)))
        let method: UInt16 = packed == nil ? 0 : 8
        var common = littleEndianBytes(UInt16(20)) + littleEndianBytes(UInt16(0)) + littleEndianBytes(method)
        common += [0, 0, 0, 0] + littleEndianBytes(crc ?? crc32(contents))
        common += narrow(UInt64(stored.count)) + narrow(full) + littleEndianBytes(UInt16(name.utf8.count))
        directory += littleEndianBytes(UInt32(0x0201_4B50)) + [20, 0] + common
        directory += littleEndianBytes(UInt16(directoryField.count)) + [UInt8](repeating: 0, count: 10)
        directory += narrow(start) + Array(name.utf8) + directoryField
        bytes += littleEndianBytes(UInt32(0x0403_4B50)) + common + littleEndianBytes(UInt16(localField.count))
        bytes += Array((localName ?? name).utf8) + localField + stored
        count += 1
    }

    func finished(claimedCount: Int? = nil) -> [UInt8] {
        var result = bytes + directory
        let stated = UInt64(claimedCount ?? count)
        if isWide {
            result += littleEndianBytes(UInt32(0x0606_4B50)) + littleEndianBytes(UInt64(44)) + [45, 0, 45, 0]
            result += [UInt8](repeating: 0, count: 8) + littleEndianBytes(stated) + littleEndianBytes(stated)
            result += littleEndianBytes(UInt64(directory.count)) + littleEndianBytes(UInt64(bytes.count))
            result += littleEndianBytes(UInt32(0x0706_4B50)) + [0, 0, 0, 0]
            result += littleEndianBytes(UInt64(bytes.count + directory.count)) + [1, 0, 0, 0]
        }
        let short = isWide ? UInt16.max : UInt16(truncatingIfNeeded: stated)
        result += littleEndianBytes(UInt32(0x0605_4B50)) + [0, 0, 0, 0] + littleEndianBytes(short)
        result += littleEndianBytes(short) + littleEndianBytes(isWide ? .max : UInt32(directory.count))
        result += littleEndianBytes(isWide ? UInt32.max : UInt32(bytes.count)) + [0, 0]
        return result
    }

    /// Deflate's format for uncompressed bytes, in one block of at most 65,535.
    static func deflatedStored(_ contents: [UInt8]) -> [UInt8] {
        let count = UInt16(contents.count)
        return [1] + littleEndianBytes(count) + littleEndianBytes(~count) + contents
    }
}

/// The checksum used in zip files.
func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = .max
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
}
