import CressetData
import CressetNN
import CressetVision

extension Classifier {
    /// Classifies pictures of known classes, read ahead by threads.
    ///
    /// The probabilities are those of ``predict(_:count:workers:_:)`` for the same files.
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
        var found: [EvaluatedPicture] = []
        try ClassifierTask(classifier: self, folder: folder).evaluate(on: loader, device: device) { result in
            found += try evaluated(result, of: folder)
            progress(result.number + 1, loader.batchCount)
        }
        let problems = loader.problems.skipped
        if let problem = pictures.limit.problem(of: folder, found: problems) { throw problem }
        return Evaluation(classes: classes, pictures: found, skipped: folder.skipped + problems.map(folder.skippedFile))
    }

    /// What the network says of the pictures of a batch.
    private func evaluated(_ result: BatchResult, of folder: ImageFolder) throws(Failure) -> [EvaluatedPicture] {
        let batch = result.batch
        guard let scores = result.assessment.outputs else { return [] }
        let losses = scores.crossEntropy(batch.labels, reduction: .none).scalars(as: Double.self)
        let samples = batch.indices.map { folder.samples[$0] }
        let rows = try probabilities(scores.softmax(axis: 1).to(.cpu)) { "\(samples[$0].path)" }
        return zip(zip(samples, rows), losses).map { pair, loss in
            EvaluatedPicture(path: pair.0.path, label: pair.0.label, probabilities: Array(pair.1), loss: loss)
        }
    }
}

/// A classifier's network, beside which others may use the classifier.
private struct ClassifierTask: TrainingTask {
    let classifier: Classifier
    let folder: ImageFolder
    var module: any Module { classifier.model }
    var scoreNames: [String] { ["accuracy"] }

    /// The network is always in evaluation mode, and not ours alone.
    func prepare(for phase: Phase) {}

    func assess(_ batch: Batch, in phase: Phase) throws -> Assessment {
        let (softmax, assessment) = classifier.scoring(batch.inputs) {
            ($0.softmax(axis: 1).to(.cpu), ClassificationTask.assess($0, batch.labels))
        }
        // Of what is not finite, the message names the picture.
        _ = try classifier.probabilities(softmax) { "\(folder.samples[batch.indices[$0]].path)" }
        return assessment
    }
}
