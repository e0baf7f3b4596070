import CPixels
import CWebP

/// A WebP file: its container, read here, and the picture or first frame in it, through libwebp.
///
/// Reference: RFC 9649, the WebP image format.
struct WebPFile: PictureFile {
    /// The canvas.
    let width: Int
    let height: Int
    let isTooShort: Bool
    var ending: PictureEnding { .stated }
    /// libwebp's own picture of four bytes per pixel, and the one that is turned or laid over a colour.
    var workingByteCount: Int { frame.width * frame.height * 8 }
    private let frame: Frame

    /// What libwebp decodes, and where it lies on the canvas.
    private struct Frame {
        var left = 0
        var top = 0
        var width: Int
        var height: Int
        /// The bytes of the file.
        var bytes: Range<Int>
        var isWholeCanvas = true
    }

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        let numbers = BoundedBytes(file, format: "WebP")
        let end = 8 + (try numbers.word(4))
        isTooShort = end > wholeCount
        let first = try WebPFile.size(ofPictureAt: 12, numbers)
        (width, height) = (first.width, first.height)
        if first.isAnimated {
            let place = try WebPFile.find(["ANMF"], numbers, end)
            frame = try WebPFile.frame(place + 8, numbers.word(place + 4), numbers)
            if frame.left + frame.width > width || frame.top + frame.height > height {
                throw .broken(format: "WebP", reason: "a frame reaches beyond the canvas")
            }
            try checkCanvas(width, height, frame: (frame.width, frame.height), format: .webp)
        } else {
            let pixels = try WebPFile.size(ofPictureAt: WebPFile.find(["VP8 ", "VP8L"], numbers, end), numbers)
            if (pixels.width, pixels.height) != (width, height) { throw WebPFile.otherSize }
            frame = Frame(width: width, height: height, bytes: 0..<min(end, wholeCount))
        }
    }

    private static let otherSize = ImageError.broken(
        format: "WebP", reason: "the picture has another size than its header says")

    /// Where the first chunk with one of these names begins.
    private static func find(_ names: [String], _ numbers: BoundedBytes, _ end: Int) throws(ImageError) -> Int {
        var position = 12
        while position + 8 <= end {
            let length = try numbers.word(position + 4)
            if names.contains(where: { numbers.has($0, at: position) }) { return position }
            position += 8 + length + length % 2
        }
        throw .broken(format: "WebP", reason: "there are no pixels in it")
    }

    /// The size that the chunk at `position` states, and whether the picture is an animation.
    private static func size(
        ofPictureAt position: Int, _ numbers: BoundedBytes
    ) throws(ImageError) -> (width: Int, height: Int, isAnimated: Bool) {
        let body = position + 8
        if numbers.has("VP8X", at: position) {
            let flags = try numbers.byte(body)
            return (try triple(body + 4, numbers) + 1, try triple(body + 7, numbers) + 1, flags & 2 != 0)
        }
        if numbers.has("VP8L", at: position) {
            let bits = try numbers.word(body + 1)
            return (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1, false)
        }
        if numbers.has("VP8 ", at: position) {
            return (try numbers.half(body + 6) & 0x3FFF, try numbers.half(body + 8) & 0x3FFF, false)
        }
        _ = try numbers.word(position)
        throw .broken(format: "WebP", reason: "no picture in the first chunk")
    }

    /// The frame whose chunk's contents begin at `body`.
    private static func frame(_ body: Int, _ length: Int, _ numbers: BoundedBytes) throws(ImageError) -> Frame {
        if length < 16 { throw .broken(format: "WebP", reason: "a frame without pixels") }
        return Frame(
            left: 2 * (try triple(body, numbers)), top: 2 * (try triple(body + 3, numbers)),
            width: try triple(body + 6, numbers) + 1, height: try triple(body + 9, numbers) + 1,
            bytes: (body + 16)..<(body + length), isWholeCanvas: false)
    }

    private static func triple(_ offset: Int, _ numbers: BoundedBytes) throws(ImageError) -> Int {
        try numbers.half(offset) | numbers.byte(offset + 2) << 16
    }

    func orientation(in file: UnsafeRawBufferPointer) -> Orientation { Orientation(CameraNotes(ofWebP: file)) }

    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        var webp = try DecoderLibrary.webp.table()
        guard frame.bytes.upperBound <= file.count else { throw .truncated("WebP") }
        var part = layout
        if !frame.isWholeCanvas {
            let black = ground ?? 0
            layout.fill(width: width, height: height, (black, black, black))
            part.origin = layout.address(frame.left, frame.top)
        }
        let data = (file.baseAddress! + frame.bytes.lowerBound).assumingMemoryBound(to: UInt8.self)
        let status = cresset_webp_decode(
            &webp, data, frame.bytes.count, UInt32(frame.width), UInt32(frame.height), ground.map(Int32.init) ?? -1,
            &part)
        switch status {
        case CRESSET_WEBP_OK: return nil
        case CRESSET_WEBP_OTHER_SIZE: throw WebPFile.otherSize
        case CRESSET_WEBP_NO_MEMORY: throw .broken(format: "WebP", reason: "out of memory")
        default: throw .broken(format: "WebP", reason: "libwebp cannot decode the pixels")
        }
    }
}
