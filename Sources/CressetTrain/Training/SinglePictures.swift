import CressetNN

/// Training batches of a single picture, which may leave batch normalisation with one value per channel and no
/// variance.
extension TrainingData {
    /// Whether batches of several pictures leave a last batch of one.
    package func leavesOneOver(batchSize: Int) -> Bool { Self.leavesOneOver(train.count, batchSize: batchSize) }

    /// Whether batches of several of `count` pictures leave a last batch of one.
    static func leavesOneOver(_ count: Int, batchSize: Int) -> Bool {
        batchSize > 1 && count > batchSize && count % batchSize == 1
    }

    /// Refuses single pictures so small that a network shrinks them to one place a channel.
    func requireSeveralPictures(for model: any Module, _ record: RunRecord) throws(Failure) {
        let options = record.options, side = record.preprocessing.cropSize
        guard min(options.batchSize, train.count) == 1, side <= 32, !options.freezesBody,
            model.namedModules.contains(where: { $0.module is any RunningStatistics })
        else { return }
        throw Failure(
            "batch normalisation cannot train on one picture of \(side) pixels at a time",
            hint: train.count == 1 ? "add pictures" : "train with \(OptionName.batchSize.set(to: "2")) or more",
            kind: .usage)
    }
}
