import Cresset

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The bytes of a file, in memory that is freed with it.
struct FileBytes: ~Copyable {
    let bytes: UnsafeRawBufferPointer

    /// The largest file that is read as a picture: 1 GiB.
    static let maximumByteCount = 1 << 30

    /// Reads a regular file, or its first `limit` bytes.
    ///
    /// Opens without waiting, so that a pipe named like a picture stops nobody; a failing disk or a stale network
    /// handle gets a second chance.
    ///
    /// - Throws: ``ImageError``.
    init(_ path: FilePath, limit: Int = .max) throws(ImageError) {
        do {
            bytes = try FileBytes.read(path, limit: limit)
        } catch .system(_, let code) where code == EIO || code == ESTALE {
            bytes = try FileBytes.read(path, limit: limit)
        }
    }

    deinit { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }

    private static func read(
        _ path: FilePath, limit: Int
    ) throws(ImageError) -> UnsafeRawBufferPointer {
        let file = path.withPlatformString { open($0, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
        // Opening a socket fails by itself.
        if file < 0 { throw errno == ENXIO ? .notARegularFile : .system(operation: "open", code: errno) }
        defer { close(file) }
        var status = stat()
        if fstat(file, &status) != 0 { throw .system(operation: "read", code: errno) }
        if status.st_mode & S_IFMT != S_IFREG { throw .notARegularFile }
        let count = min(Int(status.st_size), limit)
        if count > maximumByteCount { throw .fileTooLarge(byteCount: count) }
        guard let memory = malloc(max(count, 1)) else { throw .system(operation: "read", code: ENOMEM) }
        var filled = 0
        while filled < count {
            let got = pread(file, memory + filled, count - filled, off_t(filled))
            if got < 0 && errno == EINTR { continue }
            if got < 0 {
                let code = errno
                free(memory)
                throw .system(operation: "read", code: code)
            }
            // The file shrank since fstat; what is left decides whether it is still a picture.
            if got == 0 { break }
            filled += got
        }
        return UnsafeRawBufferPointer(start: memory, count: filled)
    }
}
