import Glibc

/// Writes files completely or not at all.
///
/// The bytes go to a temporary file in the same folder, which is flushed to the disk and then renamed over the target,
/// and the folder is flushed too: after a crash, a full disk or a power cut there is either the old file or the new
/// one.
///
/// ```swift
/// try AtomicFile.write(to: "metrics.csv") { file in
///     try file.write("epoch,loss\n")
/// }
/// ```
///
/// Files that a killed process left half-written in the folder are removed by the next process that writes there.
public enum AtomicFile {
    /// The prefix of temporary files: long enough that no other name begins with it.
    package static let temporaryPrefix = ".tmp-cresset-"

    /// Calls `body` with a handle to write to, and puts what it wrote in place of the file at `path`.
    ///
    /// A symbolic link is followed. The permissions of a file that is replaced are kept.
    ///
    /// - Throws: ``WriteError`` when the system refuses a step, or what `body` throws; the file at `path` is then as it
    ///   was, and no temporary file is left. (Only where the very last step fails, flushing the folder, is the new file
    ///   in place already.)
    public static func write<R>(to path: some PathConvertible, _ body: (Handle) throws -> R) throws -> R {
        try write(to: path, flushes: true, body)
    }

    /// Like ``write(to:_:)``.
    ///
    /// - Parameter flushes: Whether the file must survive a power cut. Otherwise it may then be missing or damaged, which is
    ///   good enough for what can be made anew and has a checksum.
    package static func write<R>(
        to path: some PathConvertible, flushes: Bool, _ body: (Handle) throws -> R
    ) throws -> R {
        let path = path.filePath
        let target = try Target(path)
        let folder = target.path.parent
        TemporaryFile.removeAbandoned(in: folder)
        let temporary = try TemporaryFile(in: folder, for: path, mode: target.mode)
        // The mask has taken permissions away that the replaced file had.
        if target.isReplaced { fchmod(temporary.descriptor, target.mode) }
        let handle = Handle(temporary.descriptor, for: path)
        let result = try body(handle)
        try handle.finish(flushes: flushes)
        try temporary.rename(to: target.path, for: path)
        if flushes { try flush(folder: folder, for: path) }
        return result
    }

    /// Whether a file could be put at `path`, as far as can be told without doing it: better before long work than after.
    ///
    /// - Throws: ``WriteError`` if the folder is missing or closed to this user, or something else is in the file's place.
    package static func check(_ path: FilePath) throws(WriteError) {
        let folder = try Target(path).path.parent
        let isOpen = folder.withPlatformString { access($0, W_OK | X_OK) } == 0
        if !isOpen { throw WriteError(path, "created", errno) }
    }

    /// Removes what killed processes left half-written in `folder`; done by itself where a file is written.
    package static func removeAbandoned(in folder: FilePath) { TemporaryFile.removeAbandoned(in: folder) }

    /// Flushes the folder to disk: only then is the rename itself permanent.
    private static func flush(folder: FilePath, for path: FilePath) throws(WriteError) {
        let descriptor = folder.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw WriteError(path, "flushed to the disk", errno) }
        defer { close(descriptor) }
        // Some network file systems cannot flush a folder and return EINVAL; nothing more can be done there.
        if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP {
            throw WriteError(path, "flushed to the disk", errno)
        }
    }

    /// Where a file really goes.
    private struct Target {
        var path: FilePath
        var mode: mode_t
        var isReplaced = false

        init(_ path: FilePath) throws(WriteError) {
            var status = stat()
            self.path = path
            // The mode `open` would give a new file: the process's mask is applied there.
            mode = 0o666
            if path.withPlatformString({ stat($0, &status) }) == 0 {
                guard status.st_mode & S_IFMT == S_IFREG else {
                    throw WriteError(path, "replaced", status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
                }
                mode = status.st_mode & 0o777
                isReplaced = true
                if let resolved = path.withPlatformString({ realpath($0, nil) }) {
                    self.path = FilePath(platformString: resolved)
                    free(resolved)
                }
            }
        }
    }
}

extension AtomicFile {
    /// A file being written.
    ///
    /// Small writes are buffered, so that a table may be written cell by cell.
    public final class Handle {
        private let path: FilePath
        private let descriptor: Int32
        private var pending: [UInt8] = []

        private static let pendingLimit = 1 << 16

        fileprivate init(_ descriptor: Int32, for path: FilePath) {
            self.path = path
            self.descriptor = descriptor
        }

        /// Appends `bytes` to the file.
        public func write(_ bytes: UnsafeRawBufferPointer) throws(WriteError) {
            if bytes.count < Self.pendingLimit {
                pending.append(contentsOf: bytes)
                if pending.count >= Self.pendingLimit { try flushPending() }
                return
            }
            try flushPending()
            try send(bytes)
        }

        /// Appends `bytes` to the file.
        public func write(_ bytes: [UInt8]) throws(WriteError) {
            try bytes.withUnsafeBufferPointer { buffer throws(WriteError) in try write(UnsafeRawBufferPointer(buffer)) }
        }

        /// Appends `text` to the file, as UTF-8.
        public func write(_ text: String) throws(WriteError) { try write(Array(text.utf8)) }

        private func flushPending() throws(WriteError) {
            try pending.withUnsafeBufferPointer { buffer throws(WriteError) in try send(UnsafeRawBufferPointer(buffer))
            }
            pending.removeAll(keepingCapacity: true)
        }

        private func send(_ bytes: UnsafeRawBufferPointer) throws(WriteError) {
            let code = SystemFiles.write(bytes, to: descriptor)
            if code != 0 { throw WriteError(path, "written", code) }
        }

        fileprivate func finish(flushes: Bool) throws(WriteError) {
            try flushPending()
            guard !flushes || fsync(descriptor) == 0 else { throw WriteError(path, "flushed to the disk", errno) }
        }
    }

    /// Why a file could not be written.
    public struct WriteError: ExplainedError, Sendable {
        /// The file that was to be written.
        public let path: FilePath
        /// The system's error number.
        public let code: Int32
        /// What went wrong, on one line, without the file's name.
        public let problem: String
        /// What to do about it, if that is known.
        public let hint: String?

        init(_ path: FilePath, _ step: String, _ code: Int32) {
            self.path = path
            self.code = code
            problem = "cannot be \(step): \(systemMessage(code))"
            hint =
                switch code {
                case ENOSPC, EDQUOT: "free some space, or write to another disk"
                case EFBIG: "no larger file is allowed there: raise the limit (ulimit -f), or write to another disk"
                case EACCES, EPERM, EROFS: "write to a folder that you may write to"
                case ENOENT, ENOTDIR: "create the folder first"
                case EINVAL, EISDIR: "give the name of a file"
                default: nil
                }
        }

        public var explanation: Explanation { Explanation(problem, hint: hint).of(path) }
    }
}

/// The system's message for an error number. In glibc it is thread-local since 2.32.
package func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
