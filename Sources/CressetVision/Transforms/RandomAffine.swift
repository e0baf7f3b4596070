import CressetData

/// Rotates, moves, scales and shears a picture at random, about a point.
public struct RandomAffine: Transform {
    /// The range of the angle, clockwise.
    public let degrees: ClosedRange<Double>
    /// How far the picture may move, as a share of its width and height.
    public let translation: (x: Double, y: Double)
    public let scale: ClosedRange<Double>
    /// The ranges of the angles along x and y, in degrees.
    public let shear: (x: ClosedRange<Double>, y: ClosedRange<Double>)
    public let interpolation: Interpolation
    public let fill: Fill
    /// The point that stays where it is; nil for the middle.
    public let center: (x: Double, y: Double)?

    /// Turned by up to `degrees` in both directions.
    ///
    /// ```swift
    /// RandomAffine(10, translation: (x: 0.1, y: 0.1), scale: 0.9...1.1)
    /// ```
    ///
    /// - Parameters:
    ///   - degrees: The largest angle, not negative; 0 for none.
    ///   - translation: How far the picture may move in each direction, as a share of its width and height, 0 to 1.
    ///   - scale: The range of the factor by which it grows.
    ///   - shear: The ranges of the angles along x and y, in degrees.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - fill: The colour of uncovered pixels.
    ///   - center: The point about which it turns, in pixels from the upper left corner. Default: the middle.
    public init(
        _ degrees: Double, translation: (x: Double, y: Double) = (0, 0), scale: ClosedRange<Double> = 1...1,
        shear: (x: ClosedRange<Double>, y: ClosedRange<Double>) = (0...0, 0...0),
        interpolation: Interpolation = .nearest, fill: Fill = 0, center: (x: Double, y: Double)? = nil
    ) {
        self.init(
            symmetric("RandomAffine", degrees), translation: translation, scale: scale, shear: shear,
            interpolation: interpolation, fill: fill, center: center)
    }

    /// Traps if a number is not finite, a translation is not from 0 to 1, a scale is not positive, or for any other
    /// interpolation.
    ///
    /// - Parameters:
    ///   - degrees: The range of the angle, clockwise.
    ///   - translation: How far the picture may move in each direction, as a share of its width and height, 0 to 1.
    ///   - scale: The range of the factor by which it grows.
    ///   - shear: The ranges of the angles along x and y, in degrees.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - fill: The colour of uncovered pixels.
    ///   - center: The point about which it turns, in pixels from the upper left corner. Default: the middle.
    public init(
        _ degrees: ClosedRange<Double>, translation: (x: Double, y: Double) = (0, 0),
        scale: ClosedRange<Double> = 1...1,
        shear: (x: ClosedRange<Double>, y: ClosedRange<Double>) = (0...0, 0...0),
        interpolation: Interpolation = .nearest, fill: Fill = 0, center: (x: Double, y: Double)? = nil
    ) {
        let ranges = [degrees, scale, shear.x, shear.y]
        checkWarp(
            "RandomAffine", interpolation,
            ranges.flatMap { [$0.lowerBound, $0.upperBound] } + [center?.x ?? 0, center?.y ?? 0])
        if !(0...1).contains(translation.x) || !(0...1).contains(translation.y) {
            fatalError("RandomAffine: translations must be shares of the picture in 0...1, got \(translation)")
        }
        if scale.lowerBound <= 0 { fatalError("RandomAffine: the scale must be positive, got \(scale)") }
        self.degrees = degrees
        self.translation = translation
        self.scale = scale
        self.shear = shear
        self.interpolation = interpolation
        self.fill = fill
        self.center = center
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomAffine") { image in
            let drawn = parameters(width: image.width, height: image.height, random: &random)
            return image.affine(
                angle: drawn.angle, translation: drawn.translation, scale: drawn.scale, shear: drawn.shear,
                interpolation: interpolation, center: center, fill: fill)
        }
    }

    /// What is passed to `affine` for a picture of the given size.
    package func parameters(
        width: Int, height: Int, random: inout SampleRandom
    ) -> (angle: Double, translation: (x: Double, y: Double), scale: Double, shear: (x: Double, y: Double)) {
        let angle = random.uniform(in: degrees)
        let (farX, farY) = (translation.x * Double(width), translation.y * Double(height))
        let moved = (
            x: random.uniform(in: -farX...farX).rounded(.toNearestOrEven),
            y: random.uniform(in: -farY...farY).rounded(.toNearestOrEven)
        )
        let scale = random.uniform(in: scale)
        return (angle, moved, scale, (random.uniform(in: shear.x), random.uniform(in: shear.y)))
    }
}
