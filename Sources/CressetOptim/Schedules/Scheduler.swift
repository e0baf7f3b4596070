/// Applies a schedule to an optimizer.
///
/// ```swift
/// let scheduler = Scheduler(optimizer, StepLR(stepSize: 7))
/// for _ in 0..<epochs {
///     trainOneEpoch()
///     scheduler.step()
/// }
/// ```
///
/// The schedule's first values are set at once. ``step()`` advances by one: call it after each epoch, or after each
/// batch if the schedule counts batches.
public final class Scheduler {
    public let schedule: any Schedule
    private let optimizer: any Optimizer
    public private(set) var state: State

    /// What must survive an interruption: to be saved along with the optimizer.
    public struct State: Codable, Sendable, Equatable {
        /// How often ``Scheduler/step()`` was called.
        public var epoch: Int
        /// The learning rate that each group had at the beginning.
        public var baseRates: [Double]

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - epoch: The number of steps so far.
        ///   - baseRates: The groups' initial rates.
        public init(epoch: Int, baseRates: [Double]) {
            self.epoch = epoch
            self.baseRates = baseRates
        }
    }

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - optimizer: The optimizer whose parameters are trained.
    ///   - schedule: The rates at each step.
    public init(_ optimizer: any Optimizer, _ schedule: any Schedule) {
        self.optimizer = optimizer
        self.schedule = schedule
        state = State(epoch: 0, baseRates: optimizer.groups.map { $0[.lr] })
        apply()
    }

    /// How often ``step()`` was called.
    public var epoch: Int { state.epoch }
    /// The learning rate of each group now.
    public var learningRates: [Double] { optimizer.groups.map { $0[.lr] } }

    /// Advances to the next epoch and sets the learning rates.
    public func step() {
        state.epoch += 1
        apply()
    }

    /// Restores the position of a saved scheduler.
    ///
    /// - Parameter state: The saved state.
    /// - Throws: ``OptimizerError/stateMismatch(_:)`` if it had other groups.
    public func load(_ state: State) throws(OptimizerError) {
        guard state.baseRates.count == optimizer.groups.count else {
            throw .stateMismatch("its scheduler has \(state.baseRates.count) groups, not \(optimizer.groups.count)")
        }
        guard state.epoch >= 0 else { throw .stateMismatch("its scheduler is at epoch \(state.epoch)") }
        self.state = state
        apply()
    }

    private func apply() {
        for i in optimizer.groups.indices {
            // A group that was added later.
            if i == state.baseRates.count { state.baseRates.append(optimizer.groups[i][.lr]) }
            // Where PyTorch's schedulers store it and look for it.
            optimizer.groups[i].carried["initial_lr"] = state.baseRates[i]
            optimizer.groups[i][.lr] = schedule.learningRate(at: epoch, base: state.baseRates[i], group: i)
            guard let momentum = schedule.momentum(at: epoch, group: i) else { continue }
            // Adam's name for it.
            for option: ParameterGroup.Option in [.momentum, .beta1] where optimizer.groups[i].options[option] != nil {
                optimizer.groups[i][option] = momentum
            }
        }
    }
}
