import CJPEG
import CPNG
import Cresset

/// What is done about alpha and orientation while a picture is read.
public struct ImageReadingOptions: Sendable, Hashable {
    /// What becomes of transparency. Default: dropped, as Pillow's conversion to RGB drops it.
    public var alpha: AlphaRule
    /// Whether the orientation that the camera noted is applied. Default: yes. torchvision ignores it.
    public var appliesOrientation: Bool

    public init(alpha: AlphaRule = .drop, appliesOrientation: Bool = true) {
        self.alpha = alpha
        self.appliesOrientation = appliesOrientation
    }

    /// What becomes of an alpha channel.
    public enum AlphaRule: Sendable, Hashable {
        /// The colours are taken as they are.
        case drop
        /// The picture is laid over black.
        case overBlack
        /// The picture is laid over white.
        case overWhite
    }
}

/// A picture with what was odd about its file.
public struct DecodedImage: Sendable {
    public let image: Image
    /// Why the picture may not be what it should be, in one line; nil when nothing was odd.
    public let suspicion: String?
}

extension Image {
    /// Reads a JPEG or PNG file; its first bytes decide which it is, not its name.
    ///
    /// JPEG pixels equal those of Pillow and torchvision to the bit. Grey pictures, palettes and inks become RGB; 16-bit
    /// samples are divided by 257 and rounded.
    ///
    /// - Throws: ``ImageFileError``.
    public init(contentsOf path: some PathConvertible, options: ImageReadingOptions = .init()) throws {
        self = try DecodedImage(contentsOf: path, options: options).image
    }

    /// Decodes a JPEG or PNG file held in memory.
    ///
    /// - Throws: ``ImageError``.
    public init(decoding file: [UInt8], options: ImageReadingOptions = .init()) throws {
        self = try DecodedImage(decoding: file, options: options).image
    }
}

extension DecodedImage {
    /// Reads a JPEG or PNG file and says what was odd about it.
    ///
    /// - Throws: ``ImageFileError``.
    public init(
        contentsOf path: some PathConvertible, options: ImageReadingOptions = .init()
    ) throws(ImageFileError) {
        let path = path.filePath
        do {
            let file = try FileBytes(path)
            self = try DecodedImage(file.bytes, options: options)
        } catch {
            throw ImageFileError(path: path, reason: error)
        }
    }

    /// Decodes a JPEG or PNG file held in memory.
    ///
    /// - Throws: ``ImageError``.
    public init(decoding file: [UInt8], options: ImageReadingOptions = .init()) throws(ImageError) {
        let result = file.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try DecodedImage(bytes, options: options) }
        }
        self = try result.get()
    }

    private init(_ file: UnsafeRawBufferPointer, options: ImageReadingOptions) throws(ImageError) {
        if file.isEmpty { throw .empty }
        let kind = FileKind(file)
        let stored: DecodedImage
        switch kind {
        case .jpeg: stored = try DecodedImage(jpeg: file)
        case .png: stored = try DecodedImage(png: file, alpha: options.alpha)
        case .picture(let name): throw .unsupportedFormat(name)
        case .document(let name), .unknown(let name): throw .notAnImage(name)
        }
        let orientation = options.appliesOrientation ? Orientation(ofFile: file, kind: kind) : .upright
        self.init(image: stored.image.oriented(orientation), suspicion: stored.suspicion)
    }

    private init(jpeg file: UnsafeRawBufferPointer) throws(ImageError) {
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        var info = cresset_jpeg_info()
        try DecodedImage.check(cresset_jpeg_read_header(data, file.count, &info), info)
        let (width, height) = (Int(info.width), Int(info.height))
        try DecodedImage.checkSize(width, height)
        if info.is_too_short != 0 { throw .truncated("JPEG") }
        var status = CRESSET_JPEG_OK
        let image = Image(width: width, height: height) { pixels in
            let (columns, rows) = (info.width, info.height)
            status = cresset_jpeg_decode(data, file.count, columns, rows, pixels, width * 3, &info)
        }
        try DecodedImage.check(status, info)
        var suspicion: String?
        if info.warnings > 0 {
            suspicion = "suspect JPEG: \(textOfMessage(info.message)) (\(info.warnings) such places)"
        } else if info.missing_end != 0 {
            suspicion = "JPEG without its end marker"
        }
        self.init(image: image, suspicion: suspicion)
    }

    private init(png file: UnsafeRawBufferPointer, alpha: ImageReadingOptions.AlphaRule) throws(ImageError) {
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        var info = cresset_png_info()
        try DecodedImage.check(cresset_png_read_header(data, file.count, &info), info)
        let (width, height) = (Int(info.width), Int(info.height))
        try DecodedImage.checkSize(width, height)
        if info.is_too_short != 0 { throw .truncated("PNG") }
        let rule =
            switch alpha {
            case .drop: CRESSET_PNG_DROP_ALPHA
            case .overBlack: CRESSET_PNG_OVER_BLACK
            case .overWhite: CRESSET_PNG_OVER_WHITE
            }
        var status = CRESSET_PNG_OK
        let image = Image(width: width, height: height) { pixels in
            let (columns, rows) = (info.width, info.height)
            status = cresset_png_decode(data, file.count, columns, rows, rule, pixels, width * 3, &info)
        }
        try DecodedImage.check(status, info)
        var suspicion: String?
        if info.bad_palette_index != 0 {
            suspicion = "suspect PNG: a pixel names a colour that the palette lacks"
        } else if info.missing_end != 0 {
            suspicion = "PNG without its end chunk"
        } else if info.warnings > 0 {
            suspicion = "suspect PNG: \(textOfMessage(info.message))"
        }
        self.init(image: image, suspicion: suspicion)
    }

    private static func checkSize(_ width: Int, _ height: Int) throws(ImageError) {
        if width < 1 || height < 1 { throw .broken(format: "picture", reason: "\(width) x \(height) pixels") }
        if width > Image.maximumPixelCount / height { throw .tooLarge(width: width, height: height) }
    }

    private static func check(_ status: cresset_jpeg_status, _ info: cresset_jpeg_info) throws(ImageError) {
        switch status {
        case CRESSET_JPEG_OK: return
        case CRESSET_JPEG_TRUNCATED: throw .truncated("JPEG")
        default: throw .broken(format: "JPEG", reason: textOfMessage(info.message))
        }
    }

    private static func check(_ status: cresset_png_status, _ info: cresset_png_info) throws(ImageError) {
        switch status {
        case CRESSET_PNG_OK: return
        case CRESSET_PNG_TRUNCATED: throw .truncated("PNG")
        default: throw .broken(format: "PNG", reason: textOfMessage(info.message))
        }
    }
}

/// The text of a C library's message, which may hold bytes of the file.
private func textOfMessage<T>(_ message: T) -> String {
    withUnsafeBytes(of: message) { TerminalText.escaped($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
}
