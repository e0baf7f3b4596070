import CJPEG
import CPNG
import Cresset

/// What a picture file says about itself before its pixels: enough to know what decoding it takes.
struct PictureHeader {
    /// The formats that are read.
    enum Format: String {
        case jpeg = "JPEG"
        case png = "PNG"
    }

    let format: Format
    /// The size as stored, which a turned picture swaps.
    let width: Int
    let height: Int
    let orientation: Orientation
    /// The file has fewer bytes than any picture of that size needs.
    let isTooShort: Bool
    /// The memory that decoding takes, in addition to the file's own.
    let decodingByteCount: Int

    /// A header is nearly always found within this many bytes: a mebibyte.
    static let usualByteCount = 1 << 20

    /// Reads the header of a file, or of the beginning of a file of `wholeCount` bytes. Allocates nothing that depends
    /// on the picture's size.
    ///
    /// - Throws: ``ImageError`` if it is not a picture that can be read, or has too many pixels.
    init(_ file: UnsafeRawBufferPointer, wholeCount: Int? = nil) throws(ImageError) {
        if file.isEmpty { throw .empty }
        let wholeCount = wholeCount ?? file.count
        let kind = FileKind(file)
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        var workingBytes = 0
        switch kind {
        case .jpeg:
            var info = cresset_jpeg_info()
            try PictureHeader.check(cresset_jpeg_read_header(data, file.count, wholeCount, &info), info)
            (format, width, height) = (.jpeg, Int(info.width), Int(info.height))
            isTooShort = info.is_too_short != 0
            workingBytes = Int(clamping: info.working_bytes)
        case .png:
            var info = cresset_png_info()
            try PictureHeader.check(cresset_png_read_header(data, file.count, wholeCount, &info), info)
            (format, width, height) = (.png, Int(info.width), Int(info.height))
            isTooShort = info.is_too_short != 0
            // Two rows in libpng, one in CPNG.
            workingBytes = 12 * width
        case .picture(let name): throw .unsupportedFormat(name)
        case .document(let name), .unknown(let name): throw .notAnImage(name)
        }
        if width < 1 || height < 1 { throw .broken(format: "picture", reason: "\(width) x \(height) pixels") }
        if width > Image.maximumPixelCount / height { throw .tooLarge(width: width, height: height) }
        orientation = Orientation(ofFile: file, kind: kind)
        decodingByteCount = width * height * 3 + workingBytes
    }

    static func check(_ status: cresset_jpeg_status, _ info: cresset_jpeg_info) throws(ImageError) {
        switch status {
        case CRESSET_JPEG_OK: return
        case CRESSET_JPEG_TRUNCATED: throw .truncated("JPEG")
        default: throw .broken(format: "JPEG", reason: textOfMessage(info.message))
        }
    }

    static func check(_ status: cresset_png_status, _ info: cresset_png_info) throws(ImageError) {
        switch status {
        case CRESSET_PNG_OK: return
        case CRESSET_PNG_TRUNCATED: throw .truncated("PNG")
        default: throw .broken(format: "PNG", reason: textOfMessage(info.message))
        }
    }
}

/// The text of a C library's message, which may contain bytes of the file.
func textOfMessage<T>(_ message: T) -> String {
    withUnsafeBytes(of: message) { TerminalText.escaped($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
}
