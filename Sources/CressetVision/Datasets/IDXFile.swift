import Cresset

import CZlib
import Glibc

/// What is wrong with an IDX file, or with the folder it should be in.
///
/// Its description is one line, with an optional second line `  hint: …`.
public struct IDXError: ExplainedError, Sendable, Hashable {
    /// The kind of error.
    public enum Kind: Sendable, Hashable {
        /// There is no such file.
        case missing
        /// The file cannot be read.
        case unreadable
        /// The file is not an IDX file of bytes, or its numbers are invalid.
        case malformed
        /// The file ends early, continues after its end, or is damaged.
        case damaged
        /// The files do not belong together.
        case mismatch
    }

    public let kind: Kind
    /// What is wrong, on one line.
    public let problem: String
    /// What to do about it, if that is known.
    public let hint: String?

    init(_ kind: Kind, _ problem: String, hint: String? = nil) {
        self.kind = kind
        self.problem = problem
        self.hint = hint
    }

    public var explanation: Explanation { Explanation(problem, hint: hint) }
}

/// A file in the IDX format of bytes, as used by MNIST, compressed with gzip or not.
///
/// *Source*: LeCun, Cortes, Burges, "The MNIST database": two zero bytes, the type (8 for bytes), the number of axes,
/// each length as 32 bits, high byte first, and the elements.
public struct IDXFile: Sendable {
    /// The lengths of the axes.
    public let lengths: [Int]
    /// The elements, row-major.
    public let bytes: [UInt8]

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - path: The file, compressed with gzip or not.
    ///   - axes: The number of axes that the file must have.
    /// - Throws: ``IDXError``. Never allocates more memory than the file can fill.
    public init(path: some PathConvertible, axes: Int) throws(IDXError) {
        let path = path.filePath
        let stream = try CompressedFile(path)
        let head = try stream.read(4)
        guard head[0] == 0, head[1] == 0, head[2] == 8, head[3] == UInt8(clamping: axes) else {
            throw IDXError(
                .malformed, "\(path): not an IDX file of bytes with \(axes) axes",
                hint: "MNIST's files have names like train-images-idx3-ubyte")
        }
        var lengths: [Int] = []
        var count = 1
        for _ in 0..<axes {
            let length = try stream.read(4).reduce(0) { $0 << 8 | Int($1) }
            let (product, overflow) = count.multipliedReportingOverflow(by: length)
            guard !overflow, product <= stream.byteLimit else {
                throw IDXError(
                    .malformed, "\(path): claims more elements than a file of \(stream.storedCount) bytes can hold")
            }
            lengths.append(length)
            count = product
        }
        self.lengths = lengths
        bytes = try stream.read(count)
        try stream.expectEnd()
    }
}

/// A file read through zlib, which passes through unchanged what is not compressed with gzip.
private final class CompressedFile {
    private let path: FilePath
    private let file: gzFile
    /// Bytes on the disk.
    let storedCount: Int
    /// The maximum number of bytes the file can yield: deflate compresses at most 1,032 to one. Known after the first
    /// read.
    var byteLimit: Int {
        gzdirect(file) == 1 ? storedCount : storedCount.multipliedReportingOverflow(by: 1032).partialValue
    }

    init(_ path: FilePath) throws(IDXError) {
        self.path = path
        let descriptor: Int32
        do throws(RegularFile.ReadError) {
            (descriptor, storedCount) = try RegularFile.open(path)
        } catch {
            let problem = error.isOfNoFile ? "is not a regular file" : error.problem
            throw IDXError(error.code == ENOENT ? .missing : .unreadable, "\(path): \(problem)")
        }
        guard let file = gzdopen(descriptor, "rb") else {
            close(descriptor)
            throw IDXError(.unreadable, "\(path): zlib failed to start")
        }
        self.file = file
        gzbuffer(file, 1 << 17)
    }

    deinit { gzclose_r(file) }

    private var damaged: IDXError {
        IDXError(.damaged, "\(path): ends early or is damaged", hint: "copy or download it again")
    }

    /// The next `count` bytes. Memory grows with the data that arrives, not with what was claimed.
    func read(_ count: Int) throws(IDXError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: min(count, 1 << 20))
        while bytes.count < count {
            let got = gzread(file, &part, UInt32(min(part.count, count - bytes.count)))
            guard got > 0 else { throw damaged }
            bytes += part[..<Int(got)]
        }
        return bytes
    }

    /// Throws if there is more, or if the checksum at the end does not match the bytes.
    func expectEnd() throws(IDXError) {
        var byte: UInt8 = 0
        let got = gzread(file, &byte, 1)
        if got > 0 { throw IDXError(.damaged, "\(path): continues after its last element") }
        var code: Int32 = 0
        _ = gzerror(file, &code)
        if got < 0 || code != Z_OK { throw damaged }
    }
}
