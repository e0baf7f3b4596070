import CZlib

/// The members of a zip file, read as strictly as the format allows.
///
/// Where two readers could disagree about a file, it is rejected: the central directory must agree with each local
/// header, names must be unique, members must be inside the file without overlapping. Only stored and deflated members
/// are read, and every byte used is checked against its CRC-32. Nothing is ever extracted to disk; a name is only a
/// key.
package struct ZipArchive {
    /// A file inside the archive.
    package struct Member {
        package var name: String
        var isDeflated: Bool
        var crc: UInt32
        /// Bytes in the file.
        var storedCount: Int
        /// Bytes after inflating.
        var byteCount: Int
        /// Where the bytes begin in the file.
        var dataOffset: Int
    }

    static let memberLimit = 200_000
    /// Deflate reaches at most 1,032, for bytes that are all the same.
    static let ratioLimit = 1_000
    /// How far all members together may inflate per byte of the file, beyond the first 64 MiB. Weights hardly compress.
    static let totalRatioLimit = 50

    let file: ReadableFile
    package private(set) var members: [String: Member] = [:]

    /// Opens the archive at `path`.
    package init(contentsOf path: FilePath) throws(CheckpointError) { try self.init(ReadableFile(path)) }

    init(_ file: ReadableFile) throws(CheckpointError) {
        self.file = file
        let directory = try ZipDirectory(file)
        let bytes = try file.bytes(at: directory.offset, count: directory.byteCount)
        var records = ZipRecords(bytes, memberCount: directory.memberCount)
        var extents: [(start: Int, end: Int)] = []
        var inflated = ByteCount(0)
        let inflationLimit = try ByteCount(file.byteCount) * ByteCount(Self.totalRatioLimit) + ByteCount(64 << 20)
        while let record = try records.next() {
            if record.member.isDeflated { inflated = try inflated + ByteCount(record.member.byteCount) }
            guard inflated <= inflationLimit else {
                throw CheckpointError(
                    .corrupt, "its zip archive would inflate to more than \(Self.totalRatioLimit) times its size",
                    hint: "if you trust it, zip it again without compression: zip -0")
            }
            let member = try locate(record, before: directory.offset)
            guard members.updateValue(member, forKey: member.name) == nil else {
                throw CheckpointError(.corrupt, "its zip directory has \(printable(member.name)) twice")
            }
            extents.append((record.headerOffset, member.dataOffset + member.storedCount))
        }
        extents.sort { $0.start < $1.start }
        for (one, next) in zip(extents, extents.dropFirst()) where one.end > next.start {
            throw CheckpointError(.corrupt, "members of its zip archive overlap")
        }
    }

    /// Checks the local header that belongs to `record`, and finds the data after it.
    private func locate(_ record: ZipRecords.Record, before limit: Int) throws(CheckpointError) -> Member {
        let shown = printable(record.member.name)
        let offset = record.headerOffset
        guard offset <= limit - 30 else { throw CheckpointError(.corrupt, "zip member \(shown) lies outside the file") }
        let header = try file.bytes(at: offset, count: 30)
        guard littleEndian(header, 0, as: UInt32.self) == 0x0403_4B50 else {
            throw CheckpointError(.corrupt, "zip member \(shown) has no local header")
        }
        let nameCount = Int(littleEndian(header, 26, as: UInt16.self))
        let extraCount = Int(littleEndian(header, 28, as: UInt16.self))
        guard nameCount + extraCount <= limit - 30 - offset else {
            throw CheckpointError(.corrupt, "zip member \(shown) lies outside the file")
        }
        let tail = try file.bytes(at: offset + 30, count: nameCount + extraCount)
        var member = record.member
        member.dataOffset = offset + 30 + nameCount + extraCount
        guard member.storedCount <= limit - member.dataOffset else {
            throw CheckpointError(.corrupt, "zip member \(shown) lies outside the file")
        }
        guard tail[..<nameCount].elementsEqual(record.nameBytes),
            try ZipLocalHeader(header, extra: Array(tail[nameCount...])).agrees(with: record)
        else {
            throw CheckpointError(.corrupt, "the two headers of zip member \(shown) disagree")
        }
        return member
    }

    /// The contents of a member of at most `limit` bytes.
    package func contents(_ member: Member, limit: Int) throws(CheckpointError) -> [UInt8] {
        guard member.byteCount <= limit else {
            throw CheckpointError(.corrupt, "zip member \(printable(member.name)) has \(member.byteCount) bytes")
        }
        try verifyBeforeAllocating(member)
        var failure: CheckpointError?
        let bytes = [UInt8](unsafeUninitializedCapacity: member.byteCount) { buffer, initialized in
            do throws(CheckpointError) {
                try read(member, into: UnsafeMutableRawBufferPointer(buffer))
                initialized = member.byteCount
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Throws unless a deflated member inflates to what it claims, without keeping any of it.
    ///
    /// Must be called before memory for ``Member/byteCount`` bytes is allocated. Stored members need no check: their
    /// bytes are in the file.
    func verifyBeforeAllocating(_ member: Member) throws(CheckpointError) {
        guard member.isDeflated else { return }
        var crc: UInt = 0
        try Inflation(member, file).run { chunk throws(CheckpointError) in crc = checksum(chunk, crc) }
        try check(crc, member)
    }

    /// Fills `buffer`, of exactly the member's length, and checks the checksum.
    func read(_ member: Member, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        precondition(buffer.count == member.byteCount, "ZipArchive.read: wrong length")
        if member.isDeflated {
            var filled = 0
            try Inflation(member, file).run { chunk throws(CheckpointError) in
                UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(from: chunk)
                filled += chunk.count
            }
        } else {
            try file.read(into: buffer, at: member.dataOffset)
        }
        try check(checksum(UnsafeRawBufferPointer(buffer), 0), member)
    }

    private func check(_ crc: UInt, _ member: Member) throws(CheckpointError) {
        guard UInt32(truncatingIfNeeded: crc) == member.crc else {
            throw CheckpointError(
                .corrupt, "checksum (CRC-32) of \(printable(member.name)) is wrong: the file is damaged",
                hint: "copy or download it again")
        }
    }

    private func checksum(_ bytes: UnsafeRawBufferPointer, _ start: UInt) -> UInt {
        guard let base = bytes.baseAddress else { return start }
        return UInt(crc32_z(start, base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }
}
