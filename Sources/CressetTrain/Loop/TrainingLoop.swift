import CressetData
import CressetNN
import CressetOptim

/// Trains: epochs of a pass over the training data and one over the validation data, of which observers are told.
///
/// ```swift
/// let loop = TrainingLoop(ClassificationTask(model), Recipe(try SGD(model.parameters, lr: 0.01), epochs: 10))
/// loop.observers = [BestWeights()]
/// try loop.run(training: loader, validation: other)
/// ```
///
/// The loop itself prints, writes and keeps nothing: that is what observers are for. A loss that is infinite or NaN ends
/// the run by ``LossNotFinite`` before it reaches the weights (on a GPU, where losses are read now and then, a little
/// later).
public final class TrainingLoop {
    public let task: any TrainingTask
    public let recipe: Recipe
    /// Told of every event, one after another.
    public var observers: [any TrainingObserver] = []
    /// Where batches go.
    public let device: Device
    /// The source of random numbers during the run, for dropout and the like.
    public let generator: Generator

    /// The number of the current epoch, from 1; 0 before the first.
    public private(set) var epoch = 0
    /// The best epoch so far.
    public private(set) var best: EpochResult?
    /// The average of the weights; nil if the recipe has none, or its first epoch has not begun.
    public private(set) var average: WeightAverage?
    /// How the run will end if an observer has asked for that.
    public private(set) var requestedEnding: Ending?

    private let update: WeightUpdate
    let scheduler: Scheduler?
    let plateau: (scheduler: ReduceLROnPlateau, figure: String)?
    /// Where the run is.
    private(set) var place = TrainingState.Place()
    /// The sums of the training pass so far.
    private(set) var sumsSoFar: [Tensor] = []
    private var isResuming = false

    /// A loop that is ready to run; the optimizer has the schedule's first learning rate.
    ///
    /// Traps if the schedule watches a figure that the task does not have, and for clipping or accumulation with an
    /// optimizer that computes its gradients itself (`LBFGS`).
    ///
    /// - Parameters:
    ///   - task: What is trained.
    ///   - recipe: How.
    ///   - device: Where batches go; nil for where the task's first parameter is.
    ///   - generator: The source of random numbers during the run; by default the caller's current one.
    public init(
        _ task: any TrainingTask, _ recipe: Recipe, device: Device? = nil, generator: Generator = .current
    ) {
        self.task = task
        self.recipe = recipe
        self.device = device ?? task.device
        self.generator = generator
        update = WeightUpdate(
            optimizer: recipe.optimizer, clipping: recipe.clipping, accumulatedBatches: recipe.accumulatedBatches)
        switch recipe.schedule {
        case .eachEpoch(let schedule), .eachStep(let schedule):
            scheduler = Scheduler(recipe.optimizer, schedule)
            plateau = nil
        case .onPlateau(let rule, let figure):
            guard figure == "loss" || task.scoreNames.contains(figure) else {
                fatalError("TrainingLoop: the schedule watches \"\(figure)\", which is no figure of the task")
            }
            scheduler = nil
            plateau = (ReduceLROnPlateau(recipe.optimizer, rule), figure)
        case nil:
            scheduler = nil
            plateau = nil
        }
        if recipe.accumulatedBatches < 1 {
            fatalError("TrainingLoop: a step needs at least 1 batch, not \(recipe.accumulatedBatches)")
        }
        if recipe.optimizer.needsLoss, recipe.clipping != nil || recipe.accumulatedBatches > 1 {
            fatalError(
                "TrainingLoop: \(recipe.optimizer.name) computes its gradients itself: they cannot be clipped or "
                    + "accumulated")
        }
    }

    /// Asks the run to end after the current step, or after the current epoch if called at its end: an observer has seen
    /// enough. The first request counts.
    ///
    /// - Parameter reason: Why, for people.
    public func stop(_ reason: String) { requestedEnding = requestedEnding ?? .stopped(reason) }

    /// Asks the run to end in the same way, because someone wants the machine back: the run is incomplete.
    ///
    /// - Parameter reason: Why, for people.
    public func interrupt(_ reason: String) { requestedEnding = requestedEnding ?? .interrupted(reason) }

