import Cresset

@_exported import Cresset

/// Why a picture could not be read or written.
///
/// The description is one line without the file's name; ``ImageFileError`` adds it.
public enum ImageError: ExplainedError, Sendable, Hashable {
    /// The file is empty.
    case empty
    /// The file is something else; the payload says what, such as "an HTML page".
    case notAnImage(String)
    /// A picture in an unsupported format, such as "TIFF".
    case unsupportedFormat(String)
    /// The library that reads this format is not installed; the package is Debian's name of it.
    case missingLibrary(format: String, package: String)
    /// The library that reads this format is there but cannot be used: Debian's name of its package, and why.
    case unusableLibrary(format: String, package: String, reason: String)
    /// The file ends before the picture does. The payload is the format, such as "JPEG".
    case truncated(String)
    /// The picture looks damaged, and such ones are not wanted; the payload says why. See
    /// ``ImageReadingOptions/rejectsSuspect``.
    case suspect(String)
    /// The file is damaged: its format, and the decoder's message.
    case broken(format: String, reason: String)
    /// More pixels than ``Image/maximumPixelCount``.
    case tooLarge(width: Int, height: Int)
    /// The result would have more pixels than ``Image/maximumPixelCount``; the operation is "resize", "pad" or
    /// "rotate".
    case resultTooLarge(operation: String, width: Int, height: Int)
    /// The picture has a shape that a transform cannot handle; the payload says why.
    case unsuitable(String)
    /// The file could not be opened, read or written: the operation, and the system's error number.
    case system(operation: String, code: Int32)
    /// A symbolic link that points to nothing, or leads back to itself.
    case deadLink(isCircle: Bool)
    /// A directory, pipe, socket or device.
    case notARegularFile
    /// A file with more bytes than a picture may have.
    case fileTooLarge(byteCount: Int)
    /// The picture cannot be written in this format.
    case cannotEncode(format: String, reason: String)

    public var explanation: Explanation {
        switch self {
        case .empty: "empty file"
        case .notAnImage(let kind): "not a picture: this is \(kind)"
        case .unsupportedFormat(let name):
            Explanation("format not supported: \(name)", hint: "convert it to JPEG or PNG")
        case .missingLibrary(let format, let package):
            Explanation(
                "\(format) pictures need a library that is not installed",
                hint: "install Debian's package \(package), or convert the picture to JPEG or PNG")
        case .unusableLibrary(let format, let package, let reason):
            Explanation(
                "\(format) pictures need a library that is found here but cannot be used: \(reason)",
                hint: "install Debian's package \(package), or convert the picture to JPEG or PNG")
        case .truncated(let format): "truncated \(format): the file ends before the picture does"
        case .suspect(let reason): Explanation(reason)
        case .broken(let format, let reason): "damaged \(format): \(reason)"
        case .tooLarge(let width, let height):
            "\(width) x \(height) pixels, more than the limit of \(Image.maximumPixelCount)"
        case .resultTooLarge(let operation, let width, let height):
            "cannot \(operation) to \(width) x \(height) pixels, more than the limit of \(Image.maximumPixelCount)"
        case .unsuitable(let reason): Explanation(reason)
        case .system(let operation, let code): "cannot \(operation): \(systemMessage(code))"
        case .deadLink(let isCircle): Explanation(isCircle ? "a link that leads back to itself" : "a broken link")
        case .notARegularFile: "not a regular file"
        case .fileTooLarge(let count): "\(count) bytes, too many for a picture"
        case .cannotEncode(let format, let reason): "cannot write this picture as \(format): \(reason)"
        }
    }
}

/// An ``ImageError`` with the file it concerns.
public struct ImageFileError: ExplainedError, Sendable {
    public let path: FilePath
    public let reason: ImageError

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - reason: What is wrong with it.
    public init(path: some PathConvertible, reason: ImageError) {
        self.path = path.filePath
        self.reason = reason
    }

    public var explanation: Explanation { reason.explanation.of(path) }
}
