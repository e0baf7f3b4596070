/// What a file is by its first bytes, whatever its name says.
enum FileKind: Hashable {
    case jpeg
    case png
    /// A picture in a format that is not read here.
    case unsupported(String)
    /// No picture.
    case other(String)

    /// How many bytes of a file are looked at.
    static let prefixLength = 512

    init(_ file: UnsafeRawBufferPointer) {
        let bytes = file.prefix(FileKind.prefixLength)
        self =
            FileKind.readable(bytes) ?? FileKind.picture(bytes) ?? FileKind.document(bytes) ?? FileKind.text(bytes)
    }

    private static func readable(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind? {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        return nil
    }

    private static func picture(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind? {
        if begins(bytes, "GIF8") { return .unsupported("GIF") }
        if begins(bytes, "II*\0") || begins(bytes, "MM\0*") || begins(bytes, "II+\0") || begins(bytes, "MM\0+") {
            return .unsupported("TIFF")
        }
        if begins(bytes, "RIFF"), has(bytes, "WEBP", at: 8) { return .unsupported("WebP") }
        if begins(bytes, "BM"), bytes.count >= 26 { return .unsupported("BMP") }
        if has(bytes, "ftyp", at: 4) { return isoMedia(bytes) }
        if begins(bytes, "\0\0\0\u{0C}jP  ") || bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) {
            return .unsupported("JPEG 2000")
        }
        if bytes.starts(with: [0xFF, 0x0A]) || begins(bytes, "\0\0\0\u{0C}JXL ") { return .unsupported("JPEG XL") }
        if begins(bytes, "8BPS") { return .unsupported("Photoshop") }
        if bytes.starts(with: [0, 0, 1, 0]) { return .unsupported("ICO") }
        if bytes.count > 2, bytes.first == UInt8(ascii: "P"), (0x31...0x37).contains(bytes[bytes.startIndex + 1]),
            isSpace(bytes[bytes.startIndex + 2])
        {
            return .unsupported("PPM")
        }
        return nil
    }

    private static func isoMedia(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind {
        for brand in ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"] where has(bytes, brand, at: 8) {
            return .unsupported("HEIC")
        }
        if has(bytes, "avif", at: 8) || has(bytes, "avis", at: 8) { return .unsupported("AVIF") }
        return .other("a video")
    }

    private static func document(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind? {
        let names: [(String, String)] = [
            ("version https://git-lfs", "a git-LFS pointer (run `git lfs pull` to fetch the picture)"),
            ("%PDF", "a PDF document"), ("PK\u{03}\u{04}", "a zip archive"), ("Rar!", "a RAR archive"),
            ("\u{1F}\u{7F}", "a compressed file"), ("{\\rtf", "a text document"), ("\u{7F}ELF", "a program"),
        ]
        for (magic, name) in names where begins(bytes, magic) { return .other(name) }
        if bytes.starts(with: [0x1F, 0x8B]) { return .other("a gzip file") }
        if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return .other("a video") }
        return nil
    }

    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> FileKind {
        let start = String(
            decoding: bytes.drop { isSpace($0) || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }, as: UTF8.self
        )
        .lowercased()
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || start.hasPrefix("<head") {
            return .other("an HTML page")
        }
        if start.hasPrefix("<svg") || (start.hasPrefix("<?xml") && start.contains("<svg")) {
            return .unsupported("SVG")
        }
        if start.hasPrefix("<?xml") { return .other("an XML document") }
        if bytes.allSatisfy({ $0 == 0 }) { return .other("a file of zeros") }
        if bytes.allSatisfy({ $0 >= 0x20 || isSpace($0) }) { return .other("text") }
        return .other("no picture format that is known here")
    }

    private static func begins(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: String) -> Bool {
        has(bytes, text, at: 0)
    }

    private static func has(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: String, at offset: Int) -> Bool {
        bytes.dropFirst(offset).starts(with: text.utf8)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
