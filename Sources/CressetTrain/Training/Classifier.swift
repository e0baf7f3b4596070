import CressetData
import CressetNN
import CressetVision
import Synchronization

/// A trained classifier, created from its run folder alone, or from a copy of the weights in it, which describe themselves.
///
/// ```swift
/// let classifier = try Classifier("runs/train-1")  // or "pets.safetensors"
/// for guess in try classifier.predict("photo.jpg", count: 3) { print(guess.name, guess.probability) }
/// ```
///
/// One classifier may be used from several tasks at once. Their pictures are decoded side by side; the network, which
/// takes all cores by itself, works for one of them after the other.
public final class Classifier: @unchecked Sendable {
    // Safe to send: the model is only touched with its lock held, and nothing else changes.

    /// A class and how likely it is.
    public struct Guess: Sendable, Hashable, Codable {
        public let name: String
        /// From 0 to 1; those of all classes sum to 1.
        public let probability: Double
    }

    /// The contents of the run's `run.json`; for a weight file alone, what its notes say: network, classes, preprocessing.
    public let record: RunRecord
    let model: any Layer
    private let lock = Mutex(())
    package let device: Device
    /// The type of the network's products: float32 or bfloat16.
    package let precision: Precision
    /// The network in integers of 8 bits, if that is what classifies.
    private let integers: OptimizedModel?
    /// How files are read: as for the run.
    let reading: ImageReadingOptions

    /// The classifier `other` in integers of 8 bits; `model` is its network on the CPU.
    private init(_ other: Classifier, _ model: any Layer, _ integers: OptimizedModel) {
        (record, device, precision) = (other.record, .cpu, other.precision)
        self.model = model
        self.integers = integers
        reading = other.reading
    }

    /// - Parameters:
    ///   - run: The run folder; or a weight file that training or `cresset export` has written as safetensors.
    ///   - device: Where pictures are classified.
    ///   - precision: The type of the network's products. Those of the run may differ: in float32, the weights' own type,
    ///     probabilities are the same on all machines, but for rounding.
    ///   - allowsNonFinite: Whether the weights may contain infinities or NaN.
    ///   - truncated: What becomes of files that end before their pictures do; nil for what the run did.
    ///   - rejectsSuspect: Whether pictures that look damaged are refused.
    ///
    /// *Throws* ``Failure`` when the folder is no run folder, the file does not describe itself, or the weights are another
    /// model's or not finite; `CheckpointError` when they cannot be read.
    public init(
        _ run: some PathConvertible, device: Device = .current, precision: Precision = .float32,
        allowsNonFinite: Bool = false, truncated: ImageReadingOptions.TruncationRule? = nil,
        rejectsSuspect: Bool = false
    ) throws {
        self.device = device
        self.precision = precision.resolved(on: device)
        integers = nil
        let weights = try TrainedWeights(TrainedSource(run), allowsNonFinite: allowsNonFinite)
        (record, model) = (weights.record, weights.model)
        reading = Classifier.reading(for: record, truncated: truncated, rejectsSuspect: rejectsSuspect)
        model.to(device).eval()
    }

    /// A classifier with the network of a run that is in memory, and has its weights.
    init(_ model: any Layer, _ record: RunRecord, device: Device) {
        self.model = model
        self.record = record
        self.device = device
        precision = .float32
        integers = nil
        reading = Classifier.reading(for: record)
        model.eval()
    }

    /// How the files of pictures are read for a run's network.
    private static func reading(
        for record: RunRecord, truncated: ImageReadingOptions.TruncationRule? = nil, rejectsSuspect: Bool = false
    ) -> ImageReadingOptions {
        var options = record.preprocessing.reading
        options.truncated = truncated ?? record.options.truncated
        options.rejectsSuspect = rejectsSuspect
        return options
    }

    /// The same classifier with convolutions and linear layers in integers of 8 bits, on the CPU: about a quarter of the time
    /// on processors with instructions for them, for a small loss of accuracy, which `cresset evaluate --int8` measures. This
    /// classifier may be on another device.
    ///
    /// *Throws* `PlanError` if the network computes otherwise for other numbers, or the batches have different shapes.
    ///
    /// - Parameter calibration: Batches of pictures as `record.preprocessing.evaluation` makes them, like those that will be
    ///   classified; on the CPU.
    public func inIntegers(_ calibration: Int8Calibration) throws(PlanError) -> Classifier {
        guard let example = calibration.batches.first else { throw PlanError("there are no inputs to calibrate with") }
        let result = lock.withLock { _ in
            Result { () throws(PlanError) -> Classifier in
                let network = device == .cpu ? model : try networkOnCPU()
                return Classifier(self, network, try network.optimized(for: example, in: .int8(calibration)))
            }
        }
        return try result.get()
    }

    /// A copy of the network.
    private func networkOnCPU() throws(PlanError) -> any Layer {
        do {
            let side = record.preprocessing.cropSize
            let copy = try Generator.$current.withValue(Generator()) {
                try withDevice(.cpu) { try ModelZoo.make(record.model.name, classes: classes.count, imageSize: side) }
            }
            try copy.load(model.stateDict())
            return copy.eval()
        } catch {
            throw PlanError("it cannot be made again on the CPU: \(Failure(error).message)")
        }
    }

