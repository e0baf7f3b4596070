import CressetData

/// Takes the four corners and the middle of a picture, which become one tensor of (5, channel, height, width).
///
/// ``ToTensor``, ``Normalize`` and ``RandomErasing`` then work on all five; what works on the pixels of one image must
/// come before. A loader's batches are of shape (N, 5, C, H, W):
///
/// ```swift
/// let transform = Compose([Resize(256), FiveCrop(224), ToTensor(), Normalize.imageNet])
/// // …
/// let scores = model(batch.inputs.flattened(from: 0, to: 1))     // (5 N, classes)
/// let mean = scores.reshaped([batch.count, 5, -1]).mean(axes: [1])
/// ```
public struct FiveCrop: Transform {
    public let width: Int
    public let height: Int

    /// Squares.
    ///
    /// - Parameter side: In pixels.
    public init(_ side: Int) { self.init(width: side, height: side) }

    /// Traps if a side is not positive, or if an image of that size is too large.
    ///
    /// - Parameters:
    ///   - width: In pixels.
    ///   - height: In pixels.
    public init(width: Int, height: Int) {
        checkSize("FiveCrop", width, height)
        self.width = width
        self.height = height
    }

    /// Throws ``ImageError/unsuitable(_:)`` if the picture is smaller than a crop.
    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        Picture(crops: try picture.singleImage("FiveCrop").fiveCrops(width: width, height: height))
    }
}

/// Takes the four corners and the middle of a picture and of its mirror image, which become one tensor of
/// (10, channel, height, width).
///
/// It is used like ``FiveCrop``.
public struct TenCrop: Transform {
    public let width: Int
    public let height: Int
    public let flipsVertically: Bool

    /// Squares.
    ///
    /// - Parameters:
    ///   - side: In pixels.
    ///   - flipsVertically: Whether top and bottom are swapped in the mirror image, in place of left and right.
    public init(_ side: Int, flipsVertically: Bool = false) {
        self.init(width: side, height: side, flipsVertically: flipsVertically)
    }

    /// Traps if a side is not positive, or if an image of that size is too large.
    ///
    /// - Parameters:
    ///   - width: In pixels.
    ///   - height: In pixels.
    ///   - flipsVertically: Whether top and bottom are swapped in the mirror image, in place of left and right.
    public init(width: Int, height: Int, flipsVertically: Bool = false) {
        checkSize("TenCrop", width, height)
        self.width = width
        self.height = height
        self.flipsVertically = flipsVertically
    }

    /// Throws ``ImageError/unsuitable(_:)`` if the picture is smaller than a crop.
    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        let image = picture.singleImage("TenCrop")
        return Picture(crops: try image.tenCrops(width: width, height: height, flipsVertically: flipsVertically))
    }
}
