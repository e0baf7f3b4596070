import Cresset

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The bytes of a file, in memory that is freed with this value.
struct FileBytes: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    /// How many bytes were read.
    var count: Int { bytes.count }
    /// The size of the whole file.
    let wholeCount: Int

    /// The largest file that is read as a picture: 512 MiB, nearly three bytes for each of the maximum number of
    /// pixels.
    static let maximumByteCount = 1 << 29

    /// Reads a regular file, or at most `limit` bytes of it: the first ones, or the last ones if `atEnd`.
    ///
    /// Opens without waiting, so that a pipe named like a picture blocks nothing; a failing disk or a stale network
    /// handle gets a second chance.
    ///
    /// - Throws: ``ImageError``.
    init(_ path: FilePath, limit: Int = .max, atEnd: Bool = false) throws(ImageError) {
        do {
            (bytes, wholeCount) = try FileBytes.read(path, limit, atEnd)
        } catch .system(_, let code) where code == EIO || code == ESTALE {
            (bytes, wholeCount) = try FileBytes.read(path, limit, atEnd)
        }
    }

    /// Calls `body` with the bytes, which are valid until it returns.
    func withBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        // A value may be destroyed after its last use, and the pointer is no use of it.
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    deinit { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }

    private static func read(
        _ path: FilePath, _ limit: Int, _ atEnd: Bool
    ) throws(ImageError) -> (UnsafeRawBufferPointer, Int) {
        let file: RegularFile
        do throws(RegularFile.ReadError) {
            file = try RegularFile(path)
        } catch {
            throw error.isOfNoFile ? .notARegularFile : .system(operation: "open", code: error.code)
        }
        if file.byteCount > maximumByteCount { throw .fileTooLarge(byteCount: file.byteCount) }
        let count = min(file.byteCount, limit)
        let start = atEnd ? file.byteCount - count : 0
        guard let memory = malloc(max(count, 1)) else { throw .system(operation: "read", code: ENOMEM) }
        do throws(RegularFile.ReadError) {
            let filled = try file.read(into: UnsafeMutableRawBufferPointer(start: memory, count: count), at: start)
            // If the file has shrunk since it was opened, what is left may or may not still be a picture.
            let wholeCount = filled < count ? start + filled : file.byteCount
            return (UnsafeRawBufferPointer(start: memory, count: filled), wholeCount)
        } catch {
            free(memory)
            throw .system(operation: "read", code: error.code)
        }
    }
}
