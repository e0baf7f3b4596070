import CressetData
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
        let batches = loader.batches()
        var found: [EvaluatedPicture] = []
        while let batch = try batches.next() {
            found += try assess(batch, of: folder)
            progress(batch.number + 1, loader.batchCount)
        }
        let problems = loader.problems.skipped
        if let problem = pictures.limit.problem(of: folder, found: problems) { throw problem }
        return Evaluation(classes: classes, pictures: found, skipped: folder.skipped + problems.map(folder.skippedFile))
    }

    private func assess(_ batch: Batch, of folder: ImageFolder) throws(Failure) -> [EvaluatedPicture] {
        let (softmax, losses) = scoring(batch.inputs) { scores in
            (
                scores.softmax(axis: 1).to(.cpu),
                scores.crossEntropy(batch.labels.to(scores.device), reduction: .none).to(.cpu)
            )
        }
        let samples = batch.indices.map { folder.samples[$0] }
        let rows = try probabilities(softmax) { "\(samples[$0].path)" }
        return zip(zip(samples, rows), losses.scalars(as: Double.self)).map { pair, loss in
            EvaluatedPicture(
                path: pair.0.path, label: pair.0.label, probabilities: Array(pair.1), loss: loss)
        }
    }
}
