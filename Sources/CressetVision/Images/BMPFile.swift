import CPixels

/// A BMP file of 1, 4, 8, 16, 24 or 32 bits per pixel, plain, in fields of bits or run-length encoded.
///
/// Read as Pillow reads it; the rules that differ between readers (16 bits are scaled by integer division, a palette of
/// greys stands for its indices) are its own. Reference: Microsoft's BITMAPINFOHEADER and its successors.
struct BMPFile: PictureFile {
    let width: Int
    let height: Int
    let isTooShort: Bool
    var workingByteCount: Int { runs == nil ? 0 : width * height }
    var ending: PictureEnding { runs == nil ? .stated : .none }
    var modes: Set<ColorMode> { bits <= 8 ? [.palette] : [] }

    /// Rows follow each other from the top; usually they do from the bottom.
    let isTopDown: Bool
    let bits: Int
    /// Where the pixels begin.
    let start: Int
    /// The colours of indices: 256 entries; empty if pixels are colours.
    let palette: [UInt8]
    /// The pixels are run-length encoded: with how many bits per index.
    let runs: Int?
    /// Where the red, green and blue of 16, 24 and 32 bits lie.
    let fields: Fields

    /// The bytes of a row, a multiple of four.
    var rowByteCount: Int { (width * bits + 31) / 32 * 4 }

    /// How colours are packed into a pixel's bits.
    enum Fields: Hashable {
        /// Five bits each, or six for green.
        case packed(greenBits: Int)
        /// The bytes of red, green, blue, and perhaps of opacity.
        case bytes(red: Int, green: Int, blue: Int, alpha: Int?)
    }

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        let numbers = BoundedBytes(file, format: "BMP")
        let headerSize = try numbers.word(14)
        let header = try BMPFile.header(numbers, headerSize)
        (width, height, isTopDown, bits) = (header.width, header.height, header.isTopDown, header.bits)
        if width == 0 || height == 0 { throw .broken(format: "BMP", reason: "\(width) x \(height) pixels") }
        runs = try BMPFile.runs(header)
        var end = 14 + headerSize
        fields = try BMPFile.fields(header, numbers, headerSize, &end)
        var pixels = try numbers.word(10)
        if bits <= 8 {
            let count = header.colors == 0 ? 1 << bits : header.colors
            if count > 65536 { throw .broken(format: "BMP", reason: "a palette of \(count) colours") }
            let entry = headerSize == 12 ? 3 : 4
            // Some writers forget the palette when they say where the pixels are.
            if pixels == 14 + headerSize { pixels += entry * count }
            palette = try BMPFile.palette(numbers, at: end, count: count, entry: entry, bits: bits)
            end += entry * count
        } else {
            palette = []
        }
        start = pixels == 0 ? end : pixels
        let limit = Image.maximumPixelCount
        if width > limit / height { throw .tooLarge(width: width, height: height) }
        // The filling after the last row is not needed.
        let needed = (width * bits + 31) / 32 * 4 * (height - 1) + (width * bits + 7) / 8
        isTooShort = runs == nil && start + needed > wholeCount
    }

    private struct Header {
        var width: Int
        var height: Int
        var isTopDown = false
        var bits: Int
        var compression = 0
        var colors = 0
    }

    private static func header(_ numbers: BoundedBytes, _ size: Int) throws(ImageError) -> Header {
        switch size {
        case 12:
            return Header(
                width: try numbers.half(18), height: try numbers.half(20), bits: try depth(numbers.half(24)))
        case 40, 52, 56, 64, 108, 124:
            let height = Int(Int32(truncatingIfNeeded: try numbers.word(22)))
            let width = Int(Int32(truncatingIfNeeded: try numbers.word(18)))
            if width < 0 { throw .broken(format: "BMP", reason: "a width of \(width) pixels") }
            return Header(
                width: width, height: abs(height), isTopDown: height < 0, bits: try depth(numbers.half(28)),
                compression: try numbers.word(30), colors: try numbers.word(46))
        default: throw .broken(format: "BMP", reason: "a header of \(size) bytes")
        }
    }

    private static func depth(_ bits: Int) throws(ImageError) -> Int {
        guard [1, 4, 8, 16, 24, 32].contains(bits) else { throw .unsupportedFormat("BMP with \(bits) bits per pixel") }
        return bits
    }

    private static func runs(_ header: Header) throws(ImageError) -> Int? {
        switch (header.compression, header.bits) {
        case (0, _), (3, 16), (3, 24), (3, 32): return nil
        case (1, 8), (2, 4): return header.bits
        default:
            throw .unsupportedFormat(
                "BMP with compression \(header.compression) of \(header.bits) bits per pixel")
        }
    }

    /// Reads the masks, which follow the oldest header and are part of newer ones.
    private static func fields(
        _ header: Header, _ numbers: BoundedBytes, _ headerSize: Int, _ end: inout Int
    ) throws(ImageError) -> Fields {
        let usual: Fields = header.bits == 16 ? .packed(greenBits: 5) : .bytes(red: 2, green: 1, blue: 0, alpha: nil)
        if header.compression != 3 { return usual }
        var masks: [Int] = []
        for index in 0..<4 where index < 3 || headerSize >= 56 { masks.append(try numbers.word(54 + 4 * index)) }
        if headerSize == 40 { end += 12 }
        if masks.count == 3 { masks.append(0) }
        if header.bits == 16 || header.bits == 24 { masks[3] = 0 }
        switch (header.bits, masks) {
        case (16, [0xF800, 0x7E0, 0x1F, 0]): return .packed(greenBits: 6)
        case (16, [0x7C00, 0x3E0, 0x1F, 0]), (24, [0xFF0000, 0xFF00, 0xFF, 0]): return usual
        case (32, [0xFF0000, 0xFF00, 0xFF, 0]): return usual
        case (32, [0, 0, 0, 0]), (32, [0xFF0000, 0xFF00, 0xFF, 0xFF00_0000]):
            return .bytes(red: 2, green: 1, blue: 0, alpha: 3)
        case (32, [0xFF00_0000, 0xFF0000, 0xFF00, 0]): return .bytes(red: 3, green: 2, blue: 1, alpha: nil)
        case (32, [0xFF00_0000, 0xFF0000, 0xFF00, 0xFF]): return .bytes(red: 3, green: 2, blue: 1, alpha: 0)
        case (32, [0xFF00_0000, 0xFF00, 0xFF, 0]): return .bytes(red: 3, green: 1, blue: 0, alpha: nil)
        case (32, [0xFF00_0000, 0xFF00, 0xFF, 0xFF0000]): return .bytes(red: 3, green: 1, blue: 0, alpha: 2)
        case (32, [0xFF, 0xFF00, 0xFF0000, 0xFF00_0000]): return .bytes(red: 0, green: 1, blue: 2, alpha: 3)
        default: throw .unsupportedFormat("BMP with other fields of bits than usual")
        }
    }

    /// Indices that the palette lacks are black; if it holds the greys in order, they are greys too.
    private static func palette(
        _ numbers: BoundedBytes, at start: Int, count: Int, entry: Int, bits: Int
    ) throws(ImageError) -> [UInt8] {
        var palette = [UInt8](repeating: 0, count: 768)
        var isGrey = true
        for index in 0..<count {
            for channel in 0..<3 {
                let value = try numbers.byte(start + entry * index + 2 - channel)
                if value != (count == 2 ? 255 * index : index) { isGrey = false }
                if index < 256 { palette[3 * index + channel] = UInt8(value) }
            }
        }
        if isGrey && bits == 8 && count != 2 { return (0..<768).map { UInt8($0 / 3) } }
        return palette
    }
}
