import CressetData

/// Rotates a picture by a random angle.
public struct RandomRotation: Transform {
    /// The range of the angle, counter-clockwise.
    public let degrees: ClosedRange<Double>
    public let interpolation: Interpolation
    public let expands: Bool
    /// The point that stays where it is; nil for the middle.
    public let center: (x: Double, y: Double)?
    public let fill: Fill

    /// By up to `degrees` in both directions. Traps if a number is not finite, or for any other interpolation.
    ///
    /// - Parameters:
    ///   - degrees: The largest angle, not negative.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - expands: Whether the result is made large enough to contain the whole picture.
    ///   - center: The point that stays where it is, in pixels from the upper left corner. Default: the middle.
    ///   - fill: The colour of uncovered pixels.
    public init(
        _ degrees: Double, interpolation: Interpolation = .nearest, expands: Bool = false,
        center: (x: Double, y: Double)? = nil, fill: Fill = 0
    ) {
        self.init(
            symmetric("RandomRotation", degrees), interpolation: interpolation, expands: expands, center: center,
            fill: fill)
    }

    /// Traps if a number is not finite, or for any other interpolation.
    ///
    /// - Parameters:
    ///   - degrees: The range of the angle, counter-clockwise.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - expands: Whether the result is made large enough to contain the whole picture.
    ///   - center: The point that stays where it is, in pixels from the upper left corner. Default: the middle.
    ///   - fill: The colour of uncovered pixels.
    public init(
        _ degrees: ClosedRange<Double>, interpolation: Interpolation = .nearest, expands: Bool = false,
        center: (x: Double, y: Double)? = nil, fill: Fill = 0
    ) {
        checkWarp(
            "RandomRotation", interpolation, [degrees.lowerBound, degrees.upperBound, center?.x ?? 0, center?.y ?? 0])
        self.degrees = degrees
        self.interpolation = interpolation
        self.expands = expands
        self.center = center
        self.fill = fill
    }

    /// Throws ``ImageError/resultTooLarge(operation:width:height:)`` if the expanded picture would be too large.
    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        let angle = random.uniform(in: degrees)
        return try picture.mappingImage("RandomRotation") {
            try $0.rotated(by: angle, interpolation: interpolation, expands: expands, center: center, fill: fill)
        }
    }
}

/// Sees a picture at a random angle: each corner is moved towards the middle.
///
/// A picture one pixel wide or high is left as it is.
public struct RandomPerspective: Transform {
    /// How far a corner may move, as a share of half the width and height, 0 to 1.
    public let distortion: Double
    public let probability: Double
    public let interpolation: Interpolation
    public let fill: Fill

    /// Traps if a number is not from 0 to 1, or for any other interpolation.
    ///
    /// - Parameters:
    ///   - distortion: How far a corner may move, as a share of half the width and height, 0 to 1.
    ///   - probability: How likely a picture is changed at all.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - fill: The colour of uncovered pixels.
    public init(
        distortion: Double = 0.5, probability: Double = 0.5, interpolation: Interpolation = .bilinear, fill: Fill = 0
    ) {
        checkProbability("RandomPerspective", probability)
        checkWarp("RandomPerspective", interpolation, [])
        if !(0...1).contains(distortion) {
            fatalError("RandomPerspective: the distortion must be in 0...1, got \(distortion)")
        }
        self.distortion = distortion
        self.probability = probability
        self.interpolation = interpolation
        self.fill = fill
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomPerspective") { image in
            guard random.chance(probability) else { return image }
            let (from, to) = points(width: image.width, height: image.height, random: &random)
            if PerspectiveMap(from: from, to: to) == nil { return image }
            return image.perspective(from: from, to: to, interpolation: interpolation, fill: fill)
        }
    }

    /// The corners of a picture, clockwise from the upper left, and where they go.
    package func points(
        width: Int, height: Int, random: inout SampleRandom
    ) -> (from: [Image.Point], to: [Image.Point]) {
        let columns = Int(distortion * Double(width / 2)) + 1
        let rows = Int(distortion * Double(height / 2)) + 1
        var to: [Image.Point] = []
        for (isRight, isBottom) in [(false, false), (true, false), (true, true), (false, true)] {
            let x = random.integer(below: columns) + (isRight ? width - columns : 0)
            let y = random.integer(below: rows) + (isBottom ? height - rows : 0)
            to.append((Double(x), Double(y)))
        }
        let (right, bottom) = (Double(width - 1), Double(height - 1))
        return ([(0, 0), (right, 0), (right, bottom), (0, bottom)], to)
    }
}

/// The range around 0; traps if `most` is negative or not finite.
func symmetric(_ name: String, _ most: Double) -> ClosedRange<Double> {
    if !(most >= 0 && most.isFinite) { fatalError("\(name): a single number must not be negative, got \(most)") }
    return -most...most
}
