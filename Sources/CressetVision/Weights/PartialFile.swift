import Cresset
import Glibc

/// An unfinished download: `<file>.partial`, locked so that one process writes it and others wait.
///
/// The lock is `flock` on the file itself, which the system releases even when a process is killed; what was received
/// is kept for the next attempt.
final class PartialFile {
    let path: FilePath
    private let descriptor: Int32

    private init(_ path: FilePath, _ descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens and locks the file at `path`, or returns nil if `isFinished` becomes true while another process has it.
    static func locked(_ path: FilePath, isFinished: () -> Bool) throws(WeightsError) -> PartialFile? {
        while true {
            let descriptor = path.withPlatformString { open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644) }
            guard descriptor >= 0 else { throw unwritable(path, errno) }
            let file = PartialFile(path, descriptor)
            while flock(descriptor, LOCK_EX) != 0 {
                if errno != EINTR { throw unwritable(path, errno) }
            }
            let isCurrent = file.isStillAtItsPath
            if isFinished() {
                // Ours may be a new, empty file, created after the other process renamed its own.
                if isCurrent { file.remove() }
                return nil
            }
            if isCurrent { return file }
        }
    }

    private var isStillAtItsPath: Bool { isFile(at: path) }

    /// Whether this is the file at `path`, under whatever name.
    func isFile(at path: FilePath) -> Bool {
        var (mine, there) = (stat(), stat())
        guard fstat(descriptor, &mine) == 0, path.withPlatformString({ lstat($0, &there) }) == 0 else { return false }
        return mine.st_ino == there.st_ino && mine.st_dev == there.st_dev
    }

    /// Bytes received so far.
    var byteCount: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Drops everything received.
    func clear() throws(WeightsError) {
        guard ftruncate(descriptor, 0) == 0 else { throw Self.unwritable(path, errno) }
    }

    /// Adds `bytes` at the end.
    func append(_ bytes: UnsafeRawBufferPointer) throws(WeightsError) {
        guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw Self.unwritable(path, errno) }
        let code = SystemFiles.write(bytes, to: descriptor)
        if code != 0 { throw Self.unwritable(path, code) }
    }

    func remove() { _ = path.withPlatformString { unlink($0) } }

    /// Gives the file its final name, once all of it has been written to disk.
    func moveIntoPlace(_ target: FilePath) throws(WeightsError) {
        guard fsync(descriptor) == 0,
            path.withPlatformString({ from in target.withPlatformString { rename(from, $0) } }) == 0
        else { throw Self.unwritable(target, errno) }
        let folder = target.parent.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func unwritable(_ path: FilePath, _ code: Int32) -> WeightsError {
        WeightsError(
            .unwritable, "\(path): cannot be written: \(systemMessage(code))",
            hint: hint(code), systemCode: code)
    }

    private static func hint(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "free some space, or set TORCH_HOME to a folder on another disk"
        case ELOOP: "it is a symbolic link, which is not written through: remove it"
        default: "set TORCH_HOME to a folder that you may write to"
        }
    }
}
