import Glibc

/// A regular file opened for reading at any position.
///
/// Bytes are copied with `pread` rather than mapped: a file truncated by another process is then an error, where a
/// mapping would end the process with SIGBUS.
final class ReadableFile: Sendable {
    private let descriptor: Int32
    /// The file's length when it was opened.
    let byteCount: Int

    /// Opens the file at `path` or, if that is a folder, the file called `fallback` in it.
    convenience init(_ path: FilePath, inFolder fallback: FilePath.Component) throws(CheckpointError) {
        var status = stat()
        let isFolder =
            path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
        let file = path.appending(fallback)
        guard isFolder, file.withPlatformString({ access($0, F_OK) }) == 0 else {
            try self.init(path)
            return
        }
        try self.init(file)
    }

    init(_ path: FilePath) throws(CheckpointError) {
        // O_NONBLOCK: opening a FIFO must not wait for a writer.
        descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else {
            throw CheckpointError(.unreadable, "cannot be opened: \(systemMessage(errno))", systemCode: errno)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            close(descriptor)
            throw CheckpointError(
                .unreadable,
                isFolder ? "is a folder without model.safetensors, not a weight file" : "is not a regular file")
        }
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills `buffer` with the bytes starting at `offset`.
    ///
    /// Throws if they are not all there.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CheckpointError) {
        var done = 0
        while done < buffer.count {
            let (position, overflow) = offset.addingReportingOverflow(done)
            if overflow { throw .endsEarly(in: "its data") }
            let rest = buffer.baseAddress! + done
            // Linux moves at most 2 GiB per call, so the loop is needed even without signals.
            let count = pread(descriptor, rest, buffer.count - done, position)
            if count < 0 {
                if errno == EINTR { continue }
                throw CheckpointError(.unreadable, "cannot be read: \(systemMessage(errno))", systemCode: errno)
            }
            if count == 0 { throw .endsEarly(in: "its data") }
            done += count
        }
    }

    /// The `count` bytes starting at `offset`.
    ///
    /// Throws if the file does not have them; nothing is allocated before that is known.
    func bytes(at offset: Int, count: Int) throws(CheckpointError) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
            throw .endsEarly(in: "its data")
        }
        var failure: CheckpointError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(CheckpointError) {
                try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}

/// A little-endian number in `bytes` at `offset`, which must lie inside.
func littleEndian<T: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, as type: T.Type = T.self) -> T {
    var value: T = 0
    for i in 0..<MemoryLayout<T>.size {
        value |= T(truncatingIfNeeded: bytes[offset + i]) << T(truncatingIfNeeded: 8 * i)
    }
    return value
}
