import CressetData
import CressetNN
import CressetOptim

// Which learning rate a plan should use.

extension TrainingPlan {
    /// Tries learning rates on the plan's network and pictures, in the way its run would begin, and leaves the network as it
    /// was.
    ///
    /// Rates rise exponentially from step to step; batches, augmentation, frozen layers, rates by depth, clipping and all
    /// else are those of the run, whose schedule is left out. The same seed gives the same curve.
    ///
    /// ```swift
    /// var plan = try TrainingPlan(data: "pets", model: "resnet18", options: options)
    /// try plan.use(plan.learningRateCurve())
    /// try plan.makeRun().train()
    /// ```
    ///
    /// *Throws* `NoSamples` if no batch is large enough, `DataLoaderError` if no picture can be read, `OptimizerError` if the
    /// optimizer cannot work with the options.
    ///
    /// - Parameters:
    ///   - steps: The number of rates to try, 2 or more.
    ///   - lowest: The first rate, above 0.
    ///   - highest: The last one.
    ///   - progress: Called after each step with the number of steps so far.
    public func learningRateCurve(
        steps: Int = 100, from lowest: Double = 1e-7, to highest: Double = 10, progress: (Int) -> Void = { _ in }
    ) throws -> LearningRateCurve {
        var options = options
        // Whatever the rate is: only the layers' shares of it count.
        options.learningRate = 1
        let loader = options.trainingLoader(data, device: device)
        let source = MixedBatches(loader, options.mixing(classes: data.train.classes.count), seed: options.seed)
        let batches = EndlessBatches(source, smallest: options.smallestBatch(data))
        let task = options.task(model, data)
        let recipe = try options.recipe(for: model, batchCount: loader.batchCount)
        let learning = model.parameters.map(\.requiresGradient)
        defer { for (parameter, learns) in zip(model.parameters, learning) { parameter.requiresGradient = learns } }
        recipe.freezing?.apply(in: 1)
        task.prepare(for: .training)
        let update = WeightUpdate(
            optimizer: recipe.optimizer, clipping: recipe.clipping, accumulatedBatches: options.accumulatedBatches)
        var done = 0
        func step(_: Double) throws -> Double {
            var (loss, count, isStep) = (0.0, 0, false)
            while !isStep {
                let batch = try batches.next().to(device)
                let result = try update { task.assess(batch, in: .training) }
                loss += result.assessment.loss.item() * Double(result.assessment.count)
                count += result.assessment.count
                // With a loss that is no number there may never be a step.
                isStep = result.isStep || !loss.isFinite
            }
            done += 1
            progress(done)
            return loss / Double(count)
        }
        let finder = LearningRateFinder(recipe.optimizer, from: lowest, to: highest, steps: steps)
        return try Generator.$current.withValue(rehearsedGenerator) { try finder.run(model, train: step) }
    }

    /// Makes the run use a curve's suggestion as its learning rate, if it has one, and record the search.
    ///
    /// The rate is rounded to two digits, to be the same where somebody types it.
    ///
    /// - Parameter curve: What ``learningRateCurve(steps:from:to:progress:)`` has returned.
    public mutating func use(_ curve: LearningRateCurve) {
        search = curve
        if let suggestion = curve.suggestion { options.learningRate = Double(suggestion.general(2)) ?? suggestion }
    }
}

/// Epoch after epoch of batches.
private final class EndlessBatches<Source: BatchSource> {
    private let source: Source
    private let smallest: Int
    private var epoch = -1
    private var batches: Source.Batches?
    private var isEmpty = false

    /// - Parameter smallest: Batches of fewer samples are left out.
    init(_ source: Source, smallest: Int) {
        self.source = source
        self.smallest = smallest
    }

    func next() throws -> Batch {
        while true {
            while let batch = try batches?.next() {
                if batch.count < smallest { continue }
                isEmpty = false
                return batch
            }
            if isEmpty { throw NoSamples(phase: .training, smallestBatch: smallest) }
            isEmpty = true
            epoch += 1
            batches = source.batches(epoch: epoch, startingAt: 0)
        }
    }

    deinit { batches?.cancel() }
}
