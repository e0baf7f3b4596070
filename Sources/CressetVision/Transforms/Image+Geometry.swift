import CPixels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Image {
    /// The picture rotated counter-clockwise, as Pillow does it.
    ///
    /// Traps if a number is not finite, for an interpolation other than `nearest`, `bilinear` and `bicubic`, and for a
    /// fill of the wrong number of channels.
    ///
    /// - Parameters:
    ///   - angle: In degrees.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - expands: Whether the result is made large enough to contain the whole picture, rotated about its middle.
    ///     Default: it keeps the size.
    ///   - center: The point that stays where it is, in pixels from the upper left corner. Default: the middle.
    ///   - fill: The colour of uncovered pixels.
    /// - Throws: ``ImageError/resultTooLarge(operation:width:height:)`` if the expanded picture would have more than
    ///   ``maximumPixelCount`` pixels.
    public func rotated(
        by angle: Double, interpolation: Interpolation = .nearest, expands: Bool = false,
        center: (x: Double, y: Double)? = nil, fill: Fill = 0
    ) throws(ImageError) -> Image {
        checkWarp("rotated", interpolation, [angle, center?.x ?? 0, center?.y ?? 0])
        if expands, let center, !(abs(center.x) < 1e9 && abs(center.y) < 1e9) {
            fatalError("rotated: the picture cannot be expanded about \(center)")
        }
        var turn = angle.truncatingRemainder(dividingBy: 360)
        if turn < 0 { turn += 360 }
        if center == nil, let turned = turnedByRightAngles(turn, expands: expands) { return turned }
        let radians = -turn * .pi / 180
        let (cosine, sine) = (roundedTo15(cos(radians)), roundedTo15(sin(radians)))
        let center = center ?? (x: Double(width) / 2, y: Double(height) / 2)
        var map = AffineMap(a: cosine, b: sine, c: 0, d: -sine, e: cosine, f: 0)
        map.move(by: -center.x, -center.y)
        map.c += center.x
        map.f += center.y
        var size = (width: width, height: height)
        if expands {
            size = map.expanded(size)
            if size.width > Image.maximumPixelCount / size.height {
                throw .resultTooLarge(operation: "rotate", width: size.width, height: size.height)
            }
            map.move(by: -Double(size.width - width) / 2, -Double(size.height - height) / 2)
        }
        return warped(map, width: size.width, height: size.height, "rotated", interpolation, fill)
    }

    /// What Pillow does without computing positions.
    private func turnedByRightAngles(_ turn: Double, expands: Bool) -> Image? {
        if turn == 0 { return self }
        if turn == 180 { return flippedHorizontally().flippedVertically() }
        guard expands || width == height else { return nil }
        if turn == 90 { return transposed().flippedVertically() }
        return turn == 270 ? transposed().flippedHorizontally() : nil
    }

    /// The picture rotated, moved, scaled and sheared about its centre, in torchvision's order.
    ///
    /// Traps if a number is not finite, the scale is not positive, for an interpolation other than `nearest`,
    /// `bilinear` and `bicubic`, and for a fill of the wrong number of channels.
    ///
    /// - Parameters:
    ///   - angle: In degrees, clockwise.
    ///   - translation: In pixels.
    ///   - scale: The factor by which the picture grows.
    ///   - shear: In degrees, along x and y.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - center: The point about which it turns, in pixels from the upper left corner. Default: the middle.
    ///   - fill: The colour of uncovered pixels.
    public func affine(
        angle: Double, translation: (x: Double, y: Double), scale: Double, shear: (x: Double, y: Double),
        interpolation: Interpolation = .nearest, center: (x: Double, y: Double)? = nil, fill: Fill = 0
    ) -> Image {
        let center = center ?? (x: Double(width) * 0.5, y: Double(height) * 0.5)
        let numbers = [angle, translation.x, translation.y, scale, shear.x, shear.y, center.x, center.y]
        checkWarp("affine", interpolation, numbers)
        if scale <= 0 { fatalError("affine: the scale must be positive, got \(scale)") }
        let degree = Double.pi / 180
        let (turn, shearX, shearY) = (angle * degree, shear.x * degree, shear.y * degree)
        let a = cos(turn - shearY) / cos(shearY)
        let b = -cos(turn - shearY) * tan(shearX) / cos(shearY) - sin(turn)
        let c = sin(turn - shearY) / cos(shearY)
        let d = -sin(turn - shearY) * tan(shearX) / cos(shearY) + cos(turn)
        // The inverse: from a position in the result to the position in the picture.
        var map = AffineMap(a: d / scale, b: -b / scale, c: 0, d: -c / scale, e: a / scale, f: 0)
        map.c += map.a * (-center.x - translation.x) + map.b * (-center.y - translation.y)
        map.f += map.d * (-center.x - translation.x) + map.e * (-center.y - translation.y)
        map.c += center.x
        map.f += center.y
        return warped(map, width: width, height: height, "affine", interpolation, fill)
    }

    private func warped(
        _ map: AffineMap, width: Int, height: Int, _ name: String, _ interpolation: Interpolation, _ fill: Fill
    ) -> Image {
        let fill = fill.bytes(name, channels: channels)
        return mapped(width: width, height: height) {
            cresset_pixels_affine($0, $1, [map.a, map.b, map.c, map.d, map.e, map.f], interpolation.sampling!, fill)
        }
    }
}

/// From positions in the result to positions in the picture: x' = ax + by + c, y' = dx + ey + f.
private struct AffineMap {
    var (a, b, c, d, e, f): (Double, Double, Double, Double, Double, Double)

    init(a: Double, b: Double, c: Double, d: Double, e: Double, f: Double) {
        (self.a, self.b, self.c, self.d, self.e, self.f) = (a, b, c, d, e, f)
    }

    func image(of x: Double, _ y: Double) -> (x: Double, y: Double) { (a * x + b * y + c, d * x + e * y + f) }

    /// Moves the result before it is mapped.
    mutating func move(by x: Double, _ y: Double) { (c, f) = image(of: x, y) }

    /// The size that holds all four corners after the map.
    func expanded(_ size: (width: Int, height: Int)) -> (width: Int, height: Int) {
        let (w, h) = (Double(size.width), Double(size.height))
        let corners = [image(of: 0, 0), image(of: w, 0), image(of: w, h), image(of: 0, h)]
        func extent(_ values: [Double]) -> Int {
            Int(values.max()!.rounded(.up)) - Int(values.min()!.rounded(.down))
        }
        return (extent(corners.map(\.x)), extent(corners.map(\.y)))
    }
}

extension Interpolation {
    /// How pixels are found at positions between them; nil for what needs areas.
    var sampling: cresset_sampling? {
        switch self {
        case .nearest: CRESSET_SAMPLE_NEAREST
        case .bilinear: CRESSET_SAMPLE_BILINEAR
        case .bicubic: CRESSET_SAMPLE_BICUBIC
        case .box, .hamming, .lanczos: nil
        }
    }
}

/// Traps if a number is not finite, or if positions cannot be interpolated in that way.
func checkWarp(_ name: String, _ interpolation: Interpolation, _ numbers: [Double]) {
    if interpolation.sampling == nil {
        fatalError("\(name): the interpolation must be nearest, bilinear or bicubic, got \(interpolation)")
    }
    if !numbers.allSatisfy(\.isFinite) { fatalError("\(name): numbers must be finite, got \(numbers)") }
}

/// Pillow rounds sine and cosine so that rotations by right angles are exact.
private func roundedTo15(_ value: Double) -> Double { (value * 1e15).rounded(.toNearestOrEven) / 1e15 }
