import CPixels
import Cresset
import CressetData

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A picture together with anything odd about its file.
public struct DecodedImage: Sendable {
    public let image: Image
    /// Why the picture may not be what it should be, in one line; nil if nothing was odd.
    public let suspicion: String?
}

extension Image {
    /// Reads a picture file: JPEG, PNG, WebP, TIFF, GIF, BMP, PBM, PGM, PPM, AVIF or HEIC. Its first bytes decide which
    /// it is, not its name.
    ///
    /// Pixels equal those of Pillow's `ImageOps.exif_transpose(image).convert("RGB")` bit for bit, but for two things: of
    /// lossy WebP, AVIF and HEIC another version of the decoder may round differently; and grey of 10 to 16 bits is
    /// scaled to 8, where Pillow clips it to white. Grey pictures, palettes and inks become RGB; colours of 16 bits keep
    /// their upper byte. Of animations and of files with several pages it is the first.
    ///
    /// - Parameters:
    ///   - path: A picture file.
    ///   - options: How transparency, orientation and damage are handled.
    /// - Throws: ``ImageFileError``.
    public init(contentsOf path: some PathConvertible, options: ImageReadingOptions = .init()) throws {
        self = try DecodedImage(contentsOf: path, options: options).image
    }

    /// Decodes a picture file held in memory.
    ///
    /// - Parameters:
    ///   - file: The bytes of a picture file.
    ///   - options: How transparency, orientation and damage are handled.
    /// - Throws: ``ImageError``.
    public init(decoding file: [UInt8], options: ImageReadingOptions = .init()) throws {
        self = try DecodedImage(decoding: file, options: options).image
    }
}

extension DecodedImage {
    /// Reads a picture file and reports anything odd about it.
    ///
    /// - Parameters:
    ///   - path: A picture file.
    ///   - options: How transparency, orientation and damage are handled.
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

    /// Reads a picture file and passes the result to `body`, within a memory budget that threads share: waits until
    /// there is room for what the file's header announces.
    ///
    /// - Parameters:
    ///   - path: A picture file.
    ///   - options: How transparency, orientation, size and damage are handled.
    ///   - next: What `body` does with the picture first, if that is known: only what it looks at is decoded.
    ///   - budget: The memory that is shared.
    ///   - body: Called with the result.
    /// - Throws: ``ImageFileError``; an ``ImageError`` thrown by `body` is converted to one.
    package static func reading<R>(
        _ path: FilePath, options: ImageReadingOptions = .init(), before next: NextStep? = nil,
        within budget: MemoryBudget = .pictures, _ body: (DecodedImage) throws -> R
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
                            try DecodedImage(bytes, header.limited(to: next, options), options: options)
                        })
                }
                let file = try FileBytes(path)
                return try body(
                    file.withBytes { bytes throws(ImageError) in
                        try DecodedImage(bytes, PictureHeader(bytes).limited(to: next, options), options: options)
                    })
            }
        } catch let error as ImageError {
            throw ImageFileError(path: path, reason: error)
        }
    }

    /// Like ``reading(_:options:before:within:_:)``, for a picture file in memory.
    ///
    /// - Throws: ``ImageError``.
    package static func decoding<R>(
        _ file: [UInt8], options: ImageReadingOptions = .init(), before next: NextStep? = nil,
        within budget: MemoryBudget = .pictures, _ body: (DecodedImage) throws -> R
    ) throws -> R {
        try file.withUnsafeBytes { bytes in
            let header = try PictureHeader(bytes)
            return try budget.spending(header.decodingByteCount) {
                try body(DecodedImage(bytes, header.limited(to: next, options), options: options))
            }
        }
    }

    /// Decodes a picture file held in memory.
    ///
    /// - Parameters:
    ///   - file: The bytes of a picture file.
    ///   - options: How transparency, orientation and damage are handled.
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
        let picture = options.truncated == .pad ? header.padded.picture : header.picture
        var suspicion: String?
        image = try Image(upright: orientation, width: header.width, height: header.height) {
            layout throws(ImageError) in
            suspicion = try picture.decode(file, over: options.alpha.ground, into: layout)
        }
        if options.rejectsSuspect, let suspicion { throw .suspect(suspicion) }
        self.suspicion = suspicion
    }
}

extension ImageReadingOptions.AlphaRule {
    /// The grey under transparent places; nil if there is none.
    fileprivate var ground: UInt8? {
        switch self {
        case .drop: nil
        case .overBlack: 0
        case .overWhite: 255
        }
    }
}

extension Image {
    /// An RGB image whose stored pixels, `width` by `height`, `body` writes where the layout says.
    ///
    /// - Throws: ``ImageError`` if memory runs out, or what `body` throws.
    fileprivate init(
        upright orientation: Orientation, width: Int, height: Int,
        filling body: (cresset_layout) throws(ImageError) -> Void
    ) throws(ImageError) {
        let size = orientation.size(ofStored: width, height)
        guard let memory = PixelMemory(byteCount: width * height * 3) else {
            throw .system(operation: "hold \(width) x \(height) pixels", code: ENOMEM)
        }
        try body(orientation.layout(width: width, height: height, channels: 3, at: memory.pointer))
        self.init(width: size.width, height: size.height, channels: 3, memory: memory)
    }
}
