import CressetData
import CressetNN
import CressetVision

extension Classifier {
    /// Classifies pictures of known classes, read ahead by threads.
    ///
    /// The probabilities are those of ``predict(_:count:workers:suspicion:_:)`` for the same files.
    ///
    /// *Throws* ``Failure`` if the network's output is not finite or too many pictures turn out to be unusable,
    /// `DataLoaderError` if none can be read.
    ///
    /// - Parameters:
    ///   - pictures: The pictures, prepared for this classifier's run.
    ///   - batchSize: How many pictures go through the network together; nil for as many as are usual.
    ///   - workers: The number of reading threads.
    ///   - progress: Called with the number of batches that are done and of all batches.
    public func evaluate(
        _ pictures: LabelledPictures, batchSize: Int? = nil, workers: Int = 2,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> Evaluation {
        let folder = pictures.folder
        let loader = DataLoader(
            folder, batchSize: batchSize ?? self.batchSize(for: folder.count), workers: workers,
            pinsMemory: device != .cpu)
        let task = ClassifierTask(self, folder)
        try task.evaluate(on: loader, device: device) { progress($0.number + 1, $0.batchCount) }
        let problems = loader.problems.skipped
        if let problem = pictures.limit.problem(of: folder, found: problems) { throw problem }
        return Evaluation(
            classes: classes, pictures: task.pictures, skipped: folder.skipped + problems.map(folder.skippedFile))
    }
}

extension Classifier {
    /// The classifier in integers of 8 bits, on the CPU, calibrated with some of these pictures: of each class as many, where
    /// it has them, and always the same ones.
    ///
    /// *Throws* `DataLoaderError` if none can be read, `PlanError` if the network cannot be prepared.
    ///
    /// - Parameters:
    ///   - pictures: The pictures, prepared for this classifier's run.
    ///   - count: How many of them are looked at, at most.
    ///   - workers: The number of reading threads.
    package func inIntegers(calibratedWith pictures: LabelledPictures, count: Int = 128, workers: Int) throws
        -> Classifier
    {
        let drawn = pictures.folder.drawn(count)
        let batches = DataLoader(
            pictures.folder, sampler: SubsetRandomSampler(drawn, seed: 0), batchSize: batchSize(for: drawn.count),
            workers: workers
        ).batches()
        var seen: [Tensor] = []
        while let batch = try batches.next() {
            // A shorter batch would have a plan of its own.
            if seen.isEmpty || batch.inputs.shape == seen[0].shape { seen.append(batch.inputs) }
        }
        return try inIntegers(Int8Calibration(seen))
    }
}

extension ImageFolder {
    /// Which samples stand for all: one of each class in turn, drawn from the class, always the same ones.
    ///
    /// - Parameter count: How many, at most.
    package func drawn(_ count: Int) -> [Int] {
        var random = SampleRandom(seed: 0, epoch: 0, index: 0)
        var classes = Dictionary(grouping: samples.indices) { samples[$0].label }.sorted { $0.key < $1.key }
            .map { $0.value.shuffled(using: &random) }
        var drawn: [Int] = []
        while drawn.count < count, !classes.isEmpty {
            drawn += classes.prefix(count - drawn.count).compactMap(\.last)
            classes = classes.map { Array($0.dropLast()) }.filter { !$0.isEmpty }
        }
        return drawn
    }
}

/// A classifier's network, beside which others may use the classifier; keeps what it says of each picture.
private final class ClassifierTask: TrainingTask {
    private let classifier: Classifier
    private let folder: ImageFolder
    private(set) var pictures: [EvaluatedPicture] = []

    init(_ classifier: Classifier, _ folder: ImageFolder) {
        self.classifier = classifier
        self.folder = folder
    }

    var module: any Module { classifier.model }

    /// The network is always in evaluation mode, and not ours alone.
    func prepare(for phase: Phase) {}

    func assess(_ batch: Batch, in phase: Phase) throws -> Assessment {
        let (softmax, losses) = classifier.scoring(batch.inputs) {
            ($0.softmax(axis: 1).to(.cpu), $0.crossEntropy(batch.labels, reduction: .none))
        }
        let samples = batch.indices.map { folder.samples[$0] }
        // Of what is not finite, the message names the picture.
        let rows = try classifier.probabilities(softmax) { "\(samples[$0].path)" }
        pictures += zip(zip(samples, rows), losses.scalars(as: Double.self)).map { pair, loss in
            EvaluatedPicture(path: pair.0.path, label: pair.0.label, probabilities: Array(pair.1), loss: loss)
        }
        return Assessment(loss: losses.mean(), count: batch.count)
    }
}
