import CressetData

/// Changes brightness, contrast, saturation and hue at random, in random order.
public struct ColorJitter: Transform {
    /// The ranges of the factors, as in ``Image/adjustingBrightness(by:)`` and so on; nil for what stays as it is.
    public let brightness: ClosedRange<Double>?
    public let contrast: ClosedRange<Double>?
    public let saturation: ClosedRange<Double>?
    /// The range by which hues are rotated, in turns.
    public let hue: ClosedRange<Double>?

    /// Factors from 1 - x, but at least 0, to 1 + x, and hues rotated by up to `hue` in both directions.
    ///
    /// Traps if a number is negative or not finite, or if the hue is over 0.5.
    ///
    /// ```swift
    /// ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1)
    /// ```
    ///
    /// - Parameters:
    ///   - brightness: How far the factor of brightness may be from 1.
    ///   - contrast: How far the factor of contrast may be from 1.
    ///   - saturation: How far the factor of saturation may be from 1.
    ///   - hue: How far hues are rotated, in turns: 0 to 0.5.
    public init(brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0) {
        func around(_ amount: Double) -> ClosedRange<Double> {
            let range = symmetric("ColorJitter", amount)
            return max(1 + range.lowerBound, 0)...(1 + range.upperBound)
        }
        self.init(
            brightness: around(brightness), contrast: around(contrast), saturation: around(saturation),
            hue: symmetric("ColorJitter", hue))
    }

    /// Factors from given ranges.
    ///
    /// Traps if a factor is negative or not finite, or a hue is not from -0.5 to 0.5.
    ///
    /// - Parameters:
    ///   - brightness: The range of the factor of brightness.
    ///   - contrast: The range of the factor of contrast.
    ///   - saturation: The range of the factor of saturation.
    ///   - hue: The range by which hues are rotated, in turns.
    @_disfavoredOverload
    public init(
        brightness: ClosedRange<Double> = 1...1, contrast: ClosedRange<Double> = 1...1,
        saturation: ClosedRange<Double> = 1...1, hue: ClosedRange<Double> = 0...0
    ) {
        for (name, range) in [("brightness", brightness), ("contrast", contrast), ("saturation", saturation)]
        where range.lowerBound < 0 || !Float(range.upperBound).isFinite {
            fatalError("ColorJitter: the \(name) must be finite and not negative, got \(range)")
        }
        if hue.lowerBound < -0.5 || hue.upperBound > 0.5 {
            fatalError("ColorJitter: the hue must be in -0.5...0.5, got \(hue)")
        }
        func changing(_ range: ClosedRange<Double>, from neutral: Double) -> ClosedRange<Double>? {
            range == neutral...neutral ? nil : range
        }
        self.brightness = changing(brightness, from: 1)
        self.contrast = changing(contrast, from: 1)
        self.saturation = changing(saturation, from: 1)
        self.hue = changing(hue, from: 0)
    }

    /// A change of a picture's colours, and by how much.
    package enum Change: Hashable {
        case brightness(Double)
        case contrast(Double)
        case saturation(Double)
        case hue(Double)
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("ColorJitter") { image in
            changes(random: &random).reduce(image) { image, change in
                switch change {
                case .brightness(let factor): image.adjustingBrightness(by: factor)
                case .contrast(let factor): image.adjustingContrast(by: factor)
                case .saturation(let factor): image.adjustingSaturation(by: factor)
                case .hue(let factor): image.adjustingHue(by: factor)
                }
            }
        }
    }

    /// What is done to a picture, in order.
    package func changes(random: inout SampleRandom) -> [Change] {
        let changes = [
            brightness.map { Change.brightness(random.uniform(in: $0)) },
            contrast.map { Change.contrast(random.uniform(in: $0)) },
            saturation.map { Change.saturation(random.uniform(in: $0)) },
            hue.map { Change.hue(random.uniform(in: $0)) },
        ]
        return random.order(changes.count).compactMap { changes[$0] }
    }
}
