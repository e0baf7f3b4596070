import CPixels
import CressetData

/// Mixes a picture with several chains of random operations on it.
///
/// torchvision computes the operations on tensors here, this transform as Pillow does: they differ in roundings.
/// - Source: Hendrycks et al., *AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty*,
///   arXiv:1912.02781.
public struct AugMix: Transform {
    /// How strong operations may be, 1 to 10.
    public let severity: Int
    /// How many chains are mixed.
    public let chains: Int
    /// How many operations a chain has; nil for 1 to 3, drawn for each chain.
    public let depth: Int?
    /// The concentration of the distributions from which the shares are drawn.
    public let alpha: Double
    /// Whether brightness, colour, contrast and sharpness are among the operations.
    public let usesAllOperations: Bool
    public let interpolation: Interpolation
    public let fill: Fill
    private let style: Augmentation.Style

    /// Traps if the severity is not from 1 to 10, a count is not positive, or alpha is not from 1e-6 to 1e6, and for an
    /// interpolation other than `nearest`, `bilinear` and `bicubic`.
    ///
    /// - Parameters:
    ///   - severity: How strong operations may be, 1 to 10.
    ///   - chains: How many chains are mixed.
    ///   - depth: How many operations a chain has. Default: 1 to 3, drawn for each chain.
    ///   - alpha: The concentration of the distributions from which the shares are drawn.
    ///   - usesAllOperations: Whether brightness, colour, contrast and sharpness are among the operations.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - fill: The colour of uncovered pixels.
    public init(
        severity: Int = 3, chains: Int = 3, depth: Int? = nil, alpha: Double = 1, usesAllOperations: Bool = true,
        interpolation: Interpolation = .bilinear, fill: Fill = 0
    ) {
        if !(1...10).contains(severity) { fatalError("AugMix: the severity must be in 1...10, got \(severity)") }
        if chains < 1 || depth ?? 1 < 1 || !(1e-6...1e6).contains(alpha) {
            fatalError(
                "AugMix: chains and depth must be positive, and alpha from 1e-6 to 1e6, got \(chains), \(depth ?? 1) and \(alpha)"
            )
        }
        self.severity = severity
        self.chains = chains
        self.depth = depth
        self.alpha = alpha
        self.usesAllOperations = usesAllOperations
        self.interpolation = interpolation
        self.fill = fill
        style = Augmentation.Style("AugMix", interpolation, fill)
    }

    private static let few: [Augmentation] = [
        .shearX, .shearY, .translateX, .translateY, .rotate, .posterize, .solarize, .autoContrast, .equalize,
    ]
    private static let all: [Augmentation] = few + [.brightness, .color, .contrast, .sharpness]

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("AugMix") { image in
            let share = random.beta(alpha)
            let weights = random.dirichlet(alpha, count: chains).map { $0 * (1 - share) }
            let mixed = weights.map { weight in (chain(image, random: &random), weight) }
            return AugMix.mix([(image, share)] + mixed)
        }
    }

    /// The image after a chain of operations.
    private func chain(_ image: Image, random: inout SampleRandom) -> Image {
        let magnitudes = Magnitudes.augMix(image)
        let operations = usesAllOperations ? AugMix.all : AugMix.few
        return (0..<(depth ?? 1 + random.integer(below: 3))).reduce(image) { image, _ in
            let operation = operations[random.integer(below: operations.count)]
            let size = magnitudes.value(operation, random.integer(below: severity))
            return operation.apply(to: image, magnitude: operation.signed(size, &random), style)
        }
    }

    /// The weighted sum of images of one size, rounded down.
    package static func mix(_ parts: [(image: Image, weight: Double)]) -> Image {
        var sums = [Float](repeating: 0, count: parts[0].image.width * parts[0].image.height * parts[0].image.channels)
        for (image, weight) in parts {
            image.withDescription { cresset_pixels_accumulate($0, Float(weight), &sums) }
        }
        return parts[0].image.mapped { cresset_pixels_truncate(sums, $1) }
    }
}
