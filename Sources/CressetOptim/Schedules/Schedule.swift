import Glibc

/// A learning rate as a function of the step.
///
/// A schedule is a value and is independent of any optimizer: it can be printed and plotted. A ``Scheduler`` applies
/// it.
///
/// ```swift
/// let schedule = OneCycleLR(maxLR: 0.1, totalSteps: 1000)
/// let curve = (0..<1000).map { schedule.learningRate(at: $0, base: 0.1) }
/// let scheduler = Scheduler(optimizer, schedule)
/// ```
///
/// The names are those of `torch.optim.lr_scheduler`. Every learning rate is computed from the step alone, so a rate
/// changed by hand in between is overwritten.
public protocol Schedule: Sendable {
    /// The learning rate at step number `step`, counted from 0.
    ///
    /// - Parameters:
    ///   - step: The number of the step, from 0.
    ///   - base: The group's own learning rate.
    ///   - group: The group's number, for schedules that treat groups differently.
    func learningRate(at step: Int, base: Double, group: Int) -> Double
    /// The momentum at step number `step`; nil if the schedule leaves it unchanged.
    ///
    /// - Parameters:
    ///   - step: The number of the step, from 0.
    ///   - group: The number of the group.
    func momentum(at step: Int, group: Int) -> Double?
}

extension Schedule {
    public func momentum(at step: Int, group: Int) -> Double? { nil }

    /// The learning rate of the first group at step number `step`.
    ///
    /// - Parameters:
    ///   - step: The number of the step, from 0.
    ///   - base: The group's initial learning rate.
    public func learningRate(at step: Int, base: Double = 1) -> Double {
        learningRate(at: step, base: base, group: 0)
    }
}

/// The single place where an invalid schedule ends the program.
func requireSchedule(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds { fatalError(message()) }
}

/// Multiplies by `gamma` every `stepSize` steps.
public struct StepLR: Schedule {
    public let stepSize: Int
    public let gamma: Double

    /// Traps if `stepSize` is below 1.
    ///
    /// - Parameters:
    ///   - stepSize: The number of steps after which the rate falls.
    ///   - gamma: The factor by which the learning rate is multiplied.
    public init(stepSize: Int, gamma: Double = 0.1) {
        requireSchedule(stepSize >= 1, "StepLR: the step size \(stepSize) must be 1 or more")
        self.stepSize = stepSize
        self.gamma = gamma
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        base * pow(gamma, Double(step / stepSize))
    }
}

/// Multiplies by `gamma` at each of the milestones; one listed twice counts twice.
public struct MultiStepLR: Schedule {
    public let milestones: [Int]
    public let gamma: Double

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - milestones: The steps at which the rate falls.
    ///   - gamma: The factor by which the learning rate is multiplied.
    public init(milestones: [Int], gamma: Double = 0.1) {
        self.milestones = milestones
        self.gamma = gamma
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        base * pow(gamma, Double(milestones.count { $0 <= step }))
    }
}

/// Multiplies by `gamma` every step.
public struct ExponentialLR: Schedule {
    public let gamma: Double

    /// Creates one with these options.
    ///
    /// - Parameter gamma: The factor by which the learning rate is multiplied.
    public init(gamma: Double) { self.gamma = gamma }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double { base * pow(gamma, Double(step)) }
}

/// A fraction of the rate for the first steps, then all of it.
public struct ConstantLR: Schedule {
    public let factor: Double
    public let totalIters: Int

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - factor: The initial share of the rate.
    ///   - totalIters: The number of steps until the full rate is reached.
    public init(factor: Double = 1.0 / 3, totalIters: Int = 5) {
        self.factor = factor
        self.totalIters = totalIters
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        step < totalIters ? base * factor : base
    }
}

/// From one fraction of the rate to another in equal steps: the usual warm-up.
public struct LinearLR: Schedule {
    public let startFactor, endFactor: Double
    public let totalIters: Int

    /// Traps if `totalIters` is below 1.
    ///
    /// - Parameters:
    ///   - startFactor: The initial share of the rate.
    ///   - endFactor: The final share of the rate.
    ///   - totalIters: The number of steps until the full rate is reached.
    public init(startFactor: Double = 1.0 / 3, endFactor: Double = 1, totalIters: Int = 5) {
        requireSchedule(totalIters >= 1, "LinearLR: needs 1 step or more, not \(totalIters)")
        self.startFactor = startFactor
        self.endFactor = endFactor
        self.totalIters = totalIters
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        base * (startFactor + (endFactor - startFactor) * Double(min(step, totalIters)) / Double(totalIters))
    }
}

/// Falls to zero as a power of the share of steps remaining.
public struct PolynomialLR: Schedule {
    public let totalIters: Int
    public let power: Double

    /// Traps if `totalIters` is below 1.
    ///
    /// - Parameters:
    ///   - totalIters: The number of steps until the rate is 0.
    ///   - power: The power of the polynomial.
    public init(totalIters: Int = 5, power: Double = 1) {
        requireSchedule(totalIters >= 1, "PolynomialLR: needs 1 step or more, not \(totalIters)")
        self.totalIters = totalIters
        self.power = power
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        base * pow(1 - Double(min(step, totalIters)) / Double(totalIters), power)
    }
}

/// The rate times a function of the step, one for all groups or one for each.
public struct LambdaLR: Schedule {
    private let factors: [@Sendable (Int) -> Double]

    /// Creates one with these options.
    ///
    /// - Parameter factor: The share of the rate at each step.
    public init(_ factor: @escaping @Sendable (Int) -> Double) { factors = [factor] }

    /// One function for each group. Traps if there is none.
    ///
    /// - Parameter factors: The share of the rate at each step, per group.
    public init(_ factors: [@Sendable (Int) -> Double]) {
        requireSchedule(!factors.isEmpty, "LambdaLR: no function")
        self.factors = factors
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        base * (factors.count == 1 ? factors[0] : factors.of(group, "LambdaLR"))(step)
    }
}

/// The rate times the product of a function's values from step 1 on, one function for all groups or one for each.
public struct MultiplicativeLR: Schedule {
    private let factors: [@Sendable (Int) -> Double]

    /// Creates one with these options.
    ///
    /// - Parameter factor: The factor by which each step multiplies the rate.
    public init(_ factor: @escaping @Sendable (Int) -> Double) { factors = [factor] }

    /// One function for each group. Traps if there is none.
    ///
    /// - Parameter factors: The factor by which each step multiplies the rate, per group.
    public init(_ factors: [@Sendable (Int) -> Double]) {
        requireSchedule(!factors.isEmpty, "MultiplicativeLR: no function")
        self.factors = factors
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        let factor = factors.count == 1 ? factors[0] : factors.of(group, "MultiplicativeLR")
        return step < 1 ? base : (1...step).reduce(base) { $0 * factor($1) }
    }
}

extension Array {
    /// The element for a group, if there is one for each.
    func of(_ group: Int, _ schedule: String) -> Element {
        requireSchedule(indices.contains(group), "\(schedule): nothing for group \(group), only for \(count)")
        return self[group]
    }
}
