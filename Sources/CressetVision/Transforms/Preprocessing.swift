/// How a model expects its pictures: what must be known to use its weights again.
public struct Preprocessing: Sendable, Hashable, Codable {
    /// The sides that ``cropSize`` and ``resizeSize`` may have when they come from a file.
    package static let sides = 1...2048
    /// The sides that a user may ask for: all of a picture can still be seen.
    package static let croppedSides = 1...1024

    /// The side of the square that the model sees.
    public var cropSize: Int
    /// The length the shorter side is resized to before the centre crop.
    public var resizeSize: Int
    public var interpolation: Interpolation
    public var mean: [Double]
    public var deviation: [Double]
    /// What happens to transparency when a file is read.
    public var alpha: ImageReadingOptions.AlphaRule
    /// Whether a picture is turned as its camera noted when its file is read.
    public var appliesOrientation: Bool

    /// torchvision's preset for ImageNet.
    ///
    /// - Parameters:
    ///   - cropSize: The side of the square that the network sees, in pixels.
    ///   - resizeSize: The length to which the shorter side is resized first, in pixels.
    ///   - interpolation: How values between pixels are computed.
    ///   - mean: The mean subtracted from each channel, from 0 to 1.
    ///   - deviation: The deviation by which each channel is then divided.
    ///   - alpha: What happens to transparency when a file is read.
    ///   - appliesOrientation: Whether a picture is turned as its camera noted when its file is read.
    public init(
        cropSize: Int = 224, resizeSize: Int = 256, interpolation: Interpolation = .bilinear,
        mean: [Double] = Normalize.imageNet.mean, deviation: [Double] = Normalize.imageNet.deviation,
        alpha: ImageReadingOptions.AlphaRule = .drop, appliesOrientation: Bool = true
    ) {
        self.cropSize = cropSize
        self.resizeSize = resizeSize
        self.interpolation = interpolation
        self.mean = mean
        self.deviation = deviation
        self.alpha = alpha
        self.appliesOrientation = appliesOrientation
    }

    /// What a record does not have is as in the preset for ImageNet.
    public init(from decoder: any Decoder) throws {
        self.init()
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        cropSize = try fields.decodeIfPresent(Int.self, forKey: .cropSize) ?? cropSize
        resizeSize = try fields.decodeIfPresent(Int.self, forKey: .resizeSize) ?? resizeSize
        interpolation = try fields.decodeIfPresent(Interpolation.self, forKey: .interpolation) ?? interpolation
        mean = try fields.decodeIfPresent([Double].self, forKey: .mean) ?? mean
        deviation = try fields.decodeIfPresent([Double].self, forKey: .deviation) ?? deviation
        alpha = try fields.decodeIfPresent(ImageReadingOptions.AlphaRule.self, forKey: .alpha) ?? alpha
        appliesOrientation = try fields.decodeIfPresent(Bool.self, forKey: .appliesOrientation) ?? appliesOrientation
    }

    /// How files are read.
    public var reading: ImageReadingOptions {
        ImageReadingOptions(alpha: alpha, appliesOrientation: appliesOrientation)
    }

    /// The same for pictures of another size: the part of a picture that is cut off stays the same.
    ///
    /// Traps if ``cropSize`` or `side` is not positive, or the result is too large for a number.
    ///
    /// - Parameter side: The side of the square that the network sees, in pixels.
    public func scaled(to side: Int) -> Preprocessing {
        precondition(cropSize > 0 && side > 0, "Preprocessing: pictures of \(cropSize) pixels scaled to \(side)")
        var scaled = self
        scaled.cropSize = side
        scaled.resizeSize = Int((Double(resizeSize) * Double(side) / Double(cropSize)).rounded())
        return scaled
    }

    /// For evaluation and prediction: the centre of the picture.
    public var evaluation: Compose {
        Compose([
            Resize(resizeSize, interpolation: interpolation), CenterCrop(cropSize), ToTensor(),
            Normalize(mean: mean, deviation: deviation),
        ])
    }

    /// For training: a random part of the picture, mirrored half of the time.
    public var training: Compose { training(augmentedBy: []) }

    /// For training with augmentation, as in torchvision's recipes: a random part of the picture, mirrored half of the
    /// time, then `augmentations`; normalised; then perhaps without a rectangle.
    ///
    /// ```swift
    /// preprocessing.training(augmentedBy: [TrivialAugmentWide()], erasing: 0.1)
    /// ```
    ///
    /// Traps if `erasing` is not from 0 to 1.
    ///
    /// - Parameters:
    ///   - augmentations: Steps on the 8-bit pixels.
    ///   - erasing: How likely ``RandomErasing`` removes a rectangle.
    public func training(augmentedBy augmentations: [any Transform], erasing: Double = 0) -> Compose {
        let crop: [any Transform] = [RandomResizedCrop(cropSize, interpolation: interpolation), RandomHorizontalFlip()]
        let numbers: [any Transform] = [ToTensor(), Normalize(mean: mean, deviation: deviation)]
        let erased: [any Transform] = erasing == 0 ? [] : [RandomErasing(probability: erasing)]
        return Compose(crop + augmentations + numbers + erased)
    }
}
