/// What a file is according to its first bytes, whatever its name says.
package enum FileKind: Hashable, Sendable {
    case jpeg
    case png
    /// A picture in another format: its name.
    case picture(String)
    /// Something known that is not a picture, with an article.
    case document(String)
    /// Nothing that its first bytes determine for certain: what they look like.
    case unknown(String)

    /// How many bytes of a file are looked at.
    package static let prefixLength = 512

    package init(_ file: UnsafeRawBufferPointer) {
        let bytes = file.prefix(FileKind.prefixLength)
        self =
            FileKind.readable(bytes) ?? FileKind.picture(bytes) ?? FileKind.document(bytes) ?? FileKind.text(bytes)
    }

    /// What the file is, with an article; nil if its first bytes do not determine it for certain.
    package var certainName: String? {
        switch self {
        case .jpeg: "a JPEG image"
        case .png: "a PNG image"
        case .picture(let format): "a \(format) picture"
        case .document(let name): name
        case .unknown: nil
        }
    }

    /// Whether it is a picture, readable or not.
    package var isPicture: Bool {
        switch self {
        case .jpeg, .png, .picture: true
        case .document, .unknown: false
        }
    }

    /// What to do if something else was expected, if that is known.
    package var remedy: String? {
        switch self {
        case .document("an HTML page"): "the download returned an error page; download the file itself"
        case .document("an XML document"): "the download returned an error message; download the file itself"
        case .document("a gzip file"), .document("a 7z archive"), .document("an xz file"): "unpack it first"
        case .document("an HDF5 file"), .document("a GGUF file"): "convert it with PyTorch or safetensors"
        default: nil
        }
    }

    private static func readable(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind? {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        return nil
    }

    private static func picture(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind? {
        if begins(bytes, "GIF8") { return .picture("GIF") }
        if begins(bytes, "II*\0") || begins(bytes, "MM\0*") || begins(bytes, "II+\0") || begins(bytes, "MM\0+") {
            return .picture("TIFF")
        }
        if begins(bytes, "RIFF"), has(bytes, "WEBP", at: 8) { return .picture("WebP") }
        if begins(bytes, "BM"), bytes.count >= 26 { return .picture("BMP") }
        if has(bytes, "ftyp", at: 4) { return isoMedia(bytes) }
        if begins(bytes, "\0\0\0\u{0C}jP  ") || bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) {
            return .picture("JPEG 2000")
        }
        if bytes.starts(with: [0xFF, 0x0A]) || begins(bytes, "\0\0\0\u{0C}JXL ") { return .picture("JPEG XL") }
        if begins(bytes, "8BPS") { return .picture("Photoshop") }
        if bytes.starts(with: [0, 0, 1, 0]) { return .picture("ICO") }
        if bytes.count > 2, bytes.first == UInt8(ascii: "P"), (0x31...0x37).contains(bytes[bytes.startIndex + 1]),
            isSpace(bytes[bytes.startIndex + 2])
        {
            return .picture(bytes[bytes.startIndex + 1] == 0x37 ? "PAM" : "PPM")
        }
        return nil
    }

    private static func isoMedia(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind {
        // Some files begin with a general brand, and the codec's follows among the compatible ones.
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let isGeneral = has(bytes, "mif1", at: 8) || has(bytes, "msf1", at: 8)
        let others = stride(from: 16, to: isGeneral ? min(length, bytes.count) : 0, by: 4)
        if others.contains(where: { has(bytes, "avif", at: $0) || has(bytes, "avis", at: $0) }) {
            return .picture("AVIF")
        }
        for brand in ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"] where has(bytes, brand, at: 8) {
            return .picture("HEIC")
        }
        if has(bytes, "avif", at: 8) || has(bytes, "avis", at: 8) { return .picture("AVIF") }
        return .document("a video")
    }

    private static func document(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind? {
        let names: [(String, String)] = [
            ("version https://git-lfs", "a git-LFS pointer (run `git lfs pull` to fetch the file)"),
            ("%PDF", "a PDF document"), ("PK\u{03}\u{04}", "a zip archive"), ("PK\u{05}\u{06}", "an empty zip archive"),
            ("Rar!", "a RAR archive"), ("GGUF", "a GGUF file"),
            ("\u{1F}\u{7F}", "a compressed file"), ("{\\rtf", "a text document"), ("\u{7F}ELF", "a program"),
        ]
        for (magic, name) in names where begins(bytes, magic) { return .document(name) }
        if bytes.starts(with: [0x1F, 0x8B]) { return .document("a gzip file") }
        if bytes.starts(with: [0x37, 0x7A, 0xBC, 0xAF]) { return .document("a 7z archive") }
        if bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A]) { return .document("an xz file") }
        if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) { return .document("an HDF5 file") }
        if bytes.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) { return .document("a NumPy array") }
        if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return .document("a video") }
        return nil
    }

    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind {
        let start = String(
            decoding: bytes.drop { isSpace($0) || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }, as: UTF8.self
        )
        .lowercased()
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || start.hasPrefix("<head") {
            return .document("an HTML page")
        }
        if start.hasPrefix("<svg") || (start.hasPrefix("<?xml") && start.contains("<svg")) {
            return .picture("SVG")
        }
        if start.hasPrefix("<?xml") || start.hasPrefix("<error") { return .document("an XML document") }
        if bytes.allSatisfy({ $0 == 0 }) { return .unknown("a file of zeros") }
        if bytes.allSatisfy({ $0 >= 0x20 || isSpace($0) }) {
            return start.hasPrefix("{") ? .document("JSON text") : .unknown("text")
        }
        return .unknown("no known picture format")
    }

    private static func begins(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: String) -> Bool {
        has(bytes, text, at: 0)
    }

    private static func has(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: String, at offset: Int) -> Bool {
        bytes.dropFirst(offset).starts(with: text.utf8)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
