import CGIF
import CPixels

/// A GIF file: its first frame on the screen that it states, as Pillow shows it, through giflib.
///
/// Where the frame leaves the screen free, it is filled with the transparent colour if there is one, or else with the
/// first one. A frame that reaches beyond the screen enlarges it.
///
/// Reference: CompuServe's GIF89a specification.
struct GIFFile: PictureFile {
    let width: Int
    let height: Int
    let isTooShort: Bool
    /// A row of indices, and giflib's tables.
    var workingByteCount: Int { Int(frame.width) + 1 << 16 }
    /// An empty block ends the last frame, a semicolon the file.
    var ending: PictureEnding { .last([0, 0x3B]) }
    var modes: Set<ColorMode> { [.palette] }
    private var frame = cresset_gif_frame()
    /// The index of the transparent colour.
    private var transparent: Int?
    private var fillsScreen: Bool {
        frame.left == 0 && frame.top == 0 && frame.width == width && frame.height == height
    }

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        let numbers = BoundedBytes(file, format: "GIF")
        let flags = try numbers.byte(10)
        var position = 13 + GIFFile.paletteByteCount(flags)
        while try numbers.byte(position) == 0x21 {
            position = try GIFFile.skipExtension(position, numbers, noting: &transparent)
        }
        guard try numbers.byte(position) == 0x2C else {
            throw .broken(format: "GIF", reason: "no picture was found")
        }
        (frame.left, frame.top) = (Int32(try numbers.half(position + 1)), Int32(try numbers.half(position + 3)))
        (frame.width, frame.height) = (Int32(try numbers.half(position + 5)), Int32(try numbers.half(position + 7)))
        let own = try numbers.byte(position + 9)
        let pixels = position + 10 + GIFFile.paletteByteCount(own)
        _ = try numbers.byte(pixels)
        if frame.width == 0 || frame.height == 0 { throw .broken(format: "GIF", reason: "an empty frame") }
        let screen = (width: try numbers.half(6), height: try numbers.half(8))
        width = max(screen.width, Int(frame.left + frame.width))
        height = max(screen.height, Int(frame.top + frame.height))
        try checkCanvas(width, height, frame: (Int(frame.width), Int(frame.height)), format: .gif)
        // A code of at least two bits is at most 4,096 pixels.
        isTooShort = Int(frame.width) * Int(frame.height) / (4 * 4096) > wholeCount
        if own & 0x80 != 0 {
            readPalette(file[(position + 10)..<pixels])
        } else {
            readPalette(file[13..<(13 + GIFFile.paletteByteCount(flags))])
        }
    }

    private static func paletteByteCount(_ flags: Int) -> Int { flags & 0x80 == 0 ? 0 : 6 << (flags & 7) }

    /// Returns where the block after the extension begins.
    private static func skipExtension(
        _ start: Int, _ numbers: BoundedBytes, noting transparent: inout Int?
    ) throws(ImageError) -> Int {
        var position = start + 2
        if try numbers.byte(start + 1) == 0xF9, try numbers.byte(position) >= 4 {
            if try numbers.byte(position + 1) & 1 != 0 { transparent = try numbers.byte(position + 4) }
        }
        while case let length = try numbers.byte(position), length > 0 { position += 1 + length }
        return position + 1
    }

    /// Without a palette, or with one of greys in order, indices are greys.
    private mutating func readPalette(_ colors: Slice<UnsafeRawBufferPointer>) {
        let isGrey = colors.enumerated().allSatisfy { $0.element == UInt8($0.offset / 3) }
        withUnsafeMutableBytes(of: &frame.palette) { palette in
            for index in palette.indices { palette[index] = isGrey ? UInt8(index / 3) : 0 }
            for (index, color) in colors.enumerated() { palette[index] = color }
        }
    }

    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        var gif = try DecoderLibrary.gif.table()
        var info = cresset_gif_info()
        var layout = layout
        var frame = frame
        if let ground, let transparent {
            withUnsafeMutableBytes(of: &frame.palette) { palette in
                for channel in 0..<3 { palette[3 * transparent + channel] = ground }
            }
        }
        if !fillsScreen {
            let color = withUnsafeBytes(of: frame.palette) { palette in
                let first = 3 * (transparent ?? 0)
                return (palette[first], palette[first + 1], palette[first + 2])
            }
            layout.fill(width: width, height: height, color)
        }
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        switch cresset_gif_decode(&gif, data, file.count, &frame, &layout, &info) {
        case CRESSET_GIF_OK: return info.missing_end != 0 ? "GIF without its end" : nil
        case CRESSET_GIF_TRUNCATED: throw .truncated("GIF")
        default: throw .broken(format: "GIF", reason: textOfMessage(info.message))
        }
    }
}
