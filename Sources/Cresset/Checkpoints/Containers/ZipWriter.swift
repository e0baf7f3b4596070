import CZlib

/// Writes a zip archive of stored members, each aligned for readers that map the file.
///
/// A member is a local header with its checksum, a padding field for the alignment, and the bytes. zip64's wide fields
/// are used if a number does not fit 32 bits.
struct ZipWriter {
    /// Numbers from here on do not fit the original fields: all ones means that the number is elsewhere.
    static let narrowLimit = 0xFFFF_FFFF
    /// PyTorch's alignment of storages.
    static let alignment = 64

    private let handle: AtomicFile.Handle
    private let wideFrom: Int
    private var position = 0
    private var directory: [UInt8] = []
    private var memberCount = 0

    init(_ handle: AtomicFile.Handle, wideFrom: Int) {
        self.handle = handle
        self.wideFrom = wideFrom
    }

    /// Adds a member of the given bytes.
    mutating func add(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        let crc = bytes.baseAddress.map { crc32_z(0, $0.assumingMemoryBound(to: UInt8.self), bytes.count) } ?? 0
        let nameBytes = Array(name.utf8)
        let start = position
        let isWide = bytes.count >= wideFrom
        // 30 bytes of header; 20 for the wide sizes; 4 for the padding field's own header.
        let before = start + 30 + nameBytes.count + (isWide ? 20 : 0) + 4
        let filling = (Self.alignment - before % Self.alignment) % Self.alignment
        var header = fields(0x0403_4B50 as UInt32) + fields(version(isWide))
        header += common(crc: UInt32(truncatingIfNeeded: crc), count: bytes.count, isWide: isWide)
        header += fields(UInt16(nameBytes.count), UInt16((isWide ? 20 : 0) + 4 + filling)) + nameBytes
        if isWide { header += wideField([bytes.count, bytes.count]) }
        header += Array("FB".utf8) + fields(UInt16(filling)) + [UInt8](repeating: UInt8(ascii: "Z"), count: filling)
        try handle.write(header)
        try handle.write(bytes)
        position = before + filling + bytes.count
        addRecord(nameBytes, crc: UInt32(truncatingIfNeeded: crc), count: bytes.count, isWide: isWide, start: start)
    }

    mutating func add(_ name: String, _ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try add(name, $0) } }

    private func version(_ isWide: Bool) -> UInt16 { isWide ? 45 : 20 }

    /// The fields common to local headers and records: flags (names are UTF-8), stored, no date, checksum, sizes.
    private func common(crc: UInt32, count: Int, isWide: Bool) -> [UInt8] {
        let size = isWide ? UInt32.max : UInt32(count)
        // 1 January 1980, the format's first day: the same contents produce the same bytes.
        return fields(0x0800 as UInt16, 0 as UInt16, 0 as UInt16, 0x0021 as UInt16) + fields(crc, size, size)
    }

    private func wideField(_ numbers: [Int]) -> [UInt8] {
        fields(1 as UInt16, UInt16(8 * numbers.count)) + numbers.flatMap { fields(UInt64($0)) }
    }

    private mutating func addRecord(_ name: [UInt8], crc: UInt32, count: Int, isWide: Bool, start: Int) {
        let isFar = start >= wideFrom
        let wide = (isWide ? [count, count] : []) + (isFar ? [start] : [])
        let extra = wide.isEmpty ? [] : wideField(wide)
        directory += fields(0x0201_4B50 as UInt32) + fields(version(isWide || isFar), version(isWide || isFar))
        directory += common(crc: crc, count: count, isWide: isWide)
        directory += fields(UInt16(name.count), UInt16(extra.count), 0 as UInt16, 0 as UInt16, 0 as UInt16)
        directory += fields(0 as UInt32, isFar ? .max : UInt32(start)) + name + extra
        memberCount += 1
    }

    /// Writes the directory, which ends the archive.
    func finish() throws {
        try handle.write(directory)
        let isWide = position >= wideFrom || directory.count >= wideFrom || memberCount >= 0xFFFF
        if isWide {
            let (count, end) = (UInt64(memberCount), position + directory.count)
            var record = fields(0x0606_4B50 as UInt32) + fields(44 as UInt64) + fields(45 as UInt16, 45 as UInt16)
            record += fields(0 as UInt32, 0 as UInt32)
            record += fields(count, count, UInt64(directory.count), UInt64(position))
            record += fields(0x0706_4B50 as UInt32, 0 as UInt32) + fields(UInt64(end)) + fields(1 as UInt32)
            try handle.write(record)
        }
        let count = isWide ? UInt16.max : UInt16(memberCount)
        var end = fields(0x0605_4B50 as UInt32) + fields(0 as UInt16, 0 as UInt16, count, count)
        end += fields(isWide ? .max : UInt32(directory.count), isWide ? .max : UInt32(position)) + fields(0 as UInt16)
        try handle.write(end)
    }

    private func fields<T: FixedWidthInteger>(_ numbers: T...) -> [UInt8] {
        numbers.flatMap { number in (0..<MemoryLayout<T>.size).map { UInt8(truncatingIfNeeded: number >> T(8 * $0)) } }
    }
}
