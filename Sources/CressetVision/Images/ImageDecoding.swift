import CJPEG
import CPNG
import CPixels
import Cresset
import CressetData

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How alpha and orientation are handled when a picture is read.
public struct ImageReadingOptions: Sendable, Hashable {
    /// How transparency is handled. Default: dropped, as in Pillow's conversion to RGB.
    public var alpha: AlphaRule
    /// Whether the orientation recorded by the camera is applied. Default: yes. torchvision ignores it.
    public var appliesOrientation: Bool

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - alpha: How transparency is handled.
    ///   - appliesOrientation: Whether the picture is turned according to its EXIF data.
    public init(alpha: AlphaRule = .drop, appliesOrientation: Bool = true) {
        self.alpha = alpha
        self.appliesOrientation = appliesOrientation
    }

    /// What happens to an alpha channel.
    public enum AlphaRule: Sendable, Hashable {
        /// The colours are used as they are.
        case drop
        /// The picture is laid over black.
        case overBlack
        /// The picture is laid over white.
        case overWhite
    }
}

/// A picture together with anything odd about its file.
public struct DecodedImage: Sendable {
    public let image: Image
    /// Why the picture may not be what it should be, in one line; nil if nothing was odd.
    public let suspicion: String?
}

extension Image {
    /// Reads a JPEG or PNG file; its first bytes decide which it is, not its name.
    ///
    /// JPEG pixels equal those of Pillow and torchvision bit for bit. Grey pictures, palettes and inks become RGB;
    /// 16-bit samples are divided by 257 and rounded.
    ///
    /// - Parameters:
    ///   - path: A JPEG or PNG file.
    ///   - options: How transparency and orientation are handled.
    /// - Throws: ``ImageFileError``.
    public init(contentsOf path: some PathConvertible, options: ImageReadingOptions = .init()) throws {
        self = try DecodedImage(contentsOf: path, options: options).image
    }

    /// Decodes a JPEG or PNG file held in memory.
    ///
    /// - Parameters:
    ///   - file: The bytes of a JPEG or PNG file.
    ///   - options: How transparency and orientation are handled.
    /// - Throws: ``ImageError``.
    public init(decoding file: [UInt8], options: ImageReadingOptions = .init()) throws {
        self = try DecodedImage(decoding: file, options: options).image
    }
}

extension DecodedImage {
    /// Reads a JPEG or PNG file and reports anything odd about it.
    ///
    /// - Parameters:
    ///   - path: A JPEG or PNG file.
    ///   - options: How transparency and orientation are handled.
    /// - Throws: ``ImageFileError``.
    public init(
        contentsOf path: some PathConvertible, options: ImageReadingOptions = .init()
    ) throws(ImageFileError) {
        let path = path.filePath
        do {
            let file = try FileBytes(path)
            self = try file.withBytes { bytes throws(ImageError) in
                try DecodedImage(bytes, PictureHeader(bytes), options: options)
            }
        } catch {
            throw ImageFileError(path: path, reason: error)
        }
    }

    /// Reads a JPEG or PNG file and passes the result to `body`, within a memory budget that threads share: waits until
    /// there is room for what the file's header announces.
    ///
    /// - Throws: ``ImageFileError``; an ``ImageError`` thrown by `body` is converted to one.
    package static func reading<R>(
        _ path: FilePath, options: ImageReadingOptions = .init(), within budget: MemoryBudget = .pictures,
        _ body: (DecodedImage) throws -> R
    ) throws -> R {
        do {
            let start = try FileBytes(path, limit: PictureHeader.usualByteCount)
            // If the header is not at the beginning, any size is possible: the file is read while no other one is.
            let isWhole = start.wholeCount == start.count
            let header = try start.withBytes { bytes throws(ImageError) in
                isWhole ? try PictureHeader(bytes) : try? PictureHeader(bytes, wholeCount: start.wholeCount)
            }
            let needed = start.wholeCount + (header?.decodingByteCount ?? budget.byteCount)
            return try budget.spending(needed) {
                if isWhole, let header {
                    return try body(
                        start.withBytes { bytes throws(ImageError) in
                            try DecodedImage(bytes, header, options: options)
                        })
                }
                return try body(DecodedImage(contentsOf: path, options: options))
            }
        } catch let error as ImageError {
            throw ImageFileError(path: path, reason: error)
        }
    }

