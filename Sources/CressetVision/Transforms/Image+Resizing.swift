import CPixels

/// How a resized picture's pixels are made from the original's.
public enum Interpolation: String, Sendable, Hashable, CaseIterable, Codable {
    /// The pixel in the middle of the area.
    case nearest
    /// The mean of the area.
    case box
    /// A triangle over the area and its neighbours: torchvision's default.
    case bilinear
    case hamming
    /// Keys' cubic with a = -0.5.
    case bicubic
    case lanczos

    var filter: cresset_filter? {
        switch self {
        case .nearest: nil
        case .box: CRESSET_FILTER_BOX
        case .bilinear: CRESSET_FILTER_BILINEAR
        case .hamming: CRESSET_FILTER_HAMMING
        case .bicubic: CRESSET_FILTER_BICUBIC
        case .lanczos: CRESSET_FILTER_LANCZOS
        }
    }
}

extension Image {
    /// The picture at another size, equal to Pillow's (antialiased, 8-bit) to the bit.
    ///
    /// Traps when there is no memory.
    public func resized(width: Int, height: Int, interpolation: Interpolation = .bilinear) -> Image {
        if width == self.width && height == self.height { return self }
        var status: Int32 = 0
        let image = mapped(width: width, height: height) { source, target in
            if let filter = interpolation.filter {
                status = cresset_pixels_resample(source, target, filter)
            } else {
                status = cresset_pixels_pick_nearest(source, target)
            }
        }
        if status != 0 { fatalError("resized: no memory to resize \(self) to \(width) x \(height)") }
        return image
    }

    /// The picture with its shorter side made `shortSide` pixels long; the longer one keeps the proportion, rounded down.
    public func resized(shortSide: Int, interpolation: Interpolation = .bilinear) -> Image {
        if min(width, height) == shortSide { return self }
        return width <= height
            ? resized(width: shortSide, height: shortSide * height / width, interpolation: interpolation)
            : resized(width: shortSide * width / height, height: shortSide, interpolation: interpolation)
    }
}
