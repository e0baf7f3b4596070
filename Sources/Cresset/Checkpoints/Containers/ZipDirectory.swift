/// Finds the central directory of a zip file from its end record.
struct ZipDirectory {
    let offset: Int
    let byteCount: Int
    let memberCount: Int

    init(_ file: ReadableFile) throws(CheckpointError) {
        // The end record is 22 bytes and a comment of at most 65,535.
        let tailCount = min(file.byteCount, 22 + 65_535)
        let tail = try file.bytes(at: file.byteCount - tailCount, count: tailCount)
        guard let at = Self.endRecord(in: tail) else {
            throw CheckpointError(
                .truncated, "the file is truncated: the zip directory at its end is missing",
                hint: "copy or download it again")
        }
        let position = file.byteCount - tailCount + at
        func short(_ field: Int) -> UInt16 { littleEndian(tail, at + field) }
        func word(_ field: Int) -> UInt32 { littleEndian(tail, at + field) }
        var end = (disk: UInt64(short(4)), startDisk: UInt64(short(6)), onDisk: UInt64(short(8)))
        var stated = (count: UInt64(short(10)), size: UInt64(word(12)), offset: UInt64(word(16)))
        var directoryEnd = position
        if let wide = try Self.zip64Record(file, before: position) {
            // Fields that are not all ones must agree, so that no two readers see different archives.
            guard stated.count == 0xFFFF || stated.count == wide.count,
                stated.size == 0xFFFF_FFFF || stated.size == wide.size,
                stated.offset == 0xFFFF_FFFF || stated.offset == wide.offset
            else { throw CheckpointError(.corrupt, "the two end records of its zip archive disagree") }
            stated = (wide.count, wide.size, wide.offset)
            end = (wide.disk, wide.disk, wide.count)
            directoryEnd = wide.position
        }
        guard end.disk == 0, end.startDisk == 0, end.onDisk == stated.count else {
            throw CheckpointError(.unsupported, "it is one part of a zip archive in several parts")
        }
        let start = try ByteCount(stated: stated.offset, "the place of the zip directory")
        let size = try ByteCount(stated: stated.size, "the length of the zip directory")
        let count = try ByteCount(stated: stated.count, "the number of zip members")
        guard try start + size == ByteCount(directoryEnd) else {
            throw CheckpointError(.corrupt, "its zip directory is not where its end record says")
        }
        guard count.value <= ZipArchive.memberLimit, try count * ByteCount(46) <= size else {
            throw CheckpointError(.corrupt, "its zip directory claims \(count.value) members")
        }
        (offset, byteCount, memberCount) = (start.value, size.value, count.value)
    }

    /// The last end record whose comment reaches exactly to the end of the file.
    private static func endRecord(in tail: [UInt8]) -> Int? {
        guard tail.count >= 22 else { return nil }
        for at in stride(from: tail.count - 22, through: 0, by: -1)
        where tail[at] == 0x50 && littleEndian(tail, at, as: UInt32.self) == 0x0605_4B50 {
            if at + 22 + Int(littleEndian(tail, at + 20, as: UInt16.self)) == tail.count { return at }
        }
        return nil
    }

    private typealias Wide = (position: Int, disk: UInt64, count: UInt64, size: UInt64, offset: UInt64)

    /// The zip64 end record, if a locator precedes the end record.
    private static func zip64Record(_ file: ReadableFile, before end: Int) throws(CheckpointError) -> Wide? {
        guard end >= 20 else { return nil }
        let locator = try file.bytes(at: end - 20, count: 20)
        guard littleEndian(locator, 0, as: UInt32.self) == 0x0706_4B50 else { return nil }
        let position = try ByteCount(stated: littleEndian(locator, 8, as: UInt64.self), "the place of the zip64 record")
        // Exactly 56 bytes between the directory and the locator: nothing uses the extensible part.
        guard try position + ByteCount(56 + 20) == ByteCount(end) else {
            throw CheckpointError(.corrupt, "its zip64 end record is not where its locator says")
        }
        let record = try file.bytes(at: position.value, count: 56)
        guard littleEndian(record, 0, as: UInt32.self) == 0x0606_4B50,
            littleEndian(record, 4, as: UInt64.self) == 44
        else { throw CheckpointError(.corrupt, "its zip64 end record is damaged") }
        let disk = UInt64(littleEndian(record, 16, as: UInt32.self)) | UInt64(littleEndian(record, 20, as: UInt32.self))
        let count: UInt64 = littleEndian(record, 32)
        guard littleEndian(record, 24, as: UInt64.self) == count else {
            throw CheckpointError(.unsupported, "it is one part of a zip archive in several parts")
        }
        return (position.value, disk, count, littleEndian(record, 40), littleEndian(record, 48))
    }
}

/// The records of a central directory, in order.
struct ZipRecords {
    struct Record {
        var member: ZipArchive.Member
        var nameBytes: [UInt8]
        var headerOffset: Int
        var flags: UInt16
    }

    private let bytes: [UInt8]
    private var left: Int
    private var position = 0

    init(_ bytes: [UInt8], memberCount: Int) {
        self.bytes = bytes
        left = memberCount
    }

