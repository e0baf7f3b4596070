import Cresset
import CressetData

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The kind of a directory entry.
package enum EntryKind {
    case file
    case directory
    /// A symbolic link, or an entry whose file system does not report its kind.
    case unknown
    /// A pipe, socket or device.
    case special

    /// The kind that a listing states as a `DT_` constant.
    init(_ constant: Int) {
        self =
            switch constant {
            case Int(DT_REG): .file
            case Int(DT_DIR): .directory
            case Int(DT_LNK), Int(DT_UNKNOWN): .unknown
            default: .special
            }
    }
}

/// The entries of a directory, without "." and "..", sorted by the bytes of their names.
///
/// Makes no system call other than for the listing: none per file.
package func listDirectory(_ path: FilePath) throws(ImageError) -> [(name: FilePath, kind: EntryKind)] {
    guard let directory = path.withPlatformString({ opendir($0) }) else {
        throw .system(operation: "open the folder", code: errno)
    }
    defer { closedir(directory) }
    do throws(SystemError) {
        return try SystemFiles.entries(of: directory, in: path).map { ($0.name, EntryKind($0.kind)) }
    } catch {
        throw .system(operation: "read the folder", code: error.code)
    }
}

/// Lends the entries of a directory as they come, until `body` returns false: to look at the first few of many.
///
/// A directory that cannot be read has none.
func visitDirectory(_ path: FilePath, _ body: (FilePath, EntryKind) -> Bool) {
    guard let directory = path.withPlatformString({ opendir($0) }) else { return }
    defer { closedir(directory) }
    try? SystemFiles.visitEntries(of: directory, in: path) { body($0, EntryKind($1)) }
}

/// The identity of a directory, whichever path leads to it.
package struct DirectoryIdentity: Hashable {
    let device: UInt64
    let node: UInt64
}

/// What `path` leads to when links are followed, with its identity.
package func resolve(_ path: FilePath) throws(ImageError) -> (kind: EntryKind, identity: DirectoryIdentity) {
    var status = stat()
    guard path.withPlatformString({ stat($0, &status) }) == 0 else {
        throw errno == ENOENT || errno == ELOOP
            ? .deadLink(isCircle: errno == ELOOP) : .system(operation: "open", code: errno)
    }
    let identity = DirectoryIdentity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
    switch status.st_mode & S_IFMT {
    case S_IFREG: return (.file, identity)
    case S_IFDIR: return (.directory, identity)
    default: return (.special, identity)
    }
}
