import CZlib
import Cresset
import Glibc

/// A file read through zlib, which passes through unchanged what is not compressed with gzip.
final class CompressedFile {
    private let file: gzFile
    /// Bytes on the disk.
    let storedCount: Int
    /// The maximum number of bytes the file can yield: deflate compresses at most 1,032 to one. Known after the first
    /// read.
    var byteLimit: Int {
        gzdirect(file) == 1 ? storedCount : storedCount.multipliedReportingOverflow(by: 1032).partialValue
    }

    /// Why it cannot be read, without its name.
    struct Fault: Error {
        let kind: IDXError.Kind
        let problem: String
        let hint: String?

        init(_ kind: IDXError.Kind, _ problem: String, hint: String? = nil) {
            (self.kind, self.problem, self.hint) = (kind, problem, hint)
        }
    }

    init(_ path: FilePath) throws(Fault) {
        let descriptor: Int32
        do throws(RegularFile.ReadError) {
            (descriptor, storedCount) = try RegularFile.open(path)
        } catch {
            let problem = error.isOfNoFile ? "is not a regular file" : error.problem
            throw Fault(error.code == ENOENT ? .missing : .unreadable, problem)
        }
        guard let file = gzdopen(descriptor, "rb") else {
            close(descriptor)
            throw Fault(.unreadable, "zlib failed to start")
        }
        self.file = file
        gzbuffer(file, 1 << 17)
    }

    deinit { gzclose_r(file) }

    private var damaged: Fault { Fault(.damaged, "ends early or is damaged", hint: "copy or download it again") }

    /// Whether the file is not compressed: then positions are those of the file. Known after the first read.
    var isPlain: Bool { gzdirect(file) == 1 }

    /// The next `count` bytes. Memory grows with the data that arrives, not with what was claimed.
    func read(_ count: Int) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: min(count, 1 << 20))
        while bytes.count < count {
            let got = gzread(file, &part, UInt32(min(part.count, count - bytes.count)))
            guard got > 0 else { throw damaged }
            bytes += part[..<Int(got)]
        }
        return bytes
    }

    /// Whether there is no more. Throws if what should come is damaged.
    func isAtEnd() throws(Fault) -> Bool {
        let byte = gzgetc(file)
        if byte >= 0 {
            gzungetc(byte, file)
            return false
        }
        var code: Int32 = 0
        _ = gzerror(file, &code)
        if code != Z_OK && code != Z_STREAM_END { throw damaged }
        return true
    }

    /// Throws if there is more, or if the checksum at the end does not match the bytes.
    func expectEnd() throws(Fault) {
        var byte: UInt8 = 0
        let got = gzread(file, &byte, 1)
        if got > 0 { throw Fault(.damaged, "continues after its last element") }
        var code: Int32 = 0
        _ = gzerror(file, &code)
        if got < 0 || code != Z_OK { throw damaged }
    }
    /// Passes over the next `count` bytes.
    func skip(_ count: Int) throws(Fault) {
        var part = [UInt8](repeating: 0, count: min(count, 1 << 16))
        var left = count
        while left > 0 {
            let got = gzread(file, &part, UInt32(min(part.count, left)))
            guard got > 0 else { throw damaged }
            left -= Int(got)
        }
    }
}