    /// Trains through all epochs.
    ///
    /// A loop that has ended may run again: epochs count from 1, while the schedule, the average and ``best`` go on. One
    /// that has loaded a state continues in the epoch of that state.
    ///
    /// - Parameters:
    ///   - training: The data to learn from.
    ///   - validation: The data that epochs are judged by; nil to judge them by the training data.
    /// - Throws: ``LossNotFinite``; ``NoSamples``; what reading data, the task, the optimizer and observers throw.
    @discardableResult
    public func run(training: any BatchSource, validation: (any BatchSource)? = nil) throws -> Ending {
        defer { requestedEnding = nil }
        return try Generator.$current.withValue(generator) {
            do {
                try notify(.runBegan)
                let ending = try runEpochs(training, validation)
                if !ending.isInterruption { try keepAverage() }
                try notify(.runEnded(ending))
                return ending
            } catch {
                // The first error is the one to report.
                for observer in observers { try? observer.observe(.runFailed(error), of: self) }
                throw error
            }
        }
    }

    private func runEpochs(_ training: any BatchSource, _ validation: (any BatchSource)?) throws -> Ending {
        if !isResuming { startPlace(epoch: 1) }
        isResuming = false
        while place.epoch <= max(recipe.epochs, 0) {
            if let requestedEnding { return requestedEnding }
            epoch = place.epoch
            if try !runEpoch(training, validation) {
                try notify(.checkpoint)
                return requestedEnding ?? .finished
            }
        }
        return .finished
    }

    /// The place at the beginning of an epoch.
    private func startPlace(epoch: Int) {
        var next = TrainingState.Place(epoch: epoch)
        (next.history, next.reportedSamples) = (place.history, place.reportedSamples)
        place = next
        sumsSoFar = []
    }

    /// Makes the next run begin at a place; the rest of the state has been loaded.
    func resume(_ place: TrainingState.Place, sums: [Tensor]) {
        self.place = place
        sumsSoFar = sums
        best = place.history.last(where: \.isBest)
        isResuming = true
    }

    func resume(_ average: WeightAverage) { self.average = average }

    private func notify(_ event: TrainingEvent) throws {
        for observer in observers { try observer.observe(event, of: self) }
    }

    // MARK: One epoch

    /// Returns whether the epoch was completed.
    private func runEpoch(_ training: any BatchSource, _ validation: (any BatchSource)?) throws -> Bool {
        place.learningRate = place.learningRate ?? recipe.optimizer.learningRate
        recipe.freezing?.apply(in: epoch)
        try notify(.epochBegan(epoch))
        startAveraging()
        if place.trained == nil {
            guard let trained = try runPhase(.training, training, step) else { return false }
            if case .eachEpoch = recipe.schedule { scheduler?.step() }
            if recipe.averaging?.frequency == .eachEpoch { average?.update() }
            place.trained = trained
            sumsSoFar = []
        }
        var validated: PhaseResult?
        if let validation {
            validated = try withAverage(training, isNew: true) {
                try withoutGradients {
                    try runPhase(.validation, validation) { try task.assess($0, in: .validation).detached() }
                }
            }
            if validated == nil { return false }
        }
        if let trained = place.trained { try conclude(trained, validated, training) }
        return true
    }

    private func conclude(_ trained: PhaseResult, _ validated: PhaseResult?, _ training: any BatchSource) throws {
        let figures = (validated ?? trained).figures
        let isBest = best.map { task.isBetter(figures, than: $0.figures) } ?? true
        let result = EpochResult(
            epoch: epoch, learningRate: place.learningRate ?? 0, training: trained, validation: validated,
            isBest: isBest)
        if isBest { best = result }
        if let plateau, let figure = figures[plateau.figure] { plateau.scheduler.step(figure) }
        place.history.append(result)
        startPlace(epoch: epoch + 1)
        try notify(.checkpoint)
        if isBest { try withAverage(training, isNew: validated == nil) { try notify(.improved(result)) } }
        try notify(.epochEnded(result))
    }

