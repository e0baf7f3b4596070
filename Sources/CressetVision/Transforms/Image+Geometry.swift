import CPixels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Image {
    /// The picture rotated counter-clockwise about its centre.
    ///
    /// - Parameters:
    ///   - angle: In degrees.
    ///   - interpolation: `nearest` or `bilinear`.
    ///   - expands: Whether the result is made large enough to contain the whole picture. Default: it keeps the size.
    ///   - fill: The value of uncovered pixels.
    ///
    /// Traps if the angle is not finite, or for any other interpolation.
    /// - Throws: ``ImageError/resultTooLarge(operation:width:height:)`` if the expanded picture would have more than
    ///   ``maximumPixelCount`` pixels.
    public func rotated(
        by angle: Double, interpolation: Interpolation = .nearest, expands: Bool = false, fill: UInt8 = 0
    ) throws(ImageError) -> Image {
        if !angle.isFinite { fatalError("rotated: the angle must be finite, got \(angle)") }
        let turn = angle - 360 * (angle / 360).rounded(.down)
        if turn == 0 { return self }
        if turn == 180 { return flippedHorizontally().flippedVertically() }
        if turn == 90 && (expands || width == height) { return transposed().flippedVertically() }
        if turn == 270 && (expands || width == height) { return transposed().flippedHorizontally() }
        let radians = -turn * .pi / 180
        let (cosine, sine) = (roundedTo15(cos(radians)), roundedTo15(sin(radians)))
        let center = (x: Double(width) / 2, y: Double(height) / 2)
        var matrix = [cosine, sine, 0, -sine, cosine, 0]
        matrix[2] = center.x - cosine * center.x - sine * center.y
        matrix[5] = center.y + sine * center.x - cosine * center.y
        var size = (width: width, height: height)
        if expands {
            size = expandedSize(matrix)
            if size.width > Image.maximumPixelCount / size.height {
                throw .resultTooLarge(operation: "rotate", width: size.width, height: size.height)
            }
            let shift = (x: -Double(size.width - width) / 2, y: -Double(size.height - height) / 2)
            matrix[2] += matrix[0] * shift.x + matrix[1] * shift.y
            matrix[5] += matrix[3] * shift.x + matrix[4] * shift.y
        }
        return transformed(matrix, width: size.width, height: size.height, interpolation: interpolation, fill: fill)
    }

    /// The picture rotated, moved, scaled and sheared about its centre, in torchvision's order.
    ///
    /// Traps if a number is not finite, the scale is not positive, or for any other interpolation.
    ///
    /// - Parameters:
    ///   - angle: In degrees, clockwise.
    ///   - translation: In pixels.
    ///   - scale: The factor by which the picture grows.
    ///   - shear: In degrees, along x and y.
    ///   - interpolation: `nearest` or `bilinear`.
    ///   - fill: The value of uncovered pixels.
    public func affine(
        angle: Double, translation: (x: Double, y: Double), scale: Double, shear: (x: Double, y: Double),
        interpolation: Interpolation = .nearest, fill: UInt8 = 0
    ) -> Image {
        let numbers = [angle, translation.x, translation.y, scale, shear.x, shear.y]
        if !numbers.allSatisfy(\.isFinite) || scale <= 0 {
            fatalError("affine: numbers must be finite and the scale positive, got \(numbers)")
        }
        let degree = Double.pi / 180
        let (turn, shearX, shearY) = (angle * degree, shear.x * degree, shear.y * degree)
        let a = cos(turn - shearY) / cos(shearY)
        let b = -cos(turn - shearY) * tan(shearX) / cos(shearY) - sin(turn)
        let c = sin(turn - shearY) / cos(shearY)
        let d = -sin(turn - shearY) * tan(shearX) / cos(shearY) + cos(turn)
        // The inverse: from a position in the result to the position in the picture.
        var matrix = [d, -b, 0, -c, a, 0].map { $0 / scale }
        let center = (x: Double(width) * 0.5, y: Double(height) * 0.5)
        let start = (x: -center.x - translation.x, y: -center.y - translation.y)
        matrix[2] += matrix[0] * start.x + matrix[1] * start.y + center.x
        matrix[5] += matrix[3] * start.x + matrix[4] * start.y + center.y
        return transformed(matrix, width: width, height: height, interpolation: interpolation, fill: fill)
    }

    /// The picture blurred by a Gaussian with the given standard deviations, in pixels.
    ///
    /// Traps if a side of the kernel is not odd or over 65,535, or a deviation is not positive.
    ///
    /// - Parameters:
    ///   - kernelSize: The number of columns and rows that are averaged.
    ///   - sigma: The standard deviations, in pixels.
    public func gaussianBlurred(kernelSize: (width: Int, height: Int), sigma: (x: Double, y: Double)) -> Image {
        if [kernelSize.width, kernelSize.height].contains(where: { $0 % 2 != 1 || $0 > 65_535 }) {
            fatalError("gaussianBlurred: kernel sides must be odd, from 1 to 65535, got \(kernelSize)")
        }
        if ![sigma.x, sigma.y].allSatisfy({ $0 > 0 && $0.isFinite }) {
            fatalError("gaussianBlurred: deviations must be positive, got \(sigma)")
        }
        let row = gaussian(count: kernelSize.width, sigma: sigma.x)
        let column = gaussian(count: kernelSize.height, sigma: sigma.y)
        return mapped { source, target in
            let status = cresset_pixels_blur(source, target, row, Int32(row.count), column, Int32(column.count))
            if status != 0 { OutOfMemory.end("gaussianBlurred: no memory", hint: "fewer workers need less") }
        }
    }

    private func transformed(
        _ matrix: [Double], width: Int, height: Int, interpolation: Interpolation, fill: UInt8
    ) -> Image {
        if interpolation != .nearest && interpolation != .bilinear {
            fatalError("rotated and affine support nearest and bilinear, got \(interpolation)")
        }
        return mapped(width: width, height: height) {
            cresset_pixels_transform($0, $1, matrix, interpolation == .bilinear ? 1 : 0, fill)
        }
    }

    /// The size that holds all four corners after the map.
    private func expandedSize(_ m: [Double]) -> (width: Int, height: Int) {
        let (w, h) = (Double(width), Double(height))
        let corners = [(0, 0), (w, 0), (w, h), (0, h)]
        let xs = corners.map { m[0] * $0.0 + m[1] * $0.1 + m[2] }
        let ys = corners.map { m[3] * $0.0 + m[4] * $0.1 + m[5] }
        return (
            Int(xs.max()!.rounded(.up)) - Int(xs.min()!.rounded(.down)),
            Int(ys.max()!.rounded(.up)) - Int(ys.min()!.rounded(.down))
        )
    }
}

/// Pillow rounds sine and cosine so that rotations by right angles are exact.
private func roundedTo15(_ value: Double) -> Double { (value * 1e15).rounded(.toNearestOrEven) / 1e15 }

private func gaussian(count: Int, sigma: Double) -> [Float] {
    let half = Double(count - 1) / 2
    let weights = (0..<count).map { Float(exp(-0.5 * ((Double($0) - half) / sigma) * ((Double($0) - half) / sigma))) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
}
