import CAVIF
import CPixels

/// An AVIF file, through libavif: its first picture.
struct AVIFFile: PictureFile {
    let width: Int
    let height: Int
    let isTooShort: Bool
    /// Planes of colour and opacity, of one byte or two, and the picture as libavif converts it.
    let workingByteCount: Int
    let modes: Set<ColorMode>
    var ending: PictureEnding { .stated }
    private let statedOrientation: Orientation

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        var avif = try DecoderLibrary.avif.table()
        var info = cresset_avif_info()
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let status = cresset_avif_read_header(&avif, data, file.count, &info)
        isTooShort = isoBoxesEnd(of: file, beyond: wholeCount)
        // Of a beginning, anything that is wrong may be right in the whole; libavif seldom says that the end is missing.
        if status != CRESSET_AVIF_OK, file.count < wholeCount || isTooShort { throw .truncated("AVIF") }
        try AVIFFile.check(status, info)
        (width, height) = (Int(info.width), Int(info.height))
        let (pixels, isOver) = width.multipliedReportingOverflow(by: height)
        workingByteCount = isOver || pixels > Image.maximumPixelCount ? .max : pixels * (info.depth > 8 ? 12 : 8)
        modes = info.depth > 8 ? [.deep] : []
        statedOrientation = Orientation(rawValue: Int(info.orientation)) ?? .upright
    }

    func orientation(in file: UnsafeRawBufferPointer) -> Orientation { statedOrientation }

    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        var avif = try DecoderLibrary.avif.table()
        var info = cresset_avif_info()
        var layout = layout
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let status = cresset_avif_decode(
            &avif, data, file.count, UInt32(width), UInt32(height), ground.map(Int32.init) ?? -1, &layout, &info)
        try AVIFFile.check(status, info)
        return nil
    }

    private static func check(_ status: cresset_avif_status, _ info: cresset_avif_info) throws(ImageError) {
        switch status {
        case CRESSET_AVIF_OK: return
        case CRESSET_AVIF_TRUNCATED: throw .truncated("AVIF")
        default: throw .broken(format: "AVIF", reason: textOfMessage(info.message))
        }
    }
}

/// Whether one of a file's outermost boxes is longer than the file, of which `file` is the beginning.
func isoBoxesEnd(of file: UnsafeRawBufferPointer, beyond wholeCount: Int) -> Bool {
    let numbers = BoundedBytes(file, format: "HEIC", isLittleEndian: false)
    var position = 0
    while position < wholeCount {
        guard var size = try? numbers.word(position) else { return position > wholeCount - 8 }
        if size == 1 {
            guard let high = try? numbers.word(position + 8), let low = try? numbers.word(position + 12) else {
                return position > wholeCount - 16
            }
            if high >= 1 << 16 { return true }
            size = high << 32 | low
        }
        // 0 reaches to the end of the file.
        if size == 0 { return false }
        if size < 8 { return true }
        position += size
    }
    return position > wholeCount
}
