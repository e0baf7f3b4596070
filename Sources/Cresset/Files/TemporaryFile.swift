import Glibc
import Synchronization
import SystemPackage

/// A file that is written next to its target, under a separate name, and renamed once it is complete.
///
/// It is locked (`flock`) as long as its process works on it; the system releases the lock when the process ends, however
/// it ends. So a file that can be locked was abandoned, also where numbers of processes repeat, as they do in containers.
final class TemporaryFile {
    static let prefix = AtomicFile.temporaryPrefix

    let descriptor: Int32
    private let path: FilePath
    private var isInPlace = false

    /// Creates and locks a file in `folder`. Errors name `target`.
    init(in folder: FilePath, for target: FilePath, mode: mode_t) throws(AtomicFile.WriteError) {
        while true {
            // Not derived from the target's name, which may already have the maximum length.
            let name = Self.prefix + String(UInt64.random(in: .min ... .max), radix: 36)
            let path = folder.appending(name)
            let descriptor = path.withPlatformString {
                open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
            }
            guard descriptor >= 0 else { throw AtomicFile.WriteError(target, "created", errno) }
            // Some file systems have no locks. Where somebody else has this one, they clear up, and took it for abandoned.
            let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
            var status = stat()
            if isLocked, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
                self.path = path
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    deinit {
        if !isInPlace { _ = path.withPlatformString { unlink($0) } }
        close(descriptor)
    }

    /// Puts the file in place of `target`.
    func rename(to target: FilePath, for path: FilePath) throws(AtomicFile.WriteError) {
        let status = self.path.withPlatformString { from in target.withPlatformString { Glibc.rename(from, $0) } }
        guard status == 0 else { throw AtomicFile.WriteError(path, "renamed into place", errno) }
        isInPlace = true
    }

    // MARK: What killed processes left

    /// The folders that this process has cleared.
    private static let cleared = Mutex<Set<FilePath>>([])

    /// Removes what killed processes left in `folder`. A process looks at each folder once: reading a large one takes time.
    static func removeAbandoned(in folder: FilePath) {
        guard cleared.withLock({ $0.insert(folder).inserted }) else { return }
        guard let stream = folder.withPlatformString({ opendir($0) }) else { return }
        defer { closedir(stream) }
        let place = dirfd(stream)
        while let entry = readdir(stream) {
            withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { name in
                    if strncmp(name, prefix, prefix.utf8.count) == 0 { removeIfAbandoned(name, in: place) }
                }
            }
        }
    }

    private static func removeIfAbandoned(_ name: UnsafePointer<CChar>, in folder: Int32) {
        let file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { unlinkat(folder, name, 0) }
    }
}
