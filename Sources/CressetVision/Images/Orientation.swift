import CPixels
import Cresset

/// How a camera was held, in EXIF's numbering: what must be done to the stored pixels to see the picture upright.
public enum Orientation: Int, Sendable, Hashable, CaseIterable {
    case upright = 1
    case mirrored = 2
    case upsideDown = 3
    case mirroredUpsideDown = 4
    case transposed = 5
    /// The picture must be rotated by 90 degrees clockwise.
    case turnedLeft = 6
    case transposedUpsideDown = 7
    /// The picture must be rotated by 90 degrees counter-clockwise.
    case turnedRight = 8

    /// Whether width and height are swapped.
    public var swapsAxes: Bool { rawValue >= 5 }

    /// The orientation that a file's notes state: upright if they state none, or an invalid one. EXIF data come before
    /// an XMP packet.
    init(_ notes: CameraNotes) {
        self = (notes.exifOrientation ?? notes.xmpOrientation).flatMap(Orientation.init(rawValue:)) ?? .upright
    }
}

extension Orientation {
    /// Where the pixels of a stored picture belong in the upright one, whose first byte is at `start`.
    func layout(
        width: Int, height: Int, channels: Int, at start: UnsafeMutablePointer<UInt8>
    ) -> cresset_layout {
        let upright = size(ofStored: width, height)
        let stride = upright.width * channels
        // The first stored pixel is in one of the corners.
        let origin = (isMirrored ? stride - channels : 0) + (isFlipped ? (upright.height - 1) * stride : 0)
        let (across, down) = (isMirrored ? -channels : channels, isFlipped ? -stride : stride)
        return cresset_layout(
            origin: start + origin, column_step: swapsAxes ? down : across, row_step: swapsAxes ? across : down)
    }

    /// Whether stored pixels are placed from the right to the left of the upright picture.
    var isMirrored: Bool { [.mirrored, .upsideDown, .turnedLeft, .transposedUpsideDown].contains(self) }

    /// Whether stored pixels are placed from the bottom to the top of the upright picture.
    var isFlipped: Bool { [.upsideDown, .mirroredUpsideDown, .transposedUpsideDown, .turnedRight].contains(self) }

    /// The size of the upright picture.
    func size(ofStored width: Int, _ height: Int) -> (width: Int, height: Int) {
        swapsAxes ? (height, width) : (width, height)
    }
}

extension Image {
    /// The picture seen upright, given how it was stored.
    ///
    /// - Parameter orientation: The orientation of the stored picture.
    public func oriented(_ orientation: Orientation) -> Image {
        if orientation == .upright { return self }
        let size = orientation.size(ofStored: width, height)
        return Image(width: size.width, height: size.height, channels: channels) { target in
            var layout = orientation.layout(width: width, height: height, channels: channels, at: target)
            withDescription { cresset_pixels_place($0, &layout, 0) }
        }
    }

    /// The picture with rows and columns exchanged.
    public func transposed() -> Image { oriented(.transposed) }
}
