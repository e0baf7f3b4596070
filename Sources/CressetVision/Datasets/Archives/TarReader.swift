import Cresset

/// The members of a tar file, compressed with gzip or not, one after another.
///
/// Reads what tar programs write: the original format, ustar, GNU's long names and pax records. Every header must have its
/// checksum.
final class TarReader {
    /// A member of the archive.
    struct Member {
        let name: String
        /// Whether it is a regular file, and not a folder, a link or a device.
        let isFile: Bool
        let isFolder: Bool
        let byteCount: Int
        /// Where its bytes begin in the file, or in what the file inflates to.
        let offset: Int
    }

    private let path: FilePath
    private let file: CompressedFile
    /// Bytes of the archive that have been read.
    private var position = 0
    /// Bytes of the current member and its padding that have not been read.
    private var unread = 0
    private var memberCount = 0

    private static let memberLimit = 2_000_000
    /// What a name or a record of names may take.
    private static let recordLimit = 1 << 20
    /// How far an archive may inflate per byte of its file, beyond the first 64 MiB. Pictures hardly compress.
    private static let ratioLimit = 50

    init(_ path: FilePath) throws(ArchiveError) {
        self.path = path
        do throws(CompressedFile.Fault) { file = try CompressedFile(path) } catch { throw ArchiveError(path, error) }
    }

    /// Whether the file is not compressed: then a member's offset is its place in the file.
    var isPlain: Bool { file.isPlain }

    /// The next member, or nil after the last.
    func next() throws(ArchiveError) -> Member? {
        var longName: String?
        var longCount: Int?
        while true {
            try skip(unread)
            unread = 0
            guard let header = try block() else {
                if memberCount == 0 { throw malformed("is not a tar archive") }
                return nil
            }
            guard TarHeader.isHeader(header), let stated = TarHeader.number(header[124..<136]) else {
                throw malformed(
                    memberCount == 0 ? "is not a tar archive" : "its header at byte \(position - 512) is damaged")
            }
            memberCount += 1
            if memberCount > Self.memberLimit { throw malformed("has more than \(Self.memberLimit) members") }
            let kind = header[156]
            let byteCount = longCount ?? stated
            guard byteCount < 1 << 50 else { throw malformed("has a member of \(byteCount) bytes") }
            unread = (byteCount + 511) / 512 * 512
            switch kind {
            case UInt8(ascii: "L"): longName = text(try record(byteCount).prefix { $0 != 0 })
            case UInt8(ascii: "x"):
                let fields = TarHeader.fields(try record(byteCount))
                longName = fields["path"].map { text($0[...]) } ?? longName
                longCount = fields["size"].flatMap { Int(String(decoding: $0, as: UTF8.self)) }
                if let longCount, longCount < 0 { throw malformed("has a member of a negative size") }
            case UInt8(ascii: "g"), UInt8(ascii: "K"): break
            default:
                let name = longName ?? TarHeader.name(header)
                let isFile = [0, UInt8(ascii: "0"), UInt8(ascii: "7")].contains(kind)
                // The oldest format marks a folder by its name alone.
                let isFolder = kind == UInt8(ascii: "5") || (isFile && name.hasSuffix("/"))
                return Member(
                    name: name, isFile: isFile && !isFolder, isFolder: isFolder, byteCount: byteCount,
                    offset: position)
            }
        }
    }

    /// The bytes of the member that ``next()`` gave last, at most once.
    func contents(of member: Member) throws(ArchiveError) -> [UInt8] {
        let bytes = try read(member.byteCount)
        unread -= member.byteCount
        return bytes
    }

    /// A header, or nil at the end.
    private func block() throws(ArchiveError) -> [UInt8]? {
        let isAtEnd: Bool
        do throws(CompressedFile.Fault) { isAtEnd = try file.isAtEnd() } catch { throw ArchiveError(path, error) }
        if isAtEnd { return nil }
        let header = try read(512)
        return header.allSatisfy { $0 == 0 } ? nil : header
    }

    private func record(_ count: Int) throws(ArchiveError) -> [UInt8] {
        guard count <= Self.recordLimit else { throw malformed("has a name of \(count) bytes") }
        let bytes = try read(count)
        unread -= count
        return bytes
    }

    private func read(_ count: Int) throws(ArchiveError) -> [UInt8] {
        try advance(count)
        do throws(CompressedFile.Fault) { return try file.read(count) } catch { throw ArchiveError(path, error) }
    }

    private func skip(_ count: Int) throws(ArchiveError) {
        try advance(count)
        do throws(CompressedFile.Fault) { try file.skip(count) } catch { throw ArchiveError(path, error) }
    }

    private func advance(_ count: Int) throws(ArchiveError) {
        position += count
        let limit = file.storedCount.multipliedReportingOverflow(by: Self.ratioLimit).partialValue
        if position > limit + (64 << 20) {
            throw ArchiveError(
                .hostile, path, "would inflate to more than \(Self.ratioLimit) times its size",
                hint: "if you trust it, unpack it")
        }
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func malformed(_ problem: String) -> ArchiveError { ArchiveError(.malformed, path, problem) }
}

extension TarHeader {
    /// The name, with ustar's prefix.
    fileprivate static func name(_ block: [UInt8]) -> String {
        let name = String(decoding: block[..<100].prefix { $0 != 0 }, as: UTF8.self)
        // GNU's format has other things in the place of the prefix, and a space after "ustar".
        guard block[257..<263].elementsEqual(Array("ustar\0".utf8)) else { return name }
        let prefix = String(decoding: block[345..<500].prefix { $0 != 0 }, as: UTF8.self)
        return prefix.isEmpty ? name : prefix + "/" + name
    }

    /// The lines of a pax record: "LENGTH NAME=VALUE\n".
    fileprivate static func fields(_ record: [UInt8]) -> [String: [UInt8]] {
        var fields: [String: [UInt8]] = [:]
        var rest = record[...]
        while let space = rest.firstIndex(of: 0x20), let count = Int(String(decoding: rest[..<space], as: UTF8.self)),
            count > 0, count <= rest.count, space < rest.startIndex + count
        {
            let line = rest[(space + 1)..<(rest.startIndex + count)].dropLast()
            if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
                fields[String(decoding: line[..<equals], as: UTF8.self)] = Array(line[(equals + 1)...])
            }
            rest = rest.dropFirst(count)
        }
        return fields
    }
}
