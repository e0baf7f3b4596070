import Cresset

/// The files in an archive, to be read in any order and by several threads.
protocol ArchiveContents: Sendable {
    var names: [String] { get }
    /// Folders that are members themselves, be there files in them or not.
    var folders: [String] { get }
    /// Links, devices and other members that are neither files nor folders.
    var others: [String] { get }
    func bytes(of name: String) throws -> [UInt8]
}

/// The files in a zip archive.
final class ZipContents: ArchiveContents, @unchecked Sendable {
    private let path: FilePath
    // Never changed: reading is by position.
    private let archive: ZipArchive

    init(_ path: FilePath) throws(ArchiveError) {
        self.path = path
        do throws(CheckpointError) {
            archive = try ZipArchive(contentsOf: path)
        } catch {
            throw ArchiveError(path, error)
        }
    }

    var names: [String] { archive.members.keys.filter { !$0.hasSuffix("/") } }
    var folders: [String] { archive.members.keys.filter { $0.hasSuffix("/") } }
    var others: [String] { [] }

    func bytes(of name: String) throws -> [UInt8] {
        guard let member = archive.members[name] else { throw ImageError.notARegularFile }
        do throws(CheckpointError) {
            return try archive.contents(member, limit: FileBytes.maximumByteCount)
        } catch {
            throw ArchiveError(path, error)
        }
    }
}

/// The files in a tar archive: their places in it, or where it is compressed, pictures themselves.
final class TarContents: ArchiveContents {
    private enum Place {
        case range(offset: Int, count: Int)
        case bytes([UInt8])
        /// It is no picture.
        case nowhere
    }

    private let path: FilePath
    private let file: RegularFile
    private let places: [String: Place]
    let folders: [String]
    let others: [String]

    /// What pictures may take that cannot be read in place.
    private static let memoryLimit = 4 << 30

    init(_ path: FilePath) throws(ArchiveError) {
        self.path = path
        do throws(RegularFile.ReadError) {
            file = try RegularFile(path)
        } catch {
            throw ArchiveError(.unreadable, path, error.problem)
        }
        let reader = try TarReader(path)
        var places: [String: Place] = [:]
        var (folders, others): ([String], [String]) = ([], [])
        var byteCount = 0
        while let member = try reader.next() {
            guard member.isFile else {
                if member.isFolder { folders.append(member.name) } else { others.append(member.name) }
                continue
            }
            var place = Place.nowhere
            if FolderScan.isNamedAsPicture(member.name.filePath), member.byteCount <= FileBytes.maximumByteCount {
                if reader.isPlain {
                    place = .range(offset: member.offset, count: member.byteCount)
                } else {
                    byteCount += member.byteCount
                    if byteCount > Self.memoryLimit {
                        throw ArchiveError(
                            .malformed, path, "has more than \(Self.memoryLimit >> 30) GiB of compressed pictures",
                            hint: "they would have to be in memory: uncompress it (gunzip), or unpack it")
                    }
                    place = .bytes(try reader.contents(of: member))
                }
            }
            guard places.updateValue(place, forKey: member.name) == nil else {
                throw ArchiveError(.hostile, path, "has \(printable(member.name)) twice")
            }
        }
        self.places = places
        (self.folders, self.others) = (folders, others)
    }

    var names: [String] { Array(places.keys) }

    func bytes(of name: String) throws -> [UInt8] {
        switch places[name] {
        case .bytes(let bytes): return bytes
        case .range(let offset, let count):
            var bytes = [UInt8](repeating: 0, count: count)
            let filled = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
            return Array(bytes[..<filled])
        case .nowhere, nil: throw ImageError.notARegularFile
        }
    }
}
