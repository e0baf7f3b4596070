import Cresset

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
        do throws(CompressedFile.Fault) {
            (lengths, bytes) = try IDXFile.read(path, axes: axes)
        } catch {
            throw IDXError(error.kind, "\(path): \(error.problem)", hint: error.hint)
        }
    }

    private static func read(
        _ path: FilePath, axes: Int
    ) throws(CompressedFile.Fault) -> (lengths: [Int], bytes: [UInt8]) {
        let stream = try CompressedFile(path)
        let head = try stream.read(4)
        guard head[0] == 0, head[1] == 0, head[2] == 8, head[3] == UInt8(clamping: axes) else {
            throw .init(
                .malformed, "not an IDX file of bytes with \(axes) axes",
                hint: "MNIST's files have names like train-images-idx3-ubyte")
        }
        var lengths: [Int] = []
        var count = 1
        for _ in 0..<axes {
            let length = try stream.read(4).reduce(0) { $0 << 8 | Int($1) }
            let (product, overflow) = count.multipliedReportingOverflow(by: length)
            guard !overflow, product <= stream.byteLimit else {
                throw .init(.malformed, "claims more elements than a file of \(stream.storedCount) bytes can hold")
            }
            lengths.append(length)
            count = product
        }
        let bytes = try stream.read(count)
        try stream.expectEnd()
        return (lengths, bytes)
    }
}
