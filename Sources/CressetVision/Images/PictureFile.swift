import CPixels
import Cresset

/// The header of a picture file in the terms of its format, and the way to the pixels.
///
/// A header is read from a whole file or from its beginning, and allocates nothing that depends on the picture's size.
/// What is missing of a beginning throws ``ImageError/truncated(_:)``.
protocol PictureFile {
    /// The size as stored, which a turned picture swaps.
    var width: Int { get }
    var height: Int { get }
    /// The file has fewer bytes than any picture of that size needs, or than it says itself.
    var isTooShort: Bool { get }
    /// The memory that decoding takes in addition to the file's own and the picture's.
    var workingByteCount: Int { get }
    var ending: PictureEnding { get }
    /// What is unusual about the colours, as far as the header says. Default: nothing.
    var modes: Set<ColorMode> { get }

    init(_ file: UnsafeRawBufferPointer, wholeCount: Int) throws(ImageError)

    /// What must be done to the stored pixels to see the picture upright.
    func orientation(in file: UnsafeRawBufferPointer) -> Orientation

    /// Decodes the file to RGB, placed according to `layout`, over a grey of `ground` where it is transparent; with nil,
    /// colours are used as they are. Returns what is odd about the file, or nil.
    func decode(
        _ file: UnsafeRawBufferPointer, over ground: UInt8?, into layout: cresset_layout
    ) throws(ImageError) -> String?
}

extension PictureFile {
    var modes: Set<ColorMode> { [] }
    func orientation(in file: UnsafeRawBufferPointer) -> Orientation { .upright }
}

/// How the end of a file shows that nothing is missing.
enum PictureEnding {
    /// The header says how long the file is.
    case stated
    /// One of the last bytes begins this mark.
    case mark([UInt8])
    /// The last bytes are these.
    case last([UInt8])
    /// It does not.
    case none

    /// Whether a complete file may have these last bytes.
    func isIn(_ tail: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .stated: true
        case .mark(let bytes): tail.indices.contains { tail[$0...].starts(with: bytes) }
        case .last(let bytes): tail.suffix(bytes.count).elementsEqual(bytes)
        case .none: false
        }
    }
}

/// Refuses a canvas that a few bytes claim: of more than 16 megapixels, and a thousand times as large as its first frame.
func checkCanvas(
    _ width: Int, _ height: Int, frame: (width: Int, height: Int), format: PictureHeader.Format
) throws(ImageError) {
    let pixels = width * height
    // Even more are refused by their number.
    guard pixels > 16_000_000, pixels <= Image.maximumPixelCount else { return }
    if pixels / 1000 >= frame.width * frame.height {
        throw .broken(
            format: format.rawValue,
            reason: "a frame of \(frame.width) x \(frame.height) pixels on a canvas of \(width) x \(height)")
    }
}

extension cresset_layout {
    /// The address of a stored pixel's red.
    func address(_ x: Int, _ y: Int) -> UnsafeMutablePointer<UInt8> { origin + x * column_step + y * row_step }

    /// Gives all pixels one colour.
    func fill(width: Int, height: Int, _ color: (UInt8, UInt8, UInt8)) {
        for y in 0..<height {
            var pixel = address(0, y)
            for _ in 0..<width {
                (pixel[0], pixel[1], pixel[2]) = color
                pixel += column_step
            }
        }
    }
}
