import CressetData

/// Applies one of 25 pairs of operations that were learned from a data set.
///
/// The second operation of a pair is independent of the first; both have a probability.
/// - Source: Cubuk et al., *AutoAugment: Learning Augmentation Policies from Data*, arXiv:1805.09501.
public struct AutoAugment: Transform {
    /// The data set from which the pairs were learned.
    public enum Policy: String, Sendable, Hashable, CaseIterable, Codable {
        case imageNet
        case cifar10
        case svhn
    }

    public let policy: Policy
    public let interpolation: Interpolation
    public let fill: Fill
    private let style: Augmentation.Style
    private let pairs: [[Step]]

    private struct Step: Sendable {
        let operation: Augmentation
        let probability: Double
        /// The number of its magnitude, of ten.
        let magnitude: Int?
    }

    /// Traps for an interpolation other than `nearest`, `bilinear` and `bicubic`.
    ///
    /// - Parameters:
    ///   - policy: The data set from which the pairs were learned.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - fill: The colour of uncovered pixels.
    public init(_ policy: Policy = .imageNet, interpolation: Interpolation = .nearest, fill: Fill = 0) {
        self.policy = policy
        self.interpolation = interpolation
        self.fill = fill
        style = Augmentation.Style("AutoAugment", interpolation, fill)
        pairs = autoAugmentPolicies[policy]!.split(separator: "\n").map { row in
            let words = row.split(separator: " ").map(String.init)
            return stride(from: 0, to: words.count, by: 3).map {
                Step(
                    operation: Augmentation(rawValue: words[$0])!, probability: Double(words[$0 + 1])!,
                    magnitude: Int(words[$0 + 2]))
            }
        }
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("AutoAugment") { image in
            let magnitudes = Magnitudes.randAugment(10, image)
            return pairs[random.integer(below: pairs.count)].reduce(image) { image, step in
                let isApplied = random.chance(step.probability)
                let isNegative = random.chance(0.5)
                guard isApplied else { return image }
                let magnitude = step.magnitude.map { magnitudes.value(step.operation, $0) } ?? 0
                return step.operation.apply(
                    to: image, magnitude: step.operation.isSigned && isNegative ? -magnitude : magnitude, style)
            }
        }
    }
}

/// Applies a number of operations drawn from 14, all with the same strength.
///
/// - Source: Cubuk et al., *RandAugment: Practical automated data augmentation with a reduced search space*,
///   arXiv:1909.13719.
public struct RandAugment: Transform {
    /// How many operations are drawn.
    public let operations: Int
    /// The strength: a number below ``bins``.
    public let magnitude: Int
    /// How many strengths there are.
    public let bins: Int
    public let interpolation: Interpolation
    public let fill: Fill
    private let style: Augmentation.Style

    /// Traps if `operations` is negative, `bins` is below 2, or `magnitude` is not below `bins`, and for an interpolation
    /// other than `nearest`, `bilinear` and `bicubic`.
    ///
    /// - Parameters:
    ///   - operations: How many operations are drawn; one may be drawn repeatedly.
    ///   - magnitude: The strength, 0 up to `bins` - 1.
    ///   - bins: How many strengths there are.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - fill: The colour of uncovered pixels.
    public init(
        operations: Int = 2, magnitude: Int = 9, bins: Int = 31, interpolation: Interpolation = .nearest, fill: Fill = 0
    ) {
        checkBins("RandAugment", bins)
        if operations < 0 || !(0..<bins).contains(magnitude) {
            fatalError(
                "RandAugment: needs no negative number of operations and a magnitude in 0..<\(bins), got \(operations) "
                    + "and \(magnitude)")
        }
        self.operations = operations
        self.magnitude = magnitude
        self.bins = bins
        self.interpolation = interpolation
        self.fill = fill
        style = Augmentation.Style("RandAugment", interpolation, fill)
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandAugment") { image in
            let magnitudes = Magnitudes.randAugment(bins, image)
            return (0..<operations).reduce(image) { image, _ in
                let operation = Augmentation.wide[random.integer(below: Augmentation.wide.count)]
                let size = magnitudes.value(operation, magnitude)
                return operation.apply(to: image, magnitude: operation.signed(size, &random), style)
            }
        }
    }
}

/// Applies one operation drawn from 14, with a random strength: nothing to tune.
///
/// - Source: Müller and Hutter, *TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation*, arXiv:2103.10158.
public struct TrivialAugmentWide: Transform {
    /// How many strengths there are.
    public let bins: Int
    public let interpolation: Interpolation
    public let fill: Fill
    private let style: Augmentation.Style

    /// Traps if `bins` is below 2, and for an interpolation other than `nearest`, `bilinear` and `bicubic`.
    ///
    /// - Parameters:
    ///   - bins: How many strengths there are.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - fill: The colour of uncovered pixels.
    public init(bins: Int = 31, interpolation: Interpolation = .nearest, fill: Fill = 0) {
        checkBins("TrivialAugmentWide", bins)
        self.bins = bins
        self.interpolation = interpolation
        self.fill = fill
        style = Augmentation.Style("TrivialAugmentWide", interpolation, fill)
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("TrivialAugmentWide") { image in
            let magnitudes = Magnitudes.trivialAugment(bins)
            let operation = Augmentation.wide[random.integer(below: Augmentation.wide.count)]
            let size = magnitudes.value(operation, random.integer(below: bins))
            return operation.apply(to: image, magnitude: operation.signed(size, &random), style)
        }
    }
}

extension Magnitudes {
    /// Those of AutoAugment and RandAugment, which depend on the picture's size.
    package static func randAugment(_ count: Int, _ image: Image) -> Magnitudes {
        let share = 150.0 / 331
        return Magnitudes(
            count: count, most: (0.3, (share * Double(image.width), share * Double(image.height)), 30, 0.9),
            bits: (8, 4))
    }

    /// Those of TrivialAugment.
    package static func trivialAugment(_ count: Int) -> Magnitudes {
        Magnitudes(count: count, most: (0.99, (32, 32), 135, 0.99), bits: (8, 2))
    }

    /// Those of AugMix, which depend on the picture's size.
    package static func augMix(_ image: Image) -> Magnitudes {
        let third = (x: Double(image.width) / 3, y: Double(image.height) / 3)
        return Magnitudes(count: 10, most: (0.3, third, 30, 0.9), bits: (4, 0))
    }
}

extension Augmentation {
    /// The operations of RandAugment and TrivialAugment.
    package static let wide = allCases.filter { $0 != .invert }

    /// The magnitude, or its negative half of the time if the operation has a direction.
    func signed(_ magnitude: Double, _ random: inout SampleRandom) -> Double {
        isSigned && random.chance(0.5) ? -magnitude : magnitude
    }
}
