import CressetNN
import CressetOptim

// From a user's options to a recipe.

extension TrainingOptions {
    /// The recipe for a network.
    ///
    /// - Parameters:
    ///   - model: The network, on its device and with its last head.
    ///   - batchCount: The number of batches in an epoch.
    /// - Throws: `OptimizerError` if the optimizer cannot work with the options.
    package func recipe(for model: any Layer, batchCount: Int) throws(OptimizerError) -> Recipe {
        let options = completed()
        let rates = LayerRates(model, decay: options.layerDecay ?? 1)
        let frozenEpochs = min(options.frozenEpochs ?? 0, epochs)
        var recipe = Recipe(try options.makeOptimizer(rates.groups(options.learningRate ?? 0)), epochs: epochs)
        recipe.accumulatedBatches = accumulatedBatches
        recipe.schedule = options.schedule(
            stepsPerEpoch: max(stepsPerEpoch(batchCount), 1), peaks: recipe.optimizer.groups.map { $0[.lr] })
        recipe.clipping = largestNorm.map { .norm($0) }
        recipe.averaging = averageDecay.map { WeightAveraging(.exponential(decay: $0)) }
        if frozenEpochs > 0 { recipe.freezing = Freezing(rates.body, epochs: frozenEpochs) }
        return recipe
    }

    /// The steps that the batches of an epoch make; the last one may have fewer of them.
    func stepsPerEpoch(_ batchCount: Int) -> Int { (batchCount + accumulatedBatches - 1) / accumulatedBatches }

    /// The size of a run's state in copies of the weights: they, the optimizer's moments of them, and their average.
    var stateCopies: Int {
        let moments =
            switch optimizer {
            case .sgd: momentum == 0 ? 0 : 1
            case .rmsprop: momentum == 0 ? 1 : 2
            case .adagrad: 1
            case .adam, .adamw, .adamax, .nadam, .radam, .adadelta, .asgd, .rprop: 2
            }
        // The moments of a frozen body do not exist.
        return 1 + (freezesBody ? 0 : moments) + (averageDecay == nil ? 0 : 1)
    }

    private func makeOptimizer(_ groups: [ParameterGroup]) throws(OptimizerError) -> any Optimizer {
        let (lr, decay) = (learningRate ?? 0, weightDecay ?? 0)
        return switch optimizer {
        case .sgd: try SGD(groups, lr: lr, momentum: momentum, weightDecay: decay)
        case .adam: try Adam(groups, lr: lr, weightDecay: decay)
        case .adamw: try AdamW(groups, lr: lr, weightDecay: decay)
        case .adamax: try Adamax(groups, lr: lr, weightDecay: decay)
        case .nadam: try NAdam(groups, lr: lr, weightDecay: decay)
        case .radam: try RAdam(groups, lr: lr, weightDecay: decay)
        case .rmsprop: try RMSprop(groups, lr: lr, weightDecay: decay, momentum: momentum)
        case .adagrad: try Adagrad(groups, lr: lr, weightDecay: decay)
        case .adadelta: try Adadelta(groups, lr: lr, weightDecay: decay)
        case .asgd: try ASGD(groups, lr: lr, weightDecay: decay)
        case .rprop: try Rprop(groups, lr: lr)
        }
    }

    /// How rates change. While the body is frozen they stay the same; the schedule then has the rest of the epochs.
    private func schedule(stepsPerEpoch: Int, peaks: [Double]) -> RateSchedule? {
        let frozen = min(frozenEpochs ?? 0, epochs), scheduler = scheduler ?? .step
        if warmupEpochs == 0, frozen == 0, scheduler == .step {
            return .eachEpoch(StepLR(stepSize: stepSize, gamma: gamma))
        }
        if warmupEpochs == 0, scheduler == .none { return nil }
        let steps = max(TrainingOptions.steps(epochs - frozen, stepsPerEpoch), 1)
        let warmup = Int(min((warmupEpochs * Double(stepsPerEpoch)).rounded(), Double(steps - 1)))
        var schedule: any Schedule =
            switch scheduler {
            case .step: StepLR(stepSize: TrainingOptions.steps(stepSize, stepsPerEpoch), gamma: gamma)
            case .cosine: CosineAnnealingLR(tMax: steps - warmup)
            case .onecycle: OneCycleLR(maxLR: peaks, totalSteps: steps, momentumRange: nil)
            case .none: ConstantLR(factor: 1)
            }
        if warmup > 0 { schedule = schedule.warmedUp(over: warmup) }
        if frozen > 0 {
            schedule = SequentialLR(
                [ConstantLR(factor: 1), schedule], milestones: [TrainingOptions.steps(frozen, stepsPerEpoch)])
        }
        return .eachStep(schedule)
    }

    /// The learning rate of the last layer in the course of a run as it is planned: how many epochs are complete, and the rate
    /// of the next step. Empty if the options cannot be used, or there are too many epochs to draw.
    ///
    /// - Parameters:
    ///   - pictures: The number of training pictures.
    ///   - points: How often an epoch is looked at, at most.
    package func plannedRates(pictures: Int, points: Int = 16) -> [(epochs: Double, rate: Double)] {
        guard problem == nil, pictures > 0, epochs <= 1000 else { return [] }
        let left = TrainingData.leavesOneOver(pictures, batchSize: batchSize) ? 1 : 0
        let batchCount = (pictures - left + batchSize - 1) / batchSize
        let steps = max(stepsPerEpoch(batchCount), 1), points = min(points, steps)
        let options = completed(), rate = options.learningRate ?? 0
        let schedule = options.schedule(stepsPerEpoch: steps, peaks: [rate])
        return (0..<epochs).flatMap { epoch in
            (0..<points).map { point in
                let step = point * steps / points
                let planned =
                    switch schedule {
                    case .eachEpoch(let schedule): schedule.learningRate(at: epoch, base: rate)
                    case .eachStep(let schedule): schedule.learningRate(at: epoch * steps + step, base: rate)
                    case .onPlateau, nil: rate
                    }
                return (Double(epoch) + Double(step) / Double(steps), planned)
            }
        }
    }

    /// The steps of some epochs, or as many as a run can never make.
    private static func steps(_ epochs: Int, _ stepsPerEpoch: Int) -> Int {
        let product = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
        return product.overflow ? 1 << 50 : min(product.partialValue, 1 << 50)
    }
}
