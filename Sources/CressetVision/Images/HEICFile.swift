import CHEIF
import CPixels

/// A HEIC file, through libheif: its primary picture, which libheif turns upright.
struct HEICFile: PictureFile {
    let width: Int
    let height: Int
    let isTooShort: Bool
    /// The planes, of two bytes at most, and the picture as libheif converts and turns it.
    let workingByteCount: Int
    var ending: PictureEnding { .stated }

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        var heif = try DecoderLibrary.heif.table()
        var info = cresset_heif_info()
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let status = cresset_heif_read_header(&heif, data, file.count, &info)
        isTooShort = isoBoxesEnd(of: file, beyond: wholeCount)
        // Of a beginning, anything that is wrong may be right in the whole.
        if status != CRESSET_HEIF_OK, file.count < wholeCount || isTooShort { throw .truncated("HEIC") }
        try HEICFile.check(status, info)
        (width, height) = (Int(info.width), Int(info.height))
        let (pixels, isOver) = width.multipliedReportingOverflow(by: height)
        workingByteCount = isOver || pixels > Image.maximumPixelCount ? .max : pixels * 16
    }

    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        var heif = try DecoderLibrary.heif.table()
        var info = cresset_heif_info()
        var layout = layout
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let status = cresset_heif_decode(
            &heif, data, file.count, UInt32(width), UInt32(height), ground.map(Int32.init) ?? -1, &layout, &info)
        try HEICFile.check(status, info)
        return nil
    }

    private static func check(_ status: cresset_heif_status, _ info: cresset_heif_info) throws(ImageError) {
        switch status {
        case CRESSET_HEIF_OK: return
        case CRESSET_HEIF_TRUNCATED: throw .truncated("HEIC")
        default: throw .broken(format: "HEIC", reason: textOfMessage(info.message))
        }
    }
}
