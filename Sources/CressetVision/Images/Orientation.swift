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

    /// The orientation that a JPEG or PNG file states: upright if it states none, or an invalid one.
    ///
    /// Every offset is checked against the available bytes; nothing is followed twice, so that a hostile file cannot
    /// make this loop.
    init(ofFile file: UnsafeRawBufferPointer, kind: FileKind) {
        let block =
            switch kind {
            case .jpeg: Orientation.exifOfJPEG(file)
            case .png: Orientation.exifOfPNG(file)
            case .picture, .document, .unknown: Optional<UnsafeRawBufferPointer>.none
            }
        self = block.flatMap(Orientation.parse) ?? .upright
    }

    /// Walks the segments before the first scan.
    private static func exifOfJPEG(_ file: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var position = 2
        while position + 4 <= file.count, file[position] == 0xFF {
            let marker = file[position + 1]
            if marker == 0xFF {
                position += 1
                continue
            }
            if marker == 0xDA || marker == 0xD9 { return nil }
            let length = Int(file[position + 2]) << 8 | Int(file[position + 3])
            let end = position + 2 + length
            if length < 2 || end > file.count { return nil }
            let body = UnsafeRawBufferPointer(rebasing: file[(position + 4)..<end])
            if marker == 0xE1, body.starts(with: "Exif\0\0".utf8) {
                return UnsafeRawBufferPointer(rebasing: body[6...])
            }
            position = end
        }
        return nil
    }

    /// Walks the chunks to the first eXIf.
    private static func exifOfPNG(_ file: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var position = 8
        while file.count - position >= 12 {
            let length = Int(UInt32(bigEndian: file.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            if length > file.count - position - 12 { return nil }
            let name = file[(position + 4)..<(position + 8)]
            if name.elementsEqual("eXIf".utf8) {
                return UnsafeRawBufferPointer(rebasing: file[(position + 8)..<(position + 8 + length)])
            }
            position += 12 + length
        }
        return nil
    }

    /// Finds tag 0x0112 in the first directory of a TIFF structure.
    private static func parse(_ block: UnsafeRawBufferPointer) -> Orientation? {
        guard block.count >= 8 else { return nil }
        let isLittle = block.starts(with: "II*\0".utf8)
        if !isLittle && !block.starts(with: "MM\0*".utf8) { return nil }
        func half(_ offset: Int) -> Int {
            let value = block.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
            return Int(isLittle ? UInt16(littleEndian: value) : UInt16(bigEndian: value))
        }
        func word(_ offset: Int) -> Int {
            let value = block.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return Int(isLittle ? UInt32(littleEndian: value) : UInt32(bigEndian: value))
        }
        let directory = word(4)
        guard directory >= 8, directory <= block.count - 2 else { return nil }
        for entry in 0..<half(directory) {
            let offset = directory + 2 + entry * 12
            guard offset <= block.count - 12 else { return nil }
            guard half(offset) == 0x0112 else { continue }
            // One number, 16 bits wide by the standard; some writers use 32.
            guard word(offset + 4) == 1 else { return nil }
            switch half(offset + 2) {
            case 3: return Orientation(rawValue: half(offset + 8))
            case 4: return Orientation(rawValue: word(offset + 8))
            default: return nil
            }
        }
        return nil
    }
}

extension Orientation {
    /// Where the pixels of a stored picture belong in the upright one, whose first byte is at `start`.
    func layout(
        width: Int, height: Int, channels: Int, at start: UnsafeMutablePointer<UInt8>
    ) -> cresset_layout {
        let isMirrored = [.mirrored, .upsideDown, .turnedLeft, .transposedUpsideDown].contains(self)
        let isFlipped = [.upsideDown, .mirroredUpsideDown, .transposedUpsideDown, .turnedRight].contains(self)
        let upright = size(ofStored: width, height)
        let stride = upright.width * channels
        // The first stored pixel is in one of the corners.
        let origin = (isMirrored ? stride - channels : 0) + (isFlipped ? (upright.height - 1) * stride : 0)
        let (across, down) = (isMirrored ? -channels : channels, isFlipped ? -stride : stride)
        return cresset_layout(
            origin: start + origin, column_step: swapsAxes ? down : across, row_step: swapsAxes ? across : down)
    }

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