    /// One pass over the data; nil if an observer ended it.
    private func runPhase(
        _ phase: Phase, _ source: any BatchSource, _ assess: (Batch) throws -> Assessment
    ) throws -> PhaseResult? {
        let start = ContinuousClock.now, isTraining = phase == .training
        let before = isTraining ? place.seconds : 0
        try notify(.phaseBegan(phase, epoch: epoch, batchCount: source.batchCount))
        let pass = Pass(
            task: task, phase: phase, device: device, epoch: epoch,
            smallestBatch: isTraining ? recipe.smallestBatch : 1
        ) { [epoch, best] loss, batch in
            LossNotFinite(
                loss: loss, phase: phase, epoch: epoch, batch: batch,
                learningRate: self.recipe.optimizer.learningRate, hasBest: best != nil)
        }
        var earlier: PhaseTotals?
        if isTraining { earlier = PhaseTotals(task, sums: sumsSoFar, count: place.sampleCount) }
        let totals = try pass.run(source, from: isTraining ? place.nextBatch : 0, totals: earlier, assess: assess) {
            if isTraining { note($0, seconds: before + start.duration(to: .now).seconds) }
            try notify(.batchEnded($0))
            return requestedEnding == nil || update.isPending
        }
        guard let totals else { return nil }
        if update.isPending { try finishStep() }
        let new = source.unusableSamples.filter { place.reportedSamples.insert($0.name).inserted }
        if !new.isEmpty { try notify(.samplesFailed(new)) }
        if totals.count == 0 { throw NoSamples(phase: phase, smallestBatch: pass.smallestBatch) }
        let result = PhaseResult(
            phase: phase, epoch: epoch, figures: totals.figures,
            seconds: before + start.duration(to: .now).seconds)
        try notify(.phaseEnded(result))
        return result
    }

    /// Remembers how far the training pass has come.
    private func note(_ batch: BatchResult, seconds: Double) {
        place.nextBatch = batch.number + 1
        place.sampleCount = batch.totals.count
        place.seconds = seconds
        sumsSoFar = batch.totals.sums
    }

    private func step(_ batch: Batch) throws -> Assessment {
        let (assessment, isStep) = try update { try task.assess(batch, in: .training) }
        if isStep { stepEnded() }
        return assessment
    }

    /// The last step of an epoch, along the gradients of fewer batches than the others.
    private func finishStep() throws {
        try update.finish()
        stepEnded()
    }

    private func stepEnded() {
        if case .eachStep = recipe.schedule { scheduler?.step() }
        if recipe.averaging?.frequency == .eachStep { average?.update() }
    }

    // MARK: Averaged weights

    private func startAveraging() {
        guard let averaging = recipe.averaging, average == nil, epoch >= averaging.firstEpoch else { return }
        average = WeightAverage(task.module, averaging.kind)
    }

    /// Runs `body` while the network has the averaged weights, if there are any; `isNew` says whether they have changed
    /// since that was done.
    private func withAverage<R>(_ training: any BatchSource, isNew: Bool, _ body: () throws -> R) throws -> R {
        guard let average, average.updateCount > 0 else { return try body() }
        return try average.withAveragedWeights {
            if isNew, recipe.averaging?.updatesBatchNorm == true { try updateBatchNorm(training) }
            return try body()
        }
    }

    private func updateBatchNorm(_ training: any BatchSource) throws {
        let batches = training.batches(epoch: epoch - 1, startingAt: 0)
        defer { batches.cancel() }
        var failure: (any Error)?
        let sequence = AnyIterator {
            do {
                while let batch = try batches.next() {
                    if batch.count >= self.recipe.smallestBatch { return batch }
                }
            } catch {
                failure = error
            }
            return nil
        }
        try task.module.updateBatchNorm(sequence) { _ = try task.assess($0.to(device), in: .training) }
        if let failure { throw failure }
    }

    /// Leaves the averaged weights in the network.
    private func keepAverage() throws {
        guard let average, average.updateCount > 0 else { return }
        try task.module.load(average.stateDict())
    }
}
