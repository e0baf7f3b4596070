/// One schedule after another, each from its own step 0.
///
/// The second begins at the step given by the first milestone, and so on.
public struct SequentialLR: Schedule {
    public let schedules: [any Schedule]
    public let milestones: [Int]

    /// Traps unless there is one milestone fewer than there are schedules, in increasing order.
    ///
    /// - Parameters:
    ///   - schedules: The schedules, one after the other.
    ///   - milestones: The steps at which the next one begins.
    public init(_ schedules: [any Schedule], milestones: [Int]) {
        requireSchedule(
            schedules.count == milestones.count + 1 && zip(milestones, milestones.dropFirst()).allSatisfy(<=),
            "SequentialLR: \(schedules.count) schedules need one milestone fewer, increasing, not \(milestones)"
        )
        self.schedules = schedules
        self.milestones = milestones
    }

    private func place(of step: Int) -> (schedule: any Schedule, step: Int) {
        let i = milestones.count { $0 <= step }
        return (schedules[i], i == 0 ? step : step - milestones[i - 1])
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        let (schedule, step) = place(of: step)
        return schedule.learningRate(at: step, base: base, group: group)
    }

    public func momentum(at step: Int, group: Int) -> Double? {
        let (schedule, step) = place(of: step)
        return schedule.momentum(at: step, group: group)
    }
}

/// Schedules applied on top of each other: each takes the rate of the previous one as the group's own.
///
/// PyTorch's version goes from step to step instead of from the base rate, which gives the same wherever a schedule
/// multiplies. One that falls to a floor (`CosineAnnealingLR` with `etaMin`) after another ends slightly above or below
/// it there.
public struct ChainedScheduler: Schedule {
    public let schedules: [any Schedule]

    /// Creates one with these options.
    ///
    /// - Parameter schedules: The schedules, whose factors are multiplied.
    public init(_ schedules: [any Schedule]) { self.schedules = schedules }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        schedules.reduce(base) { $1.learningRate(at: step, base: $0, group: group) }
    }

    public func momentum(at step: Int, group: Int) -> Double? {
        schedules.reversed().lazy.compactMap { $0.momentum(at: step, group: group) }.first
    }
}

extension Schedule {
    /// This schedule after a warm-up: `steps` steps in which the rate rises linearly.
    ///
    /// - Parameters:
    ///   - steps: The number of steps until the full rate is reached.
    ///   - factor: The fraction of the rate with which the warm-up begins.
    public func warmedUp(over steps: Int, from factor: Double = 0.1) -> SequentialLR {
        SequentialLR([LinearLR(startFactor: factor, totalIters: steps), self], milestones: [steps])
    }
}
