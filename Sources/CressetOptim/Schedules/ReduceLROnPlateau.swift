/// Lowers the learning rate when a metric has stopped improving.
///
/// Unlike a ``Schedule`` it depends on measurements: call ``step(_:)`` with the validation loss after each epoch.
public final class ReduceLROnPlateau {
    /// When and by how much the rate is lowered; it depends only on the metrics.
    public struct Rule: Sendable {
        /// Whether lower or higher values are better.
        public enum Mode: String, Sendable { case min, max }
        /// Whether the threshold is relative to the best value, or absolute.
        public enum ThresholdMode: String, Sendable { case relative, absolute }

        public var mode: Mode
        /// The factor by which the rate is multiplied.
        public var factor: Double
        /// Epochs without improvement that are tolerated.
        public var patience: Int
        /// What counts as an improvement.
        public var threshold: Double
        public var thresholdMode: ThresholdMode
        /// Epochs after a change during which nothing is counted.
        public var cooldown: Int
        /// One for all groups, or one for each.
        public var minLR: [Double]
        /// Smaller changes are not made.
        public var epsilon: Double

        /// Traps if `factor` is 1 or more.
        ///
        /// - Parameters:
        ///   - mode: Whether the metric should fall or rise.
        ///   - factor: The factor by which the rate is multiplied.
        ///   - patience: The number of steps without progress that are tolerated.
        ///   - threshold: The smallest improvement that counts.
        ///   - thresholdMode: Whether the threshold is a share or a difference.
        ///   - cooldown: The number of steps after a change in which nothing is counted.
        ///   - minLR: The lowest rate.
        ///   - epsilon: The smallest change to apply.
        public init(
            mode: Mode = .min, factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4,
            thresholdMode: ThresholdMode = .relative, cooldown: Int = 0, minLR: [Double] = [0], epsilon: Double = 1e-8
        ) {
            requireSchedule(
                factor < 1 && !minLR.isEmpty, "ReduceLROnPlateau: the factor \(factor) must be below 1")
            self.mode = mode
            self.factor = factor
            self.patience = patience
            self.threshold = threshold
            self.thresholdMode = thresholdMode
            self.cooldown = cooldown
            self.minLR = minLR
            self.epsilon = epsilon
        }

        /// The learning rate before the first metric and after each, without an optimizer.
        ///
        /// - Parameters:
        ///   - metrics: The metric of each step so far.
        ///   - base: The initial rate.
        public func learningRates(for metrics: [Double], base: Double) -> [Double] {
            var state = State()
            var rates = [base]
            for metric in metrics {
                let lowers = advance(&state, metric)
                rates.append(lowers ? lowered(rates[rates.count - 1], group: 0) : rates[rates.count - 1])
            }
            return rates
        }

        private func isBetter(_ metric: Double, than best: Double) -> Bool {
            let sign = mode == .min ? -1.0 : 1
            let bound = thresholdMode == .relative ? best * (1 + sign * threshold) : best + sign * threshold
            return mode == .min ? metric < bound : metric > bound
        }

        /// Takes the next metric and returns whether the rate is lowered.
        func advance(_ state: inout State, _ metric: Double) -> Bool {
            state.epoch += 1
            // Before the first metric the best is infinitely bad, and an infinity is no improvement on that.
            if state.best.map({ isBetter(metric, than: $0) })
                ?? isBetter(metric, than: mode == .min ? .infinity : -.infinity)
            {
                state.best = metric
                state.badEpochs = 0
            } else {
                state.badEpochs += 1
            }
            if state.cooldownLeft > 0 {
                state.cooldownLeft -= 1
                state.badEpochs = 0
            }
            guard state.badEpochs > patience else { return false }
            state.cooldownLeft = cooldown
            state.badEpochs = 0
            return true
        }

        func lowered(_ rate: Double, group: Int) -> Double {
            let new = max(rate * factor, minLR.count == 1 ? minLR[0] : minLR.of(group, "ReduceLROnPlateau"))
            return rate - new > epsilon ? new : rate
        }
    }

    /// What must survive an interruption: to be saved along with the optimizer, which holds the rate.
    public struct State: Codable, Sendable, Equatable {
        public var epoch = 0
        /// The best value so far.
        public var best: Double?
        public var badEpochs = 0
        public var cooldownLeft = 0

        public init() {}
    }

    public let rule: Rule
    public var state = State()
    private let optimizer: any Optimizer

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - optimizer: The optimizer whose parameters are trained.
    ///   - rule: When and how the rate falls.
    public init(_ optimizer: any Optimizer, _ rule: Rule = Rule()) {
        self.optimizer = optimizer
        self.rule = rule
    }

    /// The learning rate of each group now.
    public var learningRates: [Double] { optimizer.groups.map { $0[.lr] } }

    /// Takes the metric of an epoch, and lowers the learning rates when it is time.
    ///
    /// - Parameter metric: The metric to watch, such as the validation loss.
    /// - Returns: Whether they were lowered. NaN is not an improvement.
    @discardableResult
    public func step(_ metric: Double) -> Bool {
        guard rule.advance(&state, metric) else { return false }
        for i in optimizer.groups.indices {
            optimizer.groups[i][.lr] = rule.lowered(optimizer.groups[i][.lr], group: i)
        }
        return true
    }
}
