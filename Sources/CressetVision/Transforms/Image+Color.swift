import CPixels

extension Image {
    /// The picture's luminance, in one channel or repeated in three.
    ///
    /// - Parameter channels: 1, or 3 equal ones.
    public func grayscale(channels: Int = 1) -> Image {
        if channels != 1 && channels != 3 { fatalError("grayscale: 1 or 3 channels, got \(channels)") }
        return mapped(channels: channels) { cresset_pixels_to_gray($0, $1) }
    }

    /// Brightness scaled by `factor`: 0 gives black, 1 the picture itself.
    public func adjustingBrightness(by factor: Double) -> Image { blended(from: 0, factor) }

    /// Contrast scaled by `factor`: 0 gives the mean luminance everywhere, 1 the picture itself.
    public func adjustingContrast(by factor: Double) -> Image {
        let counts = grayscale().counts()
        let total = (0..<256).reduce(0) { $0 + counts[$1] * $1 }
        let mean = Double(total) / Double(width * height)
        return blended(from: UInt8(mean + 0.5), factor)
    }

    /// Saturation scaled by `factor`: 0 gives greys, 1 the picture itself.
    public func adjustingSaturation(by factor: Double) -> Image {
        checkFactor(factor)
        return channels == 3 ? mapped { cresset_pixels_saturate($0, $1, Float(factor)) } : self
    }

    /// Sharpness scaled by `factor`: 0 gives a smoothed picture, 1 the picture itself.
    public func adjustingSharpness(by factor: Double) -> Image {
        mapped { cresset_pixels_smooth($0, $1) }.blended(with: self, factor)
    }

    /// The picture with its hues rotated by `factor` of the colour circle, -0.5 to 0.5. Grey pictures are unchanged.
    public func adjustingHue(by factor: Double) -> Image {
        if !(-0.5...0.5).contains(factor) { fatalError("adjustingHue: the factor must be -0.5...0.5, got \(factor)") }
        if channels != 3 { return self }
        let shift = UInt8(truncatingIfNeeded: Int(factor * 255))
        return mapped { cresset_pixels_shift_hue($0, $1, shift) }
    }

    /// 255 * gain * (value / 255) ^ gamma, clipped: darker shadows if gamma is over 1.
    ///
    /// - Parameters:
    ///   - gamma: The exponent: above 1 the picture becomes darker.
    ///   - gain: The factor of the result.
    public func adjustingGamma(_ gamma: Double, gain: Double = 1) -> Image {
        mappingValues { value in
            let level = (255 + 1 - 1e-3) * gain * power(Double(value) / 255, gamma)
            return level.isNaN ? 0 : UInt8(min(max(level, 0), 255))
        }
    }

    /// first + factor * (second - first), where this picture is the first.
    func blended(with second: Image, _ factor: Double) -> Image {
        checkFactor(factor)
        return mapped { first, target in
            second.withDescription { cresset_pixels_blend(first, $0, target, Float(factor)) }
        }
    }

    /// first + factor * (this - first), where every byte of the first picture is the same.
    private func blended(from first: UInt8, _ factor: Double) -> Image {
        checkFactor(factor)
        return mapped { cresset_pixels_blend_with(first, $0, $1, Float(factor)) }
    }

    private func checkFactor(_ factor: Double) {
        if !Float(factor).isFinite { fatalError("a factor for brightness and so on must be finite, got \(factor)") }
    }
}
