/// One schedule after the other, each from its own step 0.
///
/// The second begins with the step that the first milestone names, and so on.
public struct SequentialLR: Schedule {
    public let schedules: [any Schedule]
    public let milestones: [Int]

    /// Traps unless there is one milestone less than there are schedules, in rising order.
    public init(_ schedules: [any Schedule], milestones: [Int]) {
        requireSchedule(
            schedules.count == milestones.count + 1 && zip(milestones, milestones.dropFirst()).allSatisfy(<=),
            "SequentialLR: \(schedules.count) schedules with the milestones \(milestones), where there is one less, rising"
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

/// Schedules one on top of the other: each takes the rate of the one before for the group's own.
///
/// PyTorch's goes from step to step and not from the base, which gives the same wherever a schedule multiplies. One that
/// falls to a floor (`CosineAnnealingLR` with `etaMin`) behind another ends a little above or below it there.
public struct ChainedScheduler: Schedule {
    public let schedules: [any Schedule]

    public init(_ schedules: [any Schedule]) { self.schedules = schedules }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        schedules.reduce(base) { $1.learningRate(at: step, base: $0, group: group) }
    }

    public func momentum(at step: Int, group: Int) -> Double? {
        schedules.reversed().lazy.compactMap { $0.momentum(at: step, group: group) }.first
    }
}

extension Schedule {
    /// This schedule after a warm-up: `steps` steps in which the rate rises in a straight line.
    ///
    /// - Parameter factor: The fraction of the rate that the warm-up begins with.
    public func warmedUp(over steps: Int, from factor: Double = 0.1) -> SequentialLR {
        SequentialLR([LinearLR(startFactor: factor, totalIters: steps), self], milestones: [steps])
    }
}
