import FoundationEssentials

@_exported import struct SystemPackage.FilePath

/// Something that names a file or folder: a string (literal, interpolated or in a variable), a `FilePath`, or a file
/// `URL`.
///
/// ```swift
/// let state = try Checkpoint.load("weights/\(name).pth")
/// try model.save(to: URL(filePath: "mine.safetensors"))
/// ```
///
/// A path is stored as the file system's bytes, which need not be UTF-8.
public protocol PathConvertible {
    /// The path.
    var filePath: FilePath { get }
}

extension FilePath: PathConvertible {
    public var filePath: FilePath { self }
}

extension String: PathConvertible {
    /// The string as a path. A zero byte and everything after it is dropped, as the system would ignore it.
    public var filePath: FilePath { utf8.contains(0) ? FilePath(bytes: utf8) : FilePath(self) }
}

extension Substring: PathConvertible {
    /// The string as a path. A zero byte and everything after it is dropped, as the system would ignore it.
    public var filePath: FilePath { String(self).filePath }
}

extension URL: PathConvertible {
    /// The path of a file URL. Any other URL is used literally as a path, which names no file.
    public var filePath: FilePath {
        guard isFileURL else { return absoluteString.filePath }
        // Foundation returns no path if its bytes are not UTF-8.
        var bytes: [UInt8] = []
        var rest = path(percentEncoded: true).utf8[...]
        while let first = rest.popFirst() {
            let digits = rest.prefix(2)
            if first == UInt8(ascii: "%"), digits.count == 2, let byte = UInt8(Substring(digits), radix: 16) {
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(first)
            }
        }
        return FilePath(bytes: bytes)
    }
}
