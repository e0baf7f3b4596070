import CressetVision

/// How a model is trained.
public struct TrainingOptions: Sendable, Hashable, Codable {
    /// Passes over the training pictures.
    public var epochs = 10
    public var batchSize = 16
    /// The side of the square that the network sees, in pixels; that of its weights if nil.
    public var imageSize: Int?
    /// The initial learning rate of stochastic gradient descent.
    public var learningRate = 0.001
    public var momentum = 0.9
    public var weightDecay = 0.0
    /// The number of epochs after which the learning rate is multiplied by ``gamma``, repeatedly.
    public var stepSize = 7
    public var gamma = 0.1
    /// Whether only the new last layer is trained.
    public var freezesBody = false
    /// The seed for weights, order and augmentation.
    public var seed: UInt64 = 42
    /// Threads that read pictures.
    public var workers = 2
    /// Where the initial weights come from: `imagenet`, `none`, or a file.
    public var weights = "imagenet"

    /// The share of pictures that may be unusable, as `--max-bad` gives it; nil for ``BadPictureLimit/standard``.
    public var maxBad: String?

    /// The share of each class that validation gets where the pictures are not divided yet; nil for a fifth. It must be nil
    /// where there is a folder for validation.
    public var validationShare: Double?

    public init() {}

    /// How many pictures may be unusable.
    var badPictureLimit: BadPictureLimit { maxBad.flatMap { BadPictureLimit($0) } ?? .standard }

    /// The first option that cannot be used, as a usage failure, or nil.
    public var problem: Failure? {
        func usage(_ message: String) -> Failure { Failure(message, kind: .usage) }
        if epochs < 1 { return usage("\(OptionName.epochs) must be 1 or more, got \(epochs)") }
        if !(learningRate >= 0) || !learningRate.isFinite {
            return usage("\(OptionName.learningRate) must be 0 or more, got \(learningRate)")
        }
        if !(0...1).contains(momentum) { return usage("\(OptionName.momentum) must be from 0 to 1, got \(momentum)") }
        if !(weightDecay >= 0) || !weightDecay.isFinite {
            return usage("\(OptionName.weightDecay) must be 0 or more, got \(weightDecay)")
        }
        if stepSize < 1 { return usage("\(OptionName.stepSize) must be 1 or more, got \(stepSize)") }
        if !(gamma > 0) || !gamma.isFinite { return usage("\(OptionName.gamma) must be above 0, got \(gamma)") }
        if let imageSize, !Preprocessing.croppedSides.contains(imageSize) {
            return usage(
                "\(OptionName.imageSize) must be from 1 to \(Preprocessing.croppedSides.upperBound), got \(imageSize)")
        }
        if let share = validationShare, !(share > 0 && share < 1) {
            return usage("\(OptionName.validationShare) must be between 0 and 1, got \(share)")
        }
        return TrainingOptions.problem(batchSize: batchSize, workers: workers, maxBad: maxBad)
    }

    /// The first option of those for reading pictures that cannot be used, as a usage failure, or nil.
    package static func problem(batchSize: Int?, workers: Int, maxBad: String?) -> Failure? {
        func usage(_ message: String) -> Failure { Failure(message, kind: .usage) }
        if let batchSize, !(1...1_000_000).contains(batchSize) {
            return usage("\(OptionName.batchSize) must be from 1 to 1000000, got \(batchSize)")
        }
        if let maxBad, BadPictureLimit(maxBad) == nil {
            return usage("\(OptionName.maxBad) must be a share such as 1% or 0.01, from 0 to 100%, got \(maxBad)")
        }
        if !(0...64).contains(workers) { return usage("\(OptionName.workers) must be from 0 to 64, got \(workers)") }
        return nil
    }
}

extension TrainingOptions {
    /// What a record does not have is as by default.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        epochs = try fields.value(.epochs, or: epochs)
        batchSize = try fields.value(.batchSize, or: batchSize)
        imageSize = try fields.decodeIfPresent(Int.self, forKey: .imageSize)
        learningRate = try fields.value(.learningRate, or: learningRate)
        momentum = try fields.value(.momentum, or: momentum)
        weightDecay = try fields.value(.weightDecay, or: weightDecay)
        stepSize = try fields.value(.stepSize, or: stepSize)
        gamma = try fields.value(.gamma, or: gamma)
        freezesBody = try fields.value(.freezesBody, or: freezesBody)
        seed = try fields.value(.seed, or: seed)
        workers = try fields.value(.workers, or: workers)
        weights = try fields.value(.weights, or: weights)
        maxBad = try fields.decodeIfPresent(String.self, forKey: .maxBad)
        validationShare = try fields.decodeIfPresent(Double.self, forKey: .validationShare)
    }
}
