import CressetData

/// Resizes a picture.
public struct Resize: Transform {
    /// What a picture is resized to.
    public enum Size: Sendable, Hashable {
        /// The shorter side's length; the longer one keeps the aspect ratio.
        case shortSide(Int)
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

    /// Traps if a side is not positive, or if an image of that size is too large.
    ///
    /// - Parameters:
    ///   - size: The size of the result.
    ///   - interpolation: How values between pixels are found.
    public init(_ size: Size, interpolation: Interpolation = .bilinear) {
        switch size {
        case .shortSide(let side): checkShortSide("Resize", side)
        case .exactly(let width, let height): checkSize("Resize", width, height)
        }
        self.size = size
        self.interpolation = interpolation
    }

    /// Throws ``ImageError/resultTooLarge(operation:width:height:)`` for a picture so long and thin that the result
    /// would have too many pixels; not if a ``CenterCrop`` follows in ``Compose``, since most of them are then not
    /// needed.
    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        try picture.mappingImage("Resize") { image in
            switch size {
            case .shortSide(let side): try image.resized(shortSide: side, interpolation: interpolation)
            case .exactly(let width, let height):
                image.resized(width: width, height: height, interpolation: interpolation)
            }
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
