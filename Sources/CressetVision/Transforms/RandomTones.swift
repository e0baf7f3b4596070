import CressetData

/// Turns a picture into shades of grey.
public struct Grayscale: Transform {
    /// 1, or 3 equal ones.
    public let channels: Int

    /// Traps unless `channels` is 1 or 3.
    ///
    /// - Parameter channels: How many channels the result has.
    public init(channels: Int = 1) {
        if channels != 1 && channels != 3 { fatalError("Grayscale: 1 or 3 channels, got \(channels)") }
        self.channels = channels
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("Grayscale") { $0.grayscale(channels: channels) }
    }
}

/// Turns a picture into shades of grey with the given probability; it keeps its number of channels.
public struct RandomGrayscale: Transform {
    public let probability: Double

    /// Traps if `probability` is not from 0 to 1.
    public init(probability: Double = 0.1) {
        checkProbability("RandomGrayscale", probability)
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomGrayscale", probability, &random) { $0.grayscale(channels: $0.channels) }
    }
}

/// Blurs a picture by a Gaussian of random width.
public struct GaussianBlur: Transform {
    /// The number of columns and rows that are averaged.
    public let kernelSize: (width: Int, height: Int)
    /// The range of the standard deviation, in pixels.
    public let sigma: ClosedRange<Double>

    /// A square kernel. Traps if its side is not odd or over 65,535, or if a deviation is not positive and finite.
    ///
    /// - Parameters:
    ///   - side: The number of columns and rows that are averaged.
    ///   - sigma: The range of the standard deviation, in pixels.
    public init(kernelSize side: Int, sigma: ClosedRange<Double> = 0.1...2) {
        self.init(kernelSize: (side, side), sigma: sigma)
    }

    /// Traps if a side of the kernel is not odd or over 65,535, or if a deviation is not positive and finite.
    ///
    /// - Parameters:
    ///   - kernelSize: The number of columns and rows that are averaged.
    ///   - sigma: The range of the standard deviation, in pixels.
    public init(kernelSize: (width: Int, height: Int), sigma: ClosedRange<Double> = 0.1...2) {
        checkKernel("GaussianBlur", kernelSize.width, kernelSize.height)
        if sigma.lowerBound <= 0 || !sigma.upperBound.isFinite {
            fatalError("GaussianBlur: deviations must be positive and finite, got \(sigma)")
        }
        self.kernelSize = kernelSize
        self.sigma = sigma
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        let sigma = random.uniform(in: sigma)
        return picture.mappingImage("GaussianBlur") {
            $0.gaussianBlurred(kernelSize: kernelSize, sigma: (sigma, sigma))
        }
    }
}

/// Turns a picture into its negative with the given probability.
public struct RandomInvert: Transform {
    public let probability: Double

    /// Traps if `probability` is not from 0 to 1.
    public init(probability: Double = 0.5) {
        checkProbability("RandomInvert", probability)
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomInvert", probability, &random) { $0.inverted() }
    }
}

/// Keeps only the highest bits of each value, with the given probability.
public struct RandomPosterize: Transform {
    /// How many bits of each value are kept, 0 to 8.
    public let bits: Int
    public let probability: Double

    /// Traps if `bits` is not from 0 to 8, or `probability` not from 0 to 1.
    ///
    /// - Parameters:
    ///   - bits: How many bits of each value are kept, 0 to 8.
    ///   - probability: How likely a picture is changed.
    public init(bits: Int, probability: Double = 0.5) {
        checkProbability("RandomPosterize", probability)
        if !(0...8).contains(bits) { fatalError("RandomPosterize: 0 to 8 bits, got \(bits)") }
        self.bits = bits
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomPosterize", probability, &random) { $0.posterized(bits: bits) }
    }
}

/// Inverts all values from a threshold on, with the given probability.
public struct RandomSolarize: Transform {
    public let threshold: Double
    public let probability: Double

    /// Traps if `threshold` is NaN, or `probability` not from 0 to 1.
    ///
    /// - Parameters:
    ///   - threshold: The lowest value that is inverted, 0 to 255.
    ///   - probability: How likely a picture is changed.
    public init(threshold: Double, probability: Double = 0.5) {
        checkProbability("RandomSolarize", probability)
        if threshold.isNaN { fatalError("RandomSolarize: the threshold is not a number") }
        self.threshold = threshold
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomSolarize", probability, &random) { $0.solarized(threshold: threshold) }
    }
}

/// Changes the sharpness of a picture with the given probability.
public struct RandomAdjustSharpness: Transform {
    /// 0 smooths, 1 changes nothing, 2 sharpens.
    public let factor: Double
    public let probability: Double

    /// Traps if `factor` is negative or not finite, or `probability` not from 0 to 1.
    ///
    /// - Parameters:
    ///   - factor: 0 smooths, 1 changes nothing, 2 sharpens.
    ///   - probability: How likely a picture is changed.
    public init(factor: Double, probability: Double = 0.5) {
        checkProbability("RandomAdjustSharpness", probability)
        if !(factor >= 0 && factor.isFinite) {
            fatalError("RandomAdjustSharpness: the factor must be finite and not negative, got \(factor)")
        }
        self.factor = factor
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomAdjustSharpness", probability, &random) { $0.adjustingSharpness(by: factor) }
    }
}

/// Stretches each channel to the full range, with the given probability.
public struct RandomAutocontrast: Transform {
    public let probability: Double

    /// Traps if `probability` is not from 0 to 1.
    public init(probability: Double = 0.5) {
        checkProbability("RandomAutocontrast", probability)
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomAutocontrast", probability, &random) { $0.autocontrasted() }
    }
}

/// Redistributes each channel's values so that all occur equally often, with the given probability.
public struct RandomEqualize: Transform {
    public let probability: Double

    /// Traps if `probability` is not from 0 to 1.
    public init(probability: Double = 0.5) {
        checkProbability("RandomEqualize", probability)
        self.probability = probability
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomEqualize", probability, &random) { $0.equalized() }
    }
}

extension Picture {
    /// The picture with its image replaced by the result of `body`, with the given probability.
    fileprivate func mappingImage(
        _ step: String, _ probability: Double, _ random: inout SampleRandom, _ body: (Image) -> Image
    ) -> Picture {
        mappingImage(step) { random.chance(probability) ? body($0) : $0 }
    }
}