    /// The class names; the network's output `i` is the class `classes[i]`.
    public var classes: [String] { record.classes }

    /// The `count` likeliest classes of the picture in the file at `path`, the likeliest first.
    ///
    /// *Throws* `ImageFileError` if the picture cannot be read, ``Failure`` if the network's output is not finite.
    public func predict(_ path: some PathConvertible, count: Int = 1) throws -> [Guess] {
        let path = path.filePath
        let picture = try DecodedImage.reading(path, options: reading, before: firstStep) { try prepared($0.image) }
        return try guesses(picture.unsqueezed(at: 0), count: count) { _ in "\(path)" }[0]
    }

    /// The `count` likeliest classes of the picture whose file's `bytes` are in memory, the likeliest first.
    ///
    /// *Throws* `ImageError` when the bytes are no such picture, or its sides cannot be scaled to what the network takes;
    /// ``Failure`` if the network's output is not finite.
    public func predict(decoding bytes: some Sequence<UInt8>, count: Int = 1) throws -> [Guess] {
        let picture = try DecodedImage.decoding(Array(bytes), options: reading, before: firstStep) {
            try prepared($0.image)
        }
        return try predict(picture.unsqueezed(at: 0), count: count)[0]
    }

    /// The `count` likeliest classes of `image`, the likeliest first.
    ///
    /// *Throws* `ImageError` when its sides cannot be scaled to what the network takes, ``Failure`` when the network's
    /// output is not finite.
    public func predict(_ image: Image, count: Int = 1) throws -> [Guess] { try predict([image], count: count)[0] }

    /// The `count` likeliest classes of each of `images`, the likeliest first. All go through the network together.
    ///
    /// *Throws* the same errors as for one picture.
    public func predict(_ images: [Image], count: Int = 1) throws -> [[Guess]] {
        if images.isEmpty { return [] }
        return try predict(Tensor.stacked(images.map(prepared)), count: count)
    }

    /// The `count` likeliest classes of each picture of a batch, the likeliest first.
    ///
    /// - Parameters:
    ///   - batch: Pictures as `record.preprocessing.evaluation` makes them, of shape (count, channels, height, width):
    ///     the inputs of a loader's batch.
    ///   - count: The number of classes to name for each picture.
    ///
    /// *Throws* ``Failure`` if the network's output is not finite.
    public func predict(_ batch: Tensor, count: Int = 1) throws -> [[Guess]] {
        try guesses(batch, count: count) { "picture \($0), counted from 0" }
    }

    /// The picture as the network expects it, in colour.
    func prepared(_ image: Image) throws -> Tensor {
        try record.preprocessing.evaluation(image.channels == 1 ? image.grayscale(channels: 3) : image).tensor
    }

    /// What happens to a picture that comes from a file, in colour.
    var firstStep: NextStep { NextStep(record.preprocessing.evaluation) }

    /// What `body` does with the network, which nobody else uses meanwhile.
    func alone<R: Sendable, E>(_ body: (any Layer) throws(E) -> R) throws(E) -> R {
        try lock.withLock { _ throws(E) in try body(model) }
    }

    /// What `body` makes of the network's scores for a batch; both are computed on the classifier's device.
    func scoring<R: Sendable>(_ batch: Tensor, _ body: (Tensor) -> R) -> R {
        if let integers { return withoutGradients { body(integers(batch)) } }
        return lock.withLock { _ in
            withoutGradients { body(precision.scores(on: device) { model(batch.to(device)) }) }
        }
    }

    /// The probabilities of all classes, picture by picture, from their softmax; messages call a picture `name`.
    ///
    /// *Throws* ``Failure`` if they are not finite.
    func probabilities(_ softmax: Tensor, name: (Int) -> String) throws(Failure) -> [ArraySlice<Double>] {
        let values = softmax.scalars(as: Double.self)
        if let spoilt = values.firstIndex(where: { !$0.isFinite }) {
            throw Failure(
                "\(name(spoilt / classes.count)): the network's output is not a finite number",
                hint: "its weights are unusable or too large: train again with a lower \(OptionName.learningRate)",
                kind: .badData)
        }
        return stride(from: 0, to: values.count, by: classes.count).map { values[$0..<$0 + classes.count] }
    }

    /// The likeliest classes of each picture of a batch; messages call a picture `name`.
    ///
    /// *Throws* ``Failure`` if the network's output is not finite.
    func guesses(_ batch: Tensor, count: Int, name: (Int) -> String) throws(Failure) -> [[Guess]] {
        let softmax = scoring(batch) { $0.softmax(axis: 1).to(.cpu) }
        return try probabilities(softmax, name: name).map { row in
            row.indices.sorted { (row[$0], $1) > (row[$1], $0) }.prefix(max(count, 0)).map {
                Guess(name: classes[$0 - row.startIndex], probability: row[$0])
            }
        }
    }
}
