import CJPEG
import CPixels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A JPEG file, through libjpeg-turbo.
struct JPEGFile: PictureFile {
    let width: Int
    let height: Int
    let isTooShort: Bool
    let workingByteCount: Int
    let modes: Set<ColorMode>
    var ending: PictureEnding { .mark([0xFF, 0xD9]) }
    /// The sides that the file states are divided by this when it is decoded: 1, 2, 4 or 8.
    private let reduction: Int
    /// What is decoded at least.
    private var part: PixelPart
    /// Whether what is missing of the file is grey.
    private var isPadded = false

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        var info = cresset_jpeg_info()
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        try JPEGFile.check(cresset_jpeg_read_header(data, file.count, wholeCount, &info), info)
        (width, height) = (Int(info.width), Int(info.height))
        isTooShort = info.is_too_short != 0
        workingByteCount = Int(clamping: info.working_bytes)
        modes = info.components == 1 ? [.grey] : info.components == 4 ? [.inks] : []
        reduction = 1
        part = PixelPart(columns: 0..<width, rows: 0..<height)
    }

    private init(_ whole: JPEGFile, reduction: Int) {
        // libjpeg rounds up.
        width = (whole.width + reduction - 1) / reduction
        height = (whole.height + reduction - 1) / reduction
        isTooShort = whole.isTooShort
        workingByteCount = whole.workingByteCount
        modes = whole.modes
        isPadded = whole.isPadded
        self.reduction = reduction
        self.part = PixelPart(columns: 0..<width, rows: 0..<height)
    }

    /// The same file decoded at the smallest of its size, a half, a quarter and an eighth that is at least `size`.
    func reduced(toAtLeast size: (width: Int, height: Int)) -> JPEGFile {
        let reduction = [8, 4, 2].first { width >= size.width * $0 && height >= size.height * $0 }
        return JPEGFile(self, reduction: reduction ?? 1)
    }

    /// The same file decoded in `part` at least.
    func limited(to part: PixelPart) -> JPEGFile {
        var copy = self
        copy.part = part
        return copy
    }

    /// The same file decoded even if it ends early, as far as it goes.
    var padded: JPEGFile {
        var copy = self
        copy.isPadded = true
        return copy
    }

    func orientation(in file: UnsafeRawBufferPointer) -> Orientation { Orientation(CameraNotes(ofJPEG: file)) }

    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        var info = cresset_jpeg_info()
        var layout = layout
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        var part = cresset_jpeg_part(part)
        let (columns, rows) = (UInt32(width), UInt32(height))
        try JPEGFile.check(
            cresset_jpeg_decode(data, file.count, columns, rows, Int32(reduction), isPadded, &part, &layout, &info),
            info)
        if info.padded != 0 { return "truncated JPEG: what is missing is grey" }
        if info.warnings > 0 {
            let plural = info.warnings == 1 ? "" : "s"
            return "suspect JPEG: \(textOfMessage(info.message)) (\(info.warnings) such problem\(plural))"
        }
        return info.missing_end != 0 ? "JPEG without its end marker" : nil
    }

    private static func check(_ status: cresset_jpeg_status, _ info: cresset_jpeg_info) throws(ImageError) {
        switch status {
        case CRESSET_JPEG_OK: return
        case CRESSET_JPEG_TRUNCATED: throw .truncated("JPEG")
        case CRESSET_JPEG_NO_MEMORY: throw .system(operation: "decode", code: ENOMEM)
        default: throw .broken(format: "JPEG", reason: textOfMessage(info.message))
        }
    }
}

extension cresset_jpeg_part {
    fileprivate init(_ part: PixelPart) {
        self.init(
            left: UInt32(part.columns.lowerBound), top: UInt32(part.rows.lowerBound),
            right: UInt32(part.columns.upperBound), bottom: UInt32(part.rows.upperBound))
    }
}