    mutating func next() throws(CheckpointError) -> Record? {
        guard left > 0 else {
            guard position == bytes.count else {
                throw CheckpointError(.corrupt, "its zip directory is longer than its members need")
            }
            return nil
        }
        left -= 1
        let at = position
        guard bytes.count - at >= 46, littleEndian(bytes, at, as: UInt32.self) == 0x0201_4B50 else {
            throw CheckpointError(.corrupt, "its zip directory is damaged")
        }
        func short(_ field: Int) -> Int { Int(littleEndian(bytes, at + field, as: UInt16.self)) }
        func word(_ field: Int) -> UInt64 { UInt64(littleEndian(bytes, at + field, as: UInt32.self)) }
        let (nameCount, extraCount, commentCount) = (short(28), short(30), short(32))
        guard bytes.count - at - 46 >= nameCount + extraCount + commentCount else {
            throw CheckpointError(.corrupt, "its zip directory is damaged")
        }
        position = at + 46 + nameCount + extraCount + commentCount
        let nameBytes = Array(bytes[at + 46..<at + 46 + nameCount])
        let extra = Array(bytes[at + 46 + nameCount..<at + 46 + nameCount + extraCount])
        var fields = [word(24), word(20), word(42)]
        try widen(&fields, extra)
        let name = String(decoding: nameBytes, as: UTF8.self)
        guard short(34) == 0 else {
            throw CheckpointError(.unsupported, "it is one part of a zip archive in several parts")
        }
        let member = try Self.member(name, method: short(10), flags: short(8), crc: UInt32(word(16)), fields)
        let offset = try ByteCount(stated: fields[2], "the place of a zip member")
        return Record(
            member: member, nameBytes: nameBytes, headerOffset: offset.value, flags: UInt16(short(8)))
    }

    private static func member(
        _ name: String, method: Int, flags: Int, crc: UInt32, _ fields: [UInt64]
    ) throws(CheckpointError) -> ZipArchive.Member {
        let shown = printable(name)
        guard flags & 0x2041 == 0 else { throw CheckpointError(.unsupported, "zip member \(shown) is encrypted") }
        guard method == 0 || method == 8 else {
            throw CheckpointError(
                .unsupported, "zip member \(shown) is compressed by method \(method)",
                hint: "zip it again stored or deflated")
        }
        let stored = try ByteCount(stated: fields[1], "the length of zip member \(shown)")
        let full = try ByteCount(stated: fields[0], "the length of zip member \(shown)")
        let isPlausible =
            try method == 0 ? stored == full : full <= stored * ByteCount(ZipArchive.ratioLimit) + ByteCount(64)
        guard isPlausible else {
            throw CheckpointError(
                .corrupt, "zip member \(shown) claims \(full.value) bytes, packed in \(stored.value)")
        }
        return ZipArchive.Member(
            name: name, isDeflated: method == 8, crc: crc, storedCount: stored.value, byteCount: full.value,
            dataOffset: 0)
    }
}

/// Replaces fields that are all ones with the 64-bit numbers of the zip64 extra field, which are in the same order.
func widen(_ fields: inout [UInt64], _ extra: [UInt8]) throws(CheckpointError) {
    guard fields.contains(0xFFFF_FFFF) else { return }
    var at = 0
    while extra.count - at >= 4 {
        let kind: UInt16 = littleEndian(extra, at)
        let count = Int(littleEndian(extra, at + 2, as: UInt16.self))
        guard extra.count - at - 4 >= count else { break }
        if kind == 1 {
            var field = at + 4
            for i in fields.indices where fields[i] == 0xFFFF_FFFF {
                guard field + 8 <= at + 4 + count else {
                    throw CheckpointError(.corrupt, "a zip64 field is too short")
                }
                fields[i] = littleEndian(extra, field)
                field += 8
            }
            return
        }
        at += 4 + count
    }
}

/// What a local header states about its member.
struct ZipLocalHeader {
    private let flags: UInt16
    private let method: UInt16
    private let crc: UInt32
    private var sizes: [UInt64]

    init(_ header: [UInt8], extra: [UInt8]) throws(CheckpointError) {
        flags = littleEndian(header, 6)
        method = littleEndian(header, 8)
        crc = littleEndian(header, 14)
        // In the order of the zip64 extra field: full, then stored.
        sizes = [
            UInt64(littleEndian(header, 22, as: UInt32.self)), UInt64(littleEndian(header, 18, as: UInt32.self)),
        ]
        try widen(&sizes, extra)
    }

    func agrees(with record: ZipRecords.Record) -> Bool {
        let member = record.member
        guard flags == record.flags, method == (member.isDeflated ? 8 : 0) else { return false }
        let isSame =
            crc == member.crc && sizes[0] == UInt64(member.byteCount) && sizes[1] == UInt64(member.storedCount)
        // Bit 3: the numbers follow the data, and may be zero here.
        let isLater = flags & 8 != 0 && crc == 0 && sizes.allSatisfy { $0 == 0 || $0 == 0xFFFF_FFFF }
        return isSame || isLater
    }
}
