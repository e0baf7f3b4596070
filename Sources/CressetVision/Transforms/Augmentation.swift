#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The operations of which policies of augmentation are made, under torchvision's names.
package enum Augmentation: String, CaseIterable {
    case identity = "Identity"
    case shearX = "ShearX"
    case shearY = "ShearY"
    case translateX = "TranslateX"
    case translateY = "TranslateY"
    case rotate = "Rotate"
    case brightness = "Brightness"
    case color = "Color"
    case contrast = "Contrast"
    case sharpness = "Sharpness"
    case posterize = "Posterize"
    case solarize = "Solarize"
    case autoContrast = "AutoContrast"
    case equalize = "Equalize"
    case invert = "Invert"

    /// Whether its magnitude is negated half of the time.
    package var isSigned: Bool {
        switch self {
        case .shearX, .shearY, .translateX, .translateY, .rotate, .brightness, .color, .contrast, .sharpness: true
        case .identity, .posterize, .solarize, .autoContrast, .equalize, .invert: false
        }
    }

    /// The image after the operation.
    ///
    /// - Parameters:
    ///   - image: The image before it.
    ///   - magnitude: A slope, pixels, degrees, a difference from the neutral factor, bits, or a threshold.
    ///   - style: How values between pixels are found, and what is put outside.
    package func apply(to image: Image, magnitude: Double, _ style: Style) -> Image {
        switch self {
        case .identity: image
        case .shearX: sheared(image, (slopeInDegrees(magnitude), 0), style)
        case .shearY: sheared(image, (0, slopeInDegrees(magnitude)), style)
        case .translateX: moved(image, (magnitude.rounded(.towardZero), 0), style)
        case .translateY: moved(image, (0, magnitude.rounded(.towardZero)), style)
        case .rotate: rotated(image, magnitude, style)
        case .brightness: image.adjustingBrightness(by: 1 + magnitude)
        case .color: image.adjustingSaturation(by: 1 + magnitude)
        case .contrast: image.adjustingContrast(by: 1 + magnitude)
        case .sharpness: image.adjustingSharpness(by: 1 + magnitude)
        case .posterize: image.posterized(bits: Int(magnitude))
        case .solarize: image.solarized(threshold: magnitude)
        case .autoContrast: image.autocontrasted()
        case .equalize: image.equalized()
        case .invert: image.inverted()
        }
    }

    /// How values between pixels are found, and what is put outside.
    package struct Style: Sendable {
        let interpolation: Interpolation
        let fill: Fill

        /// Traps for an interpolation that geometry does not have.
        package init(_ name: String, _ interpolation: Interpolation, _ fill: Fill) {
            checkWarp(name, interpolation, [])
            self.interpolation = interpolation
            self.fill = fill
        }
    }

    private func slopeInDegrees(_ slope: Double) -> Double { atan(slope) * (180 / .pi) }

    private func sheared(_ image: Image, _ shear: (x: Double, y: Double), _ style: Style) -> Image {
        image.affine(
            angle: 0, translation: (0, 0), scale: 1, shear: shear, interpolation: style.interpolation, center: (0, 0),
            fill: style.fill)
    }

    private func moved(_ image: Image, _ distance: (x: Double, y: Double), _ style: Style) -> Image {
        image.affine(
            angle: 0, translation: distance, scale: 1, shear: (0, 0), interpolation: style.interpolation,
            fill: style.fill)
    }

    private func rotated(_ image: Image, _ angle: Double, _ style: Style) -> Image {
        do {
            return try image.rotated(by: angle, interpolation: style.interpolation, fill: style.fill)
        } catch {
            fatalError("Rotate: a picture that keeps its size is not too large: \(error)")
        }
    }
}

/// The magnitudes among which a policy chooses.
package struct Magnitudes {
    /// How many there are of each operation.
    package let count: Int
    /// How far an operation goes at most.
    let most: (shear: Double, shift: (x: Double, y: Double), angle: Double, factor: Double)
    /// The bits that posterizing keeps, from the weakest to the strongest.
    let bits: (first: Int, last: Int)

    /// The magnitude of number `index`, of `count`: its strength, before a sign is drawn.
    package func value(_ operation: Augmentation, _ index: Int) -> Double {
        switch operation {
        case .shearX, .shearY: step(to: most.shear, index)
        case .translateX: step(to: most.shift.x, index)
        case .translateY: step(to: most.shift.y, index)
        case .rotate: step(to: most.angle, index)
        case .brightness, .color, .contrast, .sharpness: step(to: most.factor, index)
        case .posterize: Double(bitCount(index))
        case .solarize: step(from: 255, to: 0, index)
        case .identity, .autoContrast, .equalize, .invert: 0
        }
    }

    private func bitCount(_ index: Int) -> Int {
        let width = Float(count - 1) / Float(bits.first - bits.last)
        return bits.first - Int((Float(index) / width).rounded(.toNearestOrEven))
    }

    /// In single precision and from both ends, as `torch.linspace` counts.
    private func step(from start: Float = 0, to end: Double, _ index: Int) -> Double {
        let end = Float(end)
        let step = (end - start) / Float(count - 1)
        return Double(index < count / 2 ? start + step * Float(index) : end - step * Float(count - 1 - index))
    }
}

/// Traps unless `bins` is at least 2.
func checkBins(_ name: String, _ bins: Int) {
    if bins < 2 { fatalError("\(name): there must be at least 2 magnitudes, got \(bins)") }
}
