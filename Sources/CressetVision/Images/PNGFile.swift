import CPNG
import CPixels

/// A PNG file, through libpng.
struct PNGFile: PictureFile {
    let width: Int
    let height: Int
    let isTooShort: Bool
    /// Two rows in libpng, one in CPNG.
    var workingByteCount: Int { 12 * width }
    var ending: PictureEnding { .mark(Array("IEND".utf8)) }
    let modes: Set<ColorMode>
    /// Whether what is missing of the file is grey.
    private var isPadded = false

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        var info = cresset_png_info()
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        try PNGFile.check(cresset_png_read_header(data, file.count, wholeCount, &info), info)
        (width, height) = (Int(info.width), Int(info.height))
        isTooShort = info.is_too_short != 0
        modes = PNGFile.modes(colorType: info.color_type, depth: info.depth)
    }

    /// - Parameter colorType: A sum: 1 for a palette, 2 for colours, 4 for opacity.
    private static func modes(colorType: UInt8, depth: UInt8) -> Set<ColorMode> {
        var modes: Set<ColorMode> = depth == 16 ? [.deep] : []
        if colorType & 1 != 0 {
            modes.insert(.palette)
        } else if colorType & 2 == 0 {
            modes.insert(depth == 1 ? .bilevel : .grey)
        }
        if colorType & 4 != 0 { modes.insert(.transparency) }
        return modes
    }

    /// The same file decoded even if it ends early, as far as it goes.
    var padded: PNGFile {
        var copy = self
        copy.isPadded = true
        return copy
    }

    func orientation(in file: UnsafeRawBufferPointer) -> Orientation { Orientation(CameraNotes(ofPNG: file)) }

    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        let rule =
            switch ground {
            case nil: CRESSET_PNG_DROP_ALPHA
            case 0: CRESSET_PNG_OVER_BLACK
            default: CRESSET_PNG_OVER_WHITE
            }
        var info = cresset_png_info()
        var layout = layout
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let (columns, rows) = (UInt32(width), UInt32(height))
        try PNGFile.check(cresset_png_decode(data, file.count, columns, rows, rule, isPadded, &layout, &info), info)
        if info.padded != 0 { return "truncated PNG: what is missing is grey" }
        if info.bad_palette_index != 0 { return "suspect PNG: a pixel refers to a colour that the palette lacks" }
        if info.missing_end != 0 { return "PNG without its end chunk" }
        return info.warnings > 0 ? "suspect PNG: \(textOfMessage(info.message))" : nil
    }

    private static func check(_ status: cresset_png_status, _ info: cresset_png_info) throws(ImageError) {
        switch status {
        case CRESSET_PNG_OK: return
        case CRESSET_PNG_TRUNCATED: throw .truncated("PNG")
        default: throw .broken(format: "PNG", reason: textOfMessage(info.message))
        }
    }
}
