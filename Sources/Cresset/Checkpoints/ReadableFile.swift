import Glibc

/// A regular file opened for reading at any position.
///
/// Bytes are copied with `pread` rather than mapped: a file truncated by another process is then an error, where a
/// mapping would end the process with SIGBUS.
final class ReadableFile: Sendable {
    private let file: RegularFile
    /// The file's length when it was opened.
    var byteCount: Int { file.byteCount }

    /// Opens the file at `path` or, if that is a folder, the file called `fallback` in it.
    convenience init(_ path: FilePath, inFolder fallback: FilePath.Component) throws(CheckpointError) {
        let file = path.appending(fallback)
        try self.init(SystemFiles.isFolder(path) && SystemFiles.exists(file) ? file : path)
    }

    init(_ path: FilePath) throws(CheckpointError) {
        do throws(RegularFile.ReadError) {
            file = try RegularFile(path)
        } catch {
            let problem =
                error.code == EISDIR ? "is a folder without model.safetensors, not a weight file" : error.problem
            throw CheckpointError(.unreadable, problem, systemCode: error.isOfNoFile ? nil : error.code)
        }
    }

    /// Fills `buffer` with the bytes starting at `offset`.
    ///
    /// Throws if they are not all there.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CheckpointError) {
        if offset.addingReportingOverflow(buffer.count).overflow { throw .endsEarly(in: "its data") }
        let count: Int
        do throws(RegularFile.ReadError) {
            count = try file.read(into: buffer, at: offset)
        } catch {
            throw CheckpointError(.unreadable, error.problem, systemCode: error.code)
        }
        if count < buffer.count { throw .endsEarly(in: "its data") }
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
