import CPixels
import CTIFF

/// A TIFF file, through libtiff: its first directory.
struct TIFFFile: PictureFile {
    let width: Int
    let height: Int
    let isTooShort: Bool
    let workingByteCount: Int
    let modes: Set<ColorMode>
    var ending: PictureEnding { .stated }
    /// The number in the file; 0 if it has none.
    private let statedOrientation: Int

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError) {
        var tiff = try DecoderLibrary.tiff.table()
        var info = cresset_tiff_info()
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        try TIFFFile.check(cresset_tiff_read_header(&tiff, data, file.count, wholeCount, &info), info)
        (width, height) = (Int(info.width), Int(info.height))
        isTooShort = info.is_too_short != 0
        workingByteCount = Int(clamping: info.working_bytes)
        statedOrientation = Int(info.orientation)
        modes = TIFFFile.modes(info)
    }

    private static func modes(_ info: cresset_tiff_info) -> Set<ColorMode> {
        var modes: Set<ColorMode> = info.bits > 8 ? [.deep] : []
        switch info.photometric {
        case 0, 1: modes.insert(info.bits == 1 ? .bilevel : .grey)
        case 3: modes.insert(.palette)
        case 5: modes.insert(.inks)
        default: break
        }
        if info.has_alpha != 0 { modes.insert(.transparency) }
        return modes
    }

    func orientation(in file: UnsafeRawBufferPointer) -> Orientation {
        if statedOrientation != 0 { return Orientation(rawValue: statedOrientation) ?? .upright }
        return Orientation(CameraNotes(ofTIFF: file))
    }

    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String? {
        var tiff = try DecoderLibrary.tiff.table()
        var info = cresset_tiff_info()
        var layout = layout
        let data = file.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let (columns, rows) = (UInt32(width), UInt32(height))
        let status = cresset_tiff_decode(
            &tiff, data, file.count, columns, rows, ground.map(Int32.init) ?? -1, &layout, &info)
        try TIFFFile.check(status, info)
        if info.had_errors != 0 { return "suspect TIFF: \(textOfMessage(info.message))" }
        return info.is_unscaled != 0 ? TIFFFile.suspicion(ofSamples: info.least_sample, info.most_sample) : nil
    }

    /// What is wrong with grey samples that are taken as they are, without scaling, as Pillow takes them; nil if they use
    /// the range from 0 to 255.
    private static func suspicion(ofSamples least: Double, _ most: Double) -> String? {
        let range = "suspect TIFF: samples from \(text(least)) to \(text(most)) are not scaled"
        if least < 0 || most > 255 { return range + ", but cut off at 0 and 255" }
        return most <= 1 ? range + ": where white is 255, that is black" : nil
    }

    private static func text(_ sample: Double) -> String {
        sample == sample.rounded() && abs(sample) < 1e15 ? "\(Int(sample))" : "\(sample)"
    }

    private static func check(_ status: cresset_tiff_status, _ info: cresset_tiff_info) throws(ImageError) {
        switch status {
        case CRESSET_TIFF_OK: return
        case CRESSET_TIFF_TRUNCATED: throw .truncated("TIFF")
        case CRESSET_TIFF_UNSUPPORTED: throw .unsupportedFormat(textOfMessage(info.message))
        default: throw .broken(format: "TIFF", reason: textOfMessage(info.message))
        }
    }
}
