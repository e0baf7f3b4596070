import Cresset
import Glibc

/// A file that only grows: what is appended is on the disk when the call returns, or the file is as it was.
struct GrowingFile: Sendable {
    let path: FilePath

    /// A new file with these bytes.
    ///
    /// *Throws* ``Failure`` if the file already exists (another run has begun in the folder) or cannot be created.
    init(creating path: FilePath, _ bytes: [UInt8]) throws(Failure) {
        self.path = path
        try append(bytes, flags: O_CREAT | O_EXCL)
    }

    /// A file with these bytes in place of the one at `path`.
    ///
    /// *Throws* an error if the file cannot be written; the earlier one is then unharmed.
    init(replacing path: FilePath, _ bytes: [UInt8]) throws {
        self.path = path
        try AtomicFile.write(to: path) { try $0.write(bytes) }
    }

    /// Adds bytes at the end.
    ///
    /// *Throws* ``Failure`` if that is impossible.
    func append(_ bytes: [UInt8]) throws(Failure) { try append(bytes, flags: 0) }

    private func append(_ bytes: [UInt8], flags: Int32) throws(Failure) {
        // A pipe in place of the file must not make this wait.
        let file = path.withPlatformString {
            open($0, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags, 0o666)
        }
        if file < 0 { throw Failure(system: errno, writing: path) }
        defer { close(file) }
        let start = lseek(file, 0, SEEK_END)
        do throws(Failure) {
            try write(bytes, to: file)
        } catch {
            // If the disk filled up, the part that was written is removed again.
            ftruncate(file, start)
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to file: Int32) throws(Failure) {
        let code = bytes.withUnsafeBytes { SystemFiles.write($0, to: file) }
        if code != 0 { throw Failure(system: code, writing: path) }
        if fsync(file) != 0 { throw Failure(system: errno, writing: path) }
    }
}
