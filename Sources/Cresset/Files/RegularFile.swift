import Glibc

/// A file opened for reading that is certain to be a file: neither a folder nor a pipe, a socket or a device, which could
/// make a reader wait for ever.
package final class RegularFile: Sendable {
    package let descriptor: Int32
    /// The length when it was opened.
    package let byteCount: Int

    /// Why a file could not be read.
    package struct ReadError: Error {
        /// The system's error number.
        package let code: Int32
        /// What went wrong, on one line, without the file's name.
        package let problem: String
        /// Whether the path leads to something that is not a file.
        package var isOfNoFile: Bool { [EISDIR, EINVAL, ENXIO].contains(code) }
    }

    package init(_ path: FilePath) throws(ReadError) { (descriptor, byteCount) = try Self.open(path) }

    /// The descriptor of the file at `path`, which the caller closes, and the file's length.
    package static func open(_ path: FilePath) throws(ReadError) -> (descriptor: Int32, byteCount: Int) {
        // O_NONBLOCK: opening a pipe must not wait for a writer.
        let descriptor = path.withPlatformString { Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else {
            // The system's answer for a socket.
            if errno == ENXIO { throw ReadError(code: ENXIO, problem: "is not a regular file") }
            throw ReadError(code: errno, problem: "cannot be opened: \(systemMessage(errno))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            close(descriptor)
            throw ReadError(
                code: isFolder ? EISDIR : EINVAL,
                problem: isFolder ? "is a folder, not a file" : "is not a regular file")
        }
        return (descriptor, Int(status.st_size))
    }

    deinit { close(descriptor) }

    /// Reads on, as much as there is and `buffer` holds; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
        try fill(buffer) { start, count, _ in Glibc.read(descriptor, start, count) }
    }

    /// Reads as much as there is from `offset` on and `buffer` holds, whatever was read before.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ReadError) -> Int {
        try fill(buffer) { pread(descriptor, $0, $1, offset + $2) }
    }

    /// Calls `read` with where to, how much, and how much has been read, until the end or until `buffer` is full.
    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ read: (UnsafeMutableRawPointer, Int, Int) -> Int
    ) throws(ReadError) -> Int {
        var done = 0
        // Linux moves at most 2 GiB per call, so the loop is needed even without signals.
        while done < buffer.count {
            let count = read(buffer.baseAddress! + done, buffer.count - done, done)
            if count < 0 {
                if errno == EINTR { continue }
                throw ReadError(code: errno, problem: "cannot be read: \(systemMessage(errno))")
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// The next `limit` unread bytes, or as many as there are.
    package func read(upTo limit: Int) throws(ReadError) -> [UInt8] {
        var failure: ReadError?
        let bytes = [UInt8](unsafeUninitializedCapacity: min(limit, byteCount)) { buffer, initialized in
            do throws(ReadError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
