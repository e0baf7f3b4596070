import CPixels

extension Image {
    /// The picture with left and right swapped.
    public func flippedHorizontally() -> Image { mapped { cresset_pixels_flip_horizontally($0, $1) } }

    /// The picture with top and bottom swapped.
    public func flippedVertically() -> Image { mapped { cresset_pixels_flip_vertically($0, $1) } }
}
