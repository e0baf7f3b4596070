import CressetData

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Replaces a random rectangle of a picture; it comes after ``ToTensor``.
///
/// Of the crops that ``FiveCrop`` and ``TenCrop`` make, all lose the same rectangle.
/// - Source: Zhong et al., *Random Erasing Data Augmentation*, arXiv:1708.04896.
public struct RandomErasing: Transform {
    /// What is put in the place of pixels.
    public enum Value: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
        ExpressibleByArrayLiteral
    {
        /// One number for all channels, or one for each.
        case numbers([Double])
        /// Numbers from the standard normal distribution, one for each channel of each pixel.
        case random

        /// One number for all channels.
        public init(integerLiteral value: Int) { self = .numbers([Double(value)]) }
        /// One number for all channels.
        public init(floatLiteral value: Double) { self = .numbers([value]) }
        /// A number for each channel.
        public init(arrayLiteral elements: Double...) { self = .numbers(elements) }
    }

    public let probability: Double
    /// The rectangle's area, as a share of the picture's.
    public let scale: ClosedRange<Double>
    /// The rectangle's height divided by its width.
    public let ratio: ClosedRange<Double>
    public let value: Value

    /// Traps if the probability or the scale is not from 0 to 1, if the ratio is not positive and finite, or if there is
    /// no number.
    ///
    /// ```swift
    /// Compose([RandomResizedCrop(224), ToTensor(), Normalize.imageNet, RandomErasing(probability: 0.1, value: .random)])
    /// ```
    ///
    /// - Parameters:
    ///   - probability: How likely a picture loses a rectangle.
    ///   - scale: The rectangle's area, as a share of the picture's.
    ///   - ratio: The rectangle's height divided by its width.
    ///   - value: A number for all channels, an array of one for each, or `.random`.
    public init(
        probability: Double = 0.5, scale: ClosedRange<Double> = 0.02...0.33, ratio: ClosedRange<Double> = 0.3...3.3,
        value: Value = 0
    ) {
        checkProbability("RandomErasing", probability)
        if scale.lowerBound < 0 || scale.upperBound > 1 {
            fatalError("RandomErasing: the scale must be in 0...1, got \(scale)")
        }
        if ratio.lowerBound <= 0 || !ratio.upperBound.isFinite {
            fatalError("RandomErasing: the ratio must be positive and finite, got \(ratio)")
        }
        if case .numbers(let numbers) = value, numbers.isEmpty { fatalError("RandomErasing: there is no value") }
        self.probability = probability
        self.scale = scale
        self.ratio = ratio
        self.value = value
    }

    /// Traps before ``ToTensor``, or if the values do not fit the picture's channels.
    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        if picture.levels == nil { fatalError("RandomErasing: put ToTensor() before it") }
        guard random.chance(probability) else { return picture }
        let image = picture.image
        guard let part = part(width: image.width, height: image.height, random: &random) else { return picture }
        var picture = picture
        let values: [Float]
        switch value {
        case .random:
            values = (0..<(image.channels * part.width * part.height)).map { _ in Float(random.normal()) }
        case .numbers(let numbers):
            if numbers.count != 1 && numbers.count != image.channels {
                fatalError(
                    "RandomErasing: \(numbers.count) values do not fit a picture of \(image.channels) channels")
            }
            values = (0..<image.channels).map { Float(numbers[numbers.count == 1 ? 0 : $0]) }
        }
        picture.patches.append(
            .init(
                left: part.left, top: part.top, width: part.width, height: part.height, values: values,
                isConstant: value != .random))
        return picture
    }

    /// Ten tries to find a rectangle that is smaller than the picture in both directions.
    package func part(
        width: Int, height: Int, random: inout SampleRandom
    ) -> (left: Int, top: Int, width: Int, height: Int)? {
        let logRatio = log(ratio.lowerBound)...log(ratio.upperBound)
        for _ in 0..<10 {
            let area = Double(width * height) * random.uniform(in: scale)
            let proportion = exp(random.uniform(in: logRatio))
            let high = (area * proportion).squareRoot().rounded(.toNearestOrEven)
            let wide = (area / proportion).squareRoot().rounded(.toNearestOrEven)
            guard high < Double(height), wide < Double(width) else { continue }
            let top = random.integer(below: height - Int(high) + 1)
            let left = random.integer(below: width - Int(wide) + 1)
            return (left, top, Int(wide), Int(high))
        }
        return nil
    }
}
