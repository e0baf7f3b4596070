/// Training batches of a single picture, which may leave batch normalisation with one value per channel and no
/// variance: see `TrainingPlan.requireVariance`.
extension TrainingData {
    /// Whether batches of several pictures leave a last batch of one.
    package func leavesOneOver(batchSize: Int) -> Bool { Self.leavesOneOver(train.count, batchSize: batchSize) }

    /// Whether batches of several of `count` pictures leave a last batch of one.
    static func leavesOneOver(_ count: Int, batchSize: Int) -> Bool {
        batchSize > 1 && count > batchSize && count % batchSize == 1
    }
}
