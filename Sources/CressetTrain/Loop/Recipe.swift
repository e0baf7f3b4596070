import CressetOptim

/// How weights are trained: each part can be replaced without the others.
///
/// ```swift
/// var recipe = Recipe(try AdamW(model.parameters, lr: 3e-4), epochs: 20)
/// recipe.schedule = .eachEpoch(CosineAnnealingLR(tMax: 20))
/// recipe.clipping = .norm(1)
/// recipe.averaging = WeightAveraging(.exponential(decay: 0.999))
/// ```
public struct Recipe {
    public var optimizer: any Optimizer
    /// Passes over the training data.
    public var epochs: Int
    /// How the learning rate changes; nil if it does not.
    public var schedule: RateSchedule?
    /// What is done to the gradients before a step; nil for nothing. Not for an optimizer that computes them itself, as
    /// `LBFGS` does.
    public var clipping: GradientClipping?
    /// An average of the weights, used in place of the last ones; nil for none.
    public var averaging: WeightAveraging?
    /// Parameters that are left alone in the first epochs; nil for none.
    public var freezing: Freezing?
    /// The number of batches whose gradients together make a step, each batch counting as many times as it has samples;
    /// the last step of an epoch may have fewer. Not for an optimizer that computes its gradients itself.
    public var accumulatedBatches = 1
    /// Training batches of fewer samples are left out: batch normalisation, for example, cannot learn from a single one.
    public var smallestBatch = 1

    /// A recipe of an optimizer alone; the other parts are set afterwards.
    ///
    /// - Parameters:
    ///   - optimizer: What moves the weights.
    ///   - epochs: Passes over the training data.
    public init(_ optimizer: any Optimizer, epochs: Int) {
        self.optimizer = optimizer
        self.epochs = epochs
    }
}

/// Parameters that are left alone in the first epochs, so that a new head learns to use what they compute before they
/// change.
///
/// *Source*: fastai's `fine_tune`.
public struct Freezing {
    public var parameters: [Parameter]
    /// The number of epochs in which they do not change.
    public var epochs: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - parameters: The parameters that are left alone.
    ///   - epochs: In how many epochs.
    public init(_ parameters: [Parameter], epochs: Int) {
        self.parameters = parameters
        self.epochs = epochs
    }

    /// Sets what holds in an epoch, counted from 1.
    func apply(in epoch: Int) {
        for parameter in parameters { parameter.requiresGradient = epoch > epochs }
    }
}

/// When and how a learning rate changes.
public enum RateSchedule {
    /// After the training pass of each epoch.
    case eachEpoch(any Schedule)
    /// After each step of the optimizer; warm-up and one-cycle schedules count steps.
    case eachStep(any Schedule)
    /// After each epoch, if a figure for the validation data (for the training data if there are no others) has stopped
    /// improving: `loss`, or a score of the task.
    case onPlateau(ReduceLROnPlateau.Rule = ReduceLROnPlateau.Rule(), of: String = "loss")
}

/// A change of the gradients between the backward pass and the optimizer's step.
public struct GradientClipping {
    /// Changes the gradients of a step.
    let change: (inout Gradients) throws -> Void

    /// Any change.
    ///
    /// - Parameter change: Called with the gradients of each step; an error it throws ends the run.
    public init(_ change: @escaping (inout Gradients) throws -> Void) { self.change = change }

    /// Scales gradients whose norm as one vector is larger.
    ///
    /// - Parameters:
    ///   - maximum: The largest norm, 0 or more.
    ///   - order: 2 for the Euclidean norm, infinity for the largest magnitude.
    public static func norm(_ maximum: Double, order: Double = 2) -> GradientClipping {
        GradientClipping { $0.clip(norm: maximum, order: order) }
    }

    /// Limits each element.
    ///
    /// - Parameter limit: The largest magnitude, 0 or more.
    public static func value(_ limit: Double) -> GradientClipping { GradientClipping { $0.clip(value: limit) } }
}

/// An average of the weights over training. It is what validation judges and what is saved as the best weights, and
/// the network has it after the run.
public struct WeightAveraging {
    /// When weights are added to the average.
    public enum Frequency: Sendable { case eachStep, eachEpoch }

    public var kind: WeightAverage.Kind
    public var frequency: Frequency
    /// The first epoch, from 1, whose weights count; before it there is no average.
    public var firstEpoch: Int
    /// Whether running statistics of batch normalisation are computed anew for the average, by a pass over the training
    /// data before each validation.
    public var updatesBatchNorm: Bool

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - kind: The weight of the newest parameters.
    ///   - frequency: When weights are added; nil for each step of an exponential average and each epoch of a mean.
    ///   - firstEpoch: The first epoch, from 1, whose weights count.
    ///   - updatesBatchNorm: Whether running statistics are computed anew; nil if the average is a mean.
    public init(
        _ kind: WeightAverage.Kind, frequency: Frequency? = nil, firstEpoch: Int = 1, updatesBatchNorm: Bool? = nil
    ) {
        self.kind = kind
        self.frequency = frequency ?? (kind == .mean ? .eachEpoch : .eachStep)
        self.firstEpoch = firstEpoch
        self.updatesBatchNorm = updatesBatchNorm ?? (kind == .mean)
    }
}