    /// Like ``reading(_:options:within:_:)``, for a JPEG or PNG file in memory.
    ///
    /// - Throws: ``ImageError``.
    package static func decoding<R>(
        _ file: [UInt8], options: ImageReadingOptions = .init(), within budget: MemoryBudget = .pictures,
        _ body: (DecodedImage) throws -> R
    ) throws -> R {
        try file.withUnsafeBytes { bytes in
            let header = try PictureHeader(bytes)
            return try budget.spending(header.decodingByteCount) {
                try body(DecodedImage(bytes, header, options: options))
            }
        }
    }

    /// Decodes a JPEG or PNG file held in memory.
    ///
    /// - Parameters:
    ///   - file: The bytes of a JPEG or PNG file.
    ///   - options: How transparency and orientation are handled.
    /// - Throws: ``ImageError``.
    public init(decoding file: [UInt8], options: ImageReadingOptions = .init()) throws(ImageError) {
        let result = file.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try DecodedImage(bytes, PictureHeader(bytes), options: options) }
        }
        self = try result.get()
    }

    private init(
        _ file: UnsafeRawBufferPointer, _ header: PictureHeader, options: ImageReadingOptions
    ) throws(ImageError) {
        if header.isTooShort { throw .truncated(header.format.rawValue) }
        let orientation = options.appliesOrientation ? header.orientation : .upright
        switch header.format {
        case .jpeg: try self.init(jpeg: file, header, orientation)
        case .png: try self.init(png: file, header, orientation, alpha: options.alpha)
        }
    }

    private init(
        jpeg file: UnsafeRawBufferPointer, _ header: PictureHeader, _ orientation: Orientation
    ) throws(ImageError) {
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        var info = cresset_jpeg_info()
        var status = CRESSET_JPEG_OK
        let image = try Image(upright: orientation, width: header.width, height: header.height) { layout in
            let (columns, rows) = (UInt32(header.width), UInt32(header.height))
            status = cresset_jpeg_decode(data, file.count, columns, rows, &layout, &info)
        }
        try PictureHeader.check(status, info)
        var suspicion: String?
        if info.warnings > 0 {
            suspicion = "suspect JPEG: \(textOfMessage(info.message)) (\(info.warnings) such problems)"
        } else if info.missing_end != 0 {
            suspicion = "JPEG without its end marker"
        }
        self.init(image: image, suspicion: suspicion)
    }

    private init(
        png file: UnsafeRawBufferPointer, _ header: PictureHeader, _ orientation: Orientation,
        alpha: ImageReadingOptions.AlphaRule
    ) throws(ImageError) {
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let rule =
            switch alpha {
            case .drop: CRESSET_PNG_DROP_ALPHA
            case .overBlack: CRESSET_PNG_OVER_BLACK
            case .overWhite: CRESSET_PNG_OVER_WHITE
            }
        var info = cresset_png_info()
        var status = CRESSET_PNG_OK
        let image = try Image(upright: orientation, width: header.width, height: header.height) { layout in
            let (columns, rows) = (UInt32(header.width), UInt32(header.height))
            status = cresset_png_decode(data, file.count, columns, rows, rule, &layout, &info)
        }
        try PictureHeader.check(status, info)
        var suspicion: String?
        if info.bad_palette_index != 0 {
            suspicion = "suspect PNG: a pixel refers to a colour that the palette lacks"
        } else if info.missing_end != 0 {
            suspicion = "PNG without its end chunk"
        } else if info.warnings > 0 {
            suspicion = "suspect PNG: \(textOfMessage(info.message))"
        }
        self.init(image: image, suspicion: suspicion)
    }
}

extension Image {
    /// An RGB image whose stored pixels, `width` by `height`, `body` writes where the layout says.
    ///
    /// - Throws: ``ImageError`` if memory runs out.
    fileprivate init(
        upright orientation: Orientation, width: Int, height: Int, filling body: (inout cresset_layout) -> Void
    ) throws(ImageError) {
        let size = orientation.size(ofStored: width, height)
        guard let memory = PixelMemory(byteCount: width * height * 3) else {
            throw .system(operation: "hold \(width) x \(height) pixels", code: ENOMEM)
        }
        var layout = orientation.layout(width: width, height: height, channels: 3, at: memory.pointer)
        body(&layout)
        self.init(width: size.width, height: size.height, channels: 3, memory: memory)
    }
}
