import CPixels
import Cresset

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Image {
    /// The picture blurred by a Gaussian, mirrored at its borders, as torchvision does.
    ///
    /// Traps if a side of the kernel is not odd or over 65,535, or a deviation is not positive.
    ///
    /// - Parameters:
    ///   - kernelSize: The number of columns and rows that are averaged.
    ///   - sigma: The standard deviations, in pixels. Default: 0.15 times the kernel's side, plus 0.35.
    public func gaussianBlurred(
        kernelSize: (width: Int, height: Int), sigma: (x: Double, y: Double)? = nil
    ) -> Image {
        checkKernel("gaussianBlurred", kernelSize.width, kernelSize.height)
        let sigma =
            sigma ?? (x: Double(kernelSize.width) * 0.15 + 0.35, y: Double(kernelSize.height) * 0.15 + 0.35)
        if ![sigma.x, sigma.y].allSatisfy({ $0 > 0 && $0.isFinite }) {
            fatalError("gaussianBlurred: deviations must be positive, got \(sigma)")
        }
        let row = gaussianKernel(count: kernelSize.width, sigma: sigma.x)
        let column = gaussianKernel(count: kernelSize.height, sigma: sigma.y)
        return mapped { source, target in
            let status = cresset_pixels_blur(source, target, row, Int32(row.count), column, Int32(column.count))
            if status != 0 { OutOfMemory.end("gaussianBlurred: no memory", hint: "fewer workers need less") }
        }
    }
}

/// Traps if a side of a kernel is not odd, or too large.
func checkKernel(_ name: String, _ width: Int, _ height: Int) {
    if [width, height].contains(where: { $0 < 1 || $0 % 2 != 1 || $0 > 65_535 }) {
        fatalError("\(name): kernel sides must be odd, from 1 to 65535, got \(width) and \(height)")
    }
}

/// Values of a Gaussian that add up to 1, the largest one in the middle.
func gaussianKernel(count: Int, sigma: Double) -> [Float] {
    let half = Double(count - 1) / 2
    let weights = (0..<count).map { Float(exp(-0.5 * ((Double($0) - half) / sigma) * ((Double($0) - half) / sigma))) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
}
