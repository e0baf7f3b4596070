import Cresset
import CressetData
import CressetNN
import CressetVision

// From a user's options to what is learned, and from which batches.

extension TrainingOptions {
    /// The task of telling the classes of `data` apart.
    func task(_ model: any Layer, _ data: TrainingData) -> ClassificationTask {
        var task = ClassificationTask(model, labelSmoothing: labelSmoothing, precision: precision)
        if classWeights == .balanced {
            let counts = data.train.classCounts
            let weights = counts.map { Float(data.train.count) / Float(max($0, 1) * counts.count) }
            task.classWeights = Tensor(weights, shape: [counts.count])
        }
        switch metric {
        case .accuracy: break
        case .loss: task.metric = "loss"
        case .balancedAccuracy, .f1:
            task.metric = metric == .f1 ? "f1" : "balanced_accuracy"
            task.classCounts = [.training: data.train.classCounts, .validation: data.validation.classCounts]
        }
        return task
    }

    /// The batches to learn from.
    func trainingLoader(_ data: TrainingData, device: Device) -> DataLoader<ImageFolder> {
        DataLoader(
            data.train, batchSize: batchSize, shuffles: true, dropsLast: data.leavesOneOver(batchSize: batchSize),
            workers: workers, seed: seed, pinsMemory: device != .cpu)
    }

    /// The least pictures of a batch to learn from: unreadable ones may also leave a batch of one.
    func smallestBatch(_ data: TrainingData) -> Int { min(batchSize, data.train.count) > 1 ? 2 : 1 }

    /// The ways in which the pictures of a batch are mixed.
    func mixing(classes: Int) -> [any BatchTransform] {
        var transforms: [any BatchTransform] = []
        if mixUp > 0 { transforms.append(MixUp(alpha: mixUp, classes: classes)) }
        if cutMix > 0 { transforms.append(CutMix(alpha: cutMix, classes: classes)) }
        return transforms
    }

    /// Those who end a run early.
    var enders: [any TrainingObserver] {
        var observers: [any TrainingObserver] = []
        if let patience { observers.append(Patience(patience, from: min(completed().frozenEpochs ?? 0, epochs) + 1)) }
        if let limit = timeLimit.flatMap({ TimeLimit($0) }) { observers.append(TimeBudget(limit.duration)) }
        return observers
    }
}
