#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes a file whole or not at all: to a temporary file beside it, which then takes its name.
func writeFile(_ bytes: [UInt8], to path: BytePath) throws(ImageError) {
    // Random: numbers of processes repeat in containers, where a file of a killed one may lie.
    let number = String(UInt64.random(in: .min ... .max), radix: 36)
    // Not derived from the name, which may already have the greatest length that is allowed.
    let temporary = path.parent.appending(BytePath(".cresset-\(number).tmp"))
    let file = temporary.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    if file < 0 { throw .system(operation: "write", code: errno) }
    var failure = writeAll(bytes, to: file)
    if failure == 0 && fsync(file) != 0 { failure = errno }
    if close(file) != 0 && failure == 0 { failure = errno }
    if failure == 0 && temporary.withCString({ from in path.withCString { rename(from, $0) } }) != 0 { failure = errno }
    if failure != 0 {
        _ = temporary.withCString { unlink($0) }
        throw .system(operation: "write", code: failure)
    }
    let directory = path.parent.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    if directory >= 0 {
        fsync(directory)
        close(directory)
    }
}

/// Returns the error number, or 0.
private func writeAll(_ bytes: [UInt8], to file: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
        var written = 0
        while written < buffer.count {
            let count = write(file, buffer.baseAddress! + written, buffer.count - written)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return errno }
            written += count
        }
        return 0
    }
}
