import Glibc

/// The system's error when an operation on a path failed.
package struct SystemError: ExplainedError, Sendable {
    /// The path as it was given.
    package let path: FilePath
    /// The system's error number.
    package let code: Int32

    package init(_ path: FilePath, _ code: Int32) {
        self.path = path
        self.code = code
    }

    package var explanation: Explanation { "\(path): \(systemMessage(code))" }
}

/// Files and folders through system calls.
package enum SystemFiles {
    /// The bytes of a file, at most `limit` of them; also reads files in `/proc`, whose length is unknown.
    package static func contents(of path: FilePath, limit: Int = .max) throws(SystemError) -> [UInt8] {
        // O_NONBLOCK: opening a FIFO must not wait for a writer.
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else { throw SystemError(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let count = read(descriptor, &part, min(part.count, limit - bytes.count))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw SystemError(path, errno) }
            if count == 0 { break }
            bytes += part[..<count]
        }
        return bytes
    }

    /// The text of a file; empty if it cannot be read.
    package static func text(of path: FilePath) -> String {
        String(decoding: (try? contents(of: path)) ?? [], as: UTF8.self)
    }

    /// The names in a folder, without `.` and `..`, sorted by their bytes.
    package static func names(in folder: FilePath) throws(SystemError) -> [FilePath] {
        guard let stream = folder.withPlatformString({ opendir($0) }) else { throw SystemError(folder, errno) }
        defer { closedir(stream) }
        return try entries(of: stream, in: folder).map(\.name)
    }

    /// The names in an open folder as above, each with its kind: a `DT_` constant, or `DT_UNKNOWN`.
    ///
    /// Makes no system call other than for the listing: none per file.
    package static func entries(
        of stream: OpaquePointer, in folder: FilePath
    ) throws(SystemError) -> [(name: FilePath, kind: Int)] {
        var entries: [(name: FilePath, kind: Int)] = []
        try visitEntries(of: stream, in: folder) { name, kind in
            entries.append((name, kind))
            return true
        }
        return entries.sorted { FilePath.isOrdered($0.name, before: $1.name) }
    }

    /// Lends the same entries in the order in which the system has them, until `body` returns false.
    package static func visitEntries(
        of stream: OpaquePointer, in folder: FilePath, _ body: (FilePath, Int) -> Bool
    ) throws(SystemError) {
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
            let name = FilePath(platformString: start.assumingMemoryBound(to: CChar.self))
            if name != "." && name != "..", !body(name, Int(entry.pointee.d_type)) { return }
        }
        if errno != 0 { throw SystemError(folder, errno) }
    }

    /// Writes all of `bytes`: 0, or the system's error number. Allocates nothing.
    package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return errno }
            done += count
        }
        return 0
    }

    /// Whether something exists at `path`.
    package static func exists(_ path: FilePath) -> Bool { path.withPlatformString { access($0, F_OK) } == 0 }

    /// Where the symbolic link at `path` leads; nil if there is none.
    package static func target(ofLinkAt path: FilePath) -> FilePath? {
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            let start = UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
            count = max(path.withPlatformString { readlink($0, start, buffer.count) }, 0)
        }
        return bytes.isEmpty ? nil : FilePath(bytes: bytes)
    }

    /// Creates a folder and its parents; an existing one is fine.
    package static func makeFolder(_ path: FilePath) throws(SystemError) {
        if path.withPlatformString({ mkdir($0, 0o777) }) == 0 { return }
        let code = errno
        if code == EEXIST, isFolder(path) { return }
        guard code == ENOENT, path.parent != path, path.parent != "." else { throw SystemError(path, code) }
        try makeFolder(path.parent)
        // Another process may have created it in the meantime.
        guard path.withPlatformString({ mkdir($0, 0o777) }) == 0 || (errno == EEXIST && isFolder(path)) else {
            throw SystemError(path, errno)
        }
    }

    /// Whether there is a folder at `path`, or a link to one.
    package static func isFolder(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The number of bytes of the file at `path`; nil if there is none.
    package static func byteCount(of path: FilePath) -> Int? {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 ? Int(status.st_size) : nil
    }

    /// The absolute path without links; nil if it leads to nothing.
    package static func realPath(_ path: FilePath) -> FilePath? {
        guard let resolved = path.withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }

    /// The absolute path without links; the path itself if it leads to nothing.
    package static func realOrSamePath(_ path: FilePath) -> FilePath { realPath(path) ?? path }

    /// The process's environment variables with these names, if they are set.
    package static func environment(_ names: String...) -> [String: String] { environment(names) }

    /// The process's environment variables with these names, if they are set.
    package static func environment(_ names: [String]) -> [String: String] {
        var found: [String: String] = [:]
        for name in names {
            if let value = getenv(name) { found[name] = String(cString: value) }
        }
        return found
    }
}
