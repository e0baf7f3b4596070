import Cresset

/// What a picture file says about itself before its pixels: enough to know what decoding it takes.
struct PictureHeader {
    /// The formats that are read.
    enum Format: String, CaseIterable {
        case jpeg = "JPEG"
        case png = "PNG"
        case webp = "WebP"
        case tiff = "TIFF"
        case gif = "GIF"
        case bmp = "BMP"
        case pnm = "PPM"
        case avif = "AVIF"
        case heic = "HEIC"

        /// Nil for what is no picture, or in a format that is not read.
        init?(_ kind: FileKind) {
            switch kind {
            case .jpeg: self = .jpeg
            case .png: self = .png
            case .picture(let name): self.init(rawValue: name)
            case .document, .unknown: return nil
            }
        }

        /// The format that the extension of a file's name promises.
        init?(extension name: String) {
            guard let format = Format.allCases.first(where: { $0.extensions.contains(name) }) else { return nil }
            self = format
        }

        var extensions: [String] {
            switch self {
            case .jpeg: ["jpg", "jpeg", "jfif"]
            case .png: ["png"]
            case .webp: ["webp"]
            case .tiff: ["tif", "tiff"]
            case .gif: ["gif"]
            case .bmp: ["bmp"]
            case .pnm: ["ppm", "pgm", "pbm", "pnm"]
            case .avif: ["avif"]
            case .heic: ["heic", "heif"]
            }
        }

        /// What to say of a file of this format whose name's extension promises another; nil if it does not.
        func objection(to path: FilePath) -> String? {
            guard let named = Format(extension: path.lowercasedExtension), named != self else { return nil }
            return "a \(rawValue) file"
        }

        fileprivate var file: any PictureFile.Type {
            switch self {
            case .jpeg: JPEGFile.self
            case .png: PNGFile.self
            case .webp: WebPFile.self
            case .tiff: TIFFFile.self
            case .gif: GIFFile.self
            case .bmp: BMPFile.self
            case .pnm: PNMFile.self
            case .avif: AVIFFile.self
            case .heic: HEICFile.self
            }
        }
    }

    let format: Format
    let picture: any PictureFile
    let orientation: Orientation

    /// The size as stored, which a turned picture swaps.
    var width: Int { picture.width }
    var height: Int { picture.height }
    /// What is unusual about the colours.
    var modes: Set<ColorMode> { picture.modes }
    /// The file has fewer bytes than any picture of that size needs.
    var isTooShort: Bool { picture.isTooShort }
    /// The memory that decoding takes, in addition to the file's own.
    var decodingByteCount: Int { width * height * 3 + picture.workingByteCount }

    /// A header is nearly always found within this many bytes: a mebibyte.
    static let usualByteCount = 1 << 20

    /// Reads the header of a file, or of the beginning of a file of `wholeCount` bytes. Allocates nothing that depends
    /// on the picture's size.
    ///
    /// - Throws: ``ImageError`` if it is not a picture that can be read, or has too many pixels.
    init(_ file: UnsafeRawBufferPointer, wholeCount: Int? = nil) throws(ImageError) {
        if file.isEmpty { throw .empty }
        let kind = FileKind(file)
        guard let format = Format(kind) else {
            switch kind {
            case .picture(let name): throw .unsupportedFormat(name)
            case .document(let name), .unknown(let name): throw .notAnImage(name)
            case .jpeg, .png: preconditionFailure("a format without its kind of file")
            }
        }
        self.format = format
        picture = try format.file.init(file, wholeCount: wholeCount ?? file.count)
        let (width, height) = (picture.width, picture.height)
        if width < 1 || height < 1 {
            throw .broken(format: format.rawValue, reason: "\(width) x \(height) pixels")
        }
        if width > Image.maximumPixelCount / height { throw .tooLarge(width: width, height: height) }
        orientation = picture.orientation(in: file)
    }

    private init(_ format: Format, _ picture: any PictureFile, _ orientation: Orientation) {
        self.format = format
        self.picture = picture
        self.orientation = orientation
    }

    /// The header of the same file decoded in `part` at least, as it is stored; what lies outside is undefined.
    func limited(to part: PixelPart) -> PictureHeader {
        guard let jpeg = picture as? JPEGFile else { return self }
        return PictureHeader(format, jpeg.limited(to: part), orientation)
    }

    /// The header of the same file decoded even if it ends early, if its format can do so: what is missing is grey.
    var padded: PictureHeader {
        switch picture {
        case let jpeg as JPEGFile: PictureHeader(format, jpeg.padded, orientation)
        case let png as PNGFile: PictureHeader(format, png.padded, orientation)
        default: self
        }
    }

    /// The header of the same file decoded smaller, to at least `size` when turned by `orientation`, if its format can do
    /// so.
    func reduced(toAtLeast size: (width: Int, height: Int), orientation: Orientation) -> PictureHeader {
        guard let jpeg = picture as? JPEGFile else { return self }
        let stored = orientation.size(ofStored: size.width, size.height)
        return PictureHeader(format, jpeg.reduced(toAtLeast: stored), self.orientation)
    }
}

/// The text of a C library's message, which may contain bytes of the file.
func textOfMessage<T>(_ message: T) -> String {
    withUnsafeBytes(of: message) { TerminalText.escaped($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
}
