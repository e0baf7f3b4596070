import CressetData
import CressetNN
import CressetVision

/// Everything that a run does before its first step, without a trace: what would stop it later stops it now.
public struct Rehearsal {
    /// The record that the run would begin with.
    public let record: RunRecord
    /// The folder that it would write to.
    public let folder: FilePath
    /// Steps in each epoch.
    public let stepCount: Int
    /// The loss of the first training batch, before anything is learnt.
    public let firstLoss: Double
    /// How many bytes weights and state would take.
    public let byteCount: Int

    /// Rehearses a plan.
    ///
    /// Checks the run folder without making it, reads the first batch of both parts, and computes the loss of one. The
    /// network is then no longer that of the plan.
    ///
    /// *Throws* what making the run, and its first step, would throw.
    ///
    /// - Parameters:
    ///   - plan: What is to be trained.
    ///   - output: The run folder; the next free `runs/train-N` if nil.
    public init(_ plan: TrainingPlan, in output: (any PathConvertible)? = nil) throws {
        let options = plan.options, data = plan.data, model = plan.model
        let run = try RunFolder.free(at: output?.filePath)
        try plan.check(run)
        let loader = options.trainingLoader(data, device: plan.device)
        let recipe = try options.recipe(for: model, batchCount: loader.batchCount)
        record = plan.record
        _ = try DataLoader(data.validation, seed: options.seed).batches().next()
        recipe.freezing?.apply(in: 1)
        let task = options.task(model, data)
        task.prepare(for: .training)
        let source = MixedBatches(loader, options.mixing(classes: data.train.classes.count), seed: options.seed)
        let batches = source.batches(epoch: 0, startingAt: 0)
        defer { batches.cancel() }
        let smallest = options.smallestBatch(data)
        guard let batch = try batches.next()?.to(plan.device), batch.count >= smallest else {
            throw NoSamples(phase: .training, smallestBatch: smallest)
        }
        firstLoss = Generator.$current.withValue(plan.rehearsedGenerator) {
            withoutGradients { task.assess(batch, in: .training).loss.item() }
        }
        guard firstLoss.isFinite else {
            throw LossNotFinite(
                loss: firstLoss, phase: .training, epoch: 1, batch: 1, learningRate: recipe.optimizer.learningRate,
                hasBest: false)
        }
        folder = run.path
        stepCount = options.stepsPerEpoch(loader.batchCount)
        byteCount = model.stateDict(sharedOnce: true).byteCount * (1 + options.stateCopies)
    }
}
