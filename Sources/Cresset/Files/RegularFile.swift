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
    }

    package init(_ path: FilePath) throws(ReadError) {
        // O_NONBLOCK: opening a pipe must not wait for a writer.
        descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
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
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Reads on, as much as there is and `buffer` holds; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = Glibc.read(descriptor, buffer.baseAddress! + done, buffer.count - done)
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
