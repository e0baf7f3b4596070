import CressetData

/// Resizes a picture.
public struct Resize: Transform {
    /// What a picture is resized to.
    public enum Size: Sendable, Hashable {
        /// The shorter side's length; the longer one keeps the aspect ratio.
        case shortSide(Int)
        /// The shorter side's length, or less if the longer one would then be over `longSide`: torchvision's `max_size`.
        case shortSideWithin(Int, longSide: Int)
        /// The longer side's length; the shorter one keeps the aspect ratio, with at least one pixel.
        case longSide(Int)
        case exactly(width: Int, height: Int)
    }

    public let size: Size
    public let interpolation: Interpolation

    /// Makes the shorter side `shortSide` pixels long.
    ///
    /// - Parameters:
    ///   - shortSide: In pixels.
    ///   - interpolation: How values between pixels are found.
    public init(_ shortSide: Int, interpolation: Interpolation = .bilinear) {
        self.init(.shortSide(shortSide), interpolation: interpolation)
    }

    /// Traps if a side is not positive, if an image of that size is too large, or if the longer side is not longer than
    /// the shorter one.
    ///
    /// - Parameters:
    ///   - size: The size of the result.
    ///   - interpolation: How values between pixels are found.
    public init(_ size: Size, interpolation: Interpolation = .bilinear) {
        size.check("Resize")
        self.size = size
        self.interpolation = interpolation
    }

    /// Throws ``ImageError/resultTooLarge(operation:width:height:)`` for a picture so long and thin that the result
    /// would have too many pixels; not if a ``CenterCrop`` follows in ``Compose``, since most of them are then not
    /// needed.
    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        try picture.mappingImage("Resize") { try $0.resized(to: size, interpolation: interpolation) }
    }
}

extension Resize.Size {
    /// Traps if no picture can have this size.
    func check(_ name: String) {
        switch self {
        case .shortSide(let side): checkShortSide(name, side)
        case .longSide(let side):
            if !(1...Image.maximumPixelCount).contains(side) {
                fatalError("\(name): the longer side must have 1 to \(Image.maximumPixelCount) pixels, got \(side)")
            }
        case .shortSideWithin(let short, let long):
            checkShortSide(name, short)
            if long <= short { fatalError("\(name): the longer side, \(long), must be over the shorter one, \(short)") }
        case .exactly(let width, let height): checkSize(name, width, height)
        }
    }

    /// The size that a picture of the given size gets. Fractions of pixels are dropped, as torchvision does.
    func applied(to size: (width: Int, height: Int)) -> (width: Int, height: Int) {
        let isUpright = size.width <= size.height
        let (short, long) = isUpright ? (size.width, size.height) : (size.height, size.width)
        func sized(_ newShort: Int, _ newLong: Int) -> (width: Int, height: Int) {
            isUpright ? (newShort, newLong) : (newLong, newShort)
        }
        switch self {
        case .exactly(let width, let height): return (width, height)
        case .shortSide(let side): return sized(side, side * long / short)
        case .longSide(let side): return sized(max(side * short / long, 1), side)
        case .shortSideWithin(let side, let most):
            let newLong = side * long / short
            return newLong <= most ? sized(side, newLong) : sized(max(most * side / newLong, 1), most)
        }
    }
}

/// Traps if an image of that size is too large.
func checkSize(_ name: String, _ width: Int, _ height: Int) {
    if width < 1 || height < 1 || width > Image.maximumPixelCount / height {
        fatalError(
            "\(name): at least 1 x 1 and at most \(Image.maximumPixelCount) pixels, got \(width) x \(height)")
    }
}
