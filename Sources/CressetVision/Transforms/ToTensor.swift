import CressetData

/// Turns bytes into numbers from 0 to 1, and (height, width, channel) into (channel, height, width).
public struct ToTensor: Transform {
    public init() {}

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        if picture.levels != nil { fatalError("ToTensor: the picture is already a tensor") }
        let unit = (0..<256).map { Float($0) / 255 }
        var picture = picture
        picture.levels = (0..<picture.image.channels).flatMap { _ in unit }
        return picture
    }
}

/// Subtracts a mean and divides by a standard deviation, channel by channel.
public struct Normalize: Transform {
    public let mean: [Double]
    public let deviation: [Double]

    /// The statistics of ImageNet, with which torchvision's weights were trained.
    public static let imageNet = Normalize(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

    /// Traps if the counts differ, a number is not finite, or a deviation is 0.
    ///
    /// - Parameters:
    ///   - mean: What is subtracted, one number per channel.
    ///   - deviation: The divisors, one per channel.
    public init(mean: [Double], deviation: [Double]) {
        if mean.count != deviation.count || deviation.contains(0) || !(mean + deviation).allSatisfy(\.isFinite) {
            fatalError(
                "Normalize: needs as many deviations as means, all finite and none 0, got \(mean) and \(deviation)")
        }
        self.mean = mean
        self.deviation = deviation
    }

    /// Traps if applied before ``ToTensor``, or if the picture has a different number of channels.
    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        guard var levels = picture.levels else { fatalError("Normalize: put ToTensor() before it") }
        if mean.count != picture.image.channels {
            fatalError("Normalize: \(mean.count) means do not fit a picture of \(picture.image.channels) channels")
        }
        for (channel, (mean, deviation)) in zip(mean, deviation).enumerated() {
            for i in (channel * 256)..<((channel + 1) * 256) {
                levels[i] = (levels[i] - Float(mean)) / Float(deviation)
            }
        }
        var picture = picture
        picture.levels = levels
        picture.patches = picture.patches.map(normalized)
        return picture
    }

    /// The numbers of an erased rectangle.
    private func normalized(_ patch: Picture.Patch) -> Picture.Patch {
        var patch = patch
        let count = patch.values.count / mean.count
        for i in patch.values.indices {
            patch.values[i] = (patch.values[i] - Float(mean[i / count])) / Float(deviation[i / count])
        }
        return patch
    }
}
