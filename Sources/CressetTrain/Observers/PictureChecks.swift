import CressetData
import CressetNN
import CressetVision

/// Ends a run whose pictures turn out to be unusable: before an epoch is spent on it where that can be known, otherwise
/// after the epoch in which too many were found.
final class PictureChecks: TrainingObserver {
    private let data: TrainingData
    private let record: RunRecord
    private let loaders: [DataLoader<ImageFolder>]

    init(_ data: TrainingData, _ record: RunRecord, loaders: [DataLoader<ImageFolder>]) {
        self.data = data
        self.record = record
        self.loaders = loaders
    }

    func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        switch event {
        case .runBegan:
            try requireVariance(loop.task.module)
            // If no validation picture is good, it is better to say so before an epoch of training than after it.
            _ = try DataLoader(data.validation, seed: record.options.seed).batches().next()
        case .epochEnded:
            for loader in loaders {
                let limit = record.options.badPictureLimit
                if let problem = limit.problem(of: loader.dataset, found: loader.problems.skipped) { throw problem }
            }
        default: break
        }
    }

    /// Refuses single pictures of which a network's normalisations would see one value per channel.
    private func requireVariance(_ network: any Module) throws {
        let options = record.options
        guard min(options.batchSize, data.train.count) == 1, let network = network as? any Layer else { return }
        try TrainingPlan.requireVariance(
            of: network, called: record.model.name, side: record.preprocessing.cropSize,
            freezesBody: options.freezesBody)
    }
}
