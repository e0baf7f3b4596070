import CressetTrain

extension TemporaryFolder {
    /// What is to be trained on the pictures in `data`, in a short time.
    func plan(_ change: (inout TrainingOptions) -> Void = { _ in }) throws -> TrainingPlan {
        var options = TrainingOptions()
        (options.epochs, options.batchSize, options.imageSize, options.workers) = (1, 4, 32, 0)
        options.weights = "none"
        change(&options)
        return try TrainingPlan(data: path + "/data", model: "mobilenet_v3_small", options: options)
    }
}

/// Interrupts a run after a number of batches.
final class Interruption: TrainingObserver {
    private var left: Int

    init(after batches: Int) { left = batches }

    func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
        guard case .batchEnded = event else { return }
        left -= 1
        if left == 0 { loop.interrupt("enough") }
    }
}
