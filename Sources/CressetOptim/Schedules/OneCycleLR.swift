import Glibc

/// Up to `maxLR` in the first part of the run and down to almost nothing in the rest, with the momentum going the other
/// way.
///
/// Counted in optimizer steps, not in epochs.
///
/// *Source*: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates", 2017.
public struct OneCycleLR: Schedule {
    /// The highest rate, one for all groups or one for each; the groups' own rates are ignored.
    public let maxLR: [Double]
    public let totalSteps: Int
    /// The share of steps in which the rate rises.
    public let pctStart: Double
    public let anneal: Anneal
    /// The first rate is `maxLR` divided by this.
    public let divFactor: Double
    /// The last rate is the first divided by this.
    public let finalDivFactor: Double
    /// Whether the rate first falls back to the first one in as many steps as it rose, and only then to the last.
    public let threePhase: Bool
    /// The range of the momentum; nil leaves it unchanged.
    public let momentumRange: ClosedRange<Double>?

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - maxLR: The highest rate: one, or one per group.
    ///   - totalSteps: The number of steps in the whole cycle.
    ///   - pctStart: The share of steps on the way up.
    ///   - anneal: How the rate moves from one end to the other.
    ///   - divFactor: The highest rate divided by the initial one.
    ///   - finalDivFactor: The initial rate divided by the final one.
    ///   - threePhase: Whether the rate falls as fast as it rose, and then continues to the final rate.
    ///   - momentumRange: The range through which the momentum moves the other way; nil if it is constant.
    public init(
        maxLR: Double, totalSteps: Int, pctStart: Double = 0.3, anneal: Anneal = .cosine, divFactor: Double = 25,
        finalDivFactor: Double = 1e4, threePhase: Bool = false, momentumRange: ClosedRange<Double>? = 0.85...0.95
    ) {
        self.init(
            maxLR: [maxLR], totalSteps: totalSteps, pctStart: pctStart, anneal: anneal, divFactor: divFactor,
            finalDivFactor: finalDivFactor, threePhase: threePhase, momentumRange: momentumRange)
    }

    /// With a rate for each group. Traps if there are no steps or `pctStart` is not in 0...1.
    ///
    /// - Parameters:
    ///   - maxLR: The highest rate: one, or one per group.
    ///   - totalSteps: The number of steps in the whole cycle.
    ///   - pctStart: The share of steps on the way up.
    ///   - anneal: How the rate moves from one end to the other.
    ///   - divFactor: The highest rate divided by the initial one.
    ///   - finalDivFactor: The initial rate divided by the final one.
    ///   - threePhase: Whether the rate falls as fast as it rose, and then continues to the final rate.
    ///   - momentumRange: The range through which the momentum moves the other way; nil if it is constant.
    public init(
        maxLR: [Double], totalSteps: Int, pctStart: Double = 0.3, anneal: Anneal = .cosine, divFactor: Double = 25,
        finalDivFactor: Double = 1e4, threePhase: Bool = false, momentumRange: ClosedRange<Double>? = 0.85...0.95
    ) {
        requireSchedule(
            totalSteps >= 1 && pctStart >= 0 && pctStart <= 1 && !maxLR.isEmpty,
            "OneCycleLR: needs 1 step or more (\(totalSteps)) and a share in 0...1 (\(pctStart))")
        self.maxLR = maxLR
        self.totalSteps = totalSteps
        self.pctStart = pctStart
        self.anneal = anneal
        self.divFactor = divFactor
        self.finalDivFactor = finalDivFactor
        self.threePhase = threePhase
        self.momentumRange = momentumRange
    }

    /// The ends of the phases, with the two values between which a quantity moves in each.
    private func value(at step: Int, first: Double, high: Double, last: Double, settles: Double) -> Double {
        let end = Double(totalSteps - 1)
        let top = pctStart * Double(totalSteps) - 1
        let phases: [(end: Double, from: Double, to: Double)] =
            threePhase
            ? [(top, first, high), (2 * top, high, settles), (end, settles, last)]
            : [(top, first, high), (end, high, last)]
        var start = 0.0
        let position = Double(min(step, totalSteps - 1))
        for (i, phase) in phases.enumerated() {
            if position <= phase.end || i == phases.count - 1 {
                let share = phase.end > start ? (position - start) / (phase.end - start) : 1
                return anneal.value(from: phase.from, to: phase.to, share: share)
            }
            start = phase.end
        }
        return last
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        let high = maxLR.count == 1 ? maxLR[0] : maxLR.of(group, "OneCycleLR")
        let first = high / divFactor
        return value(at: step, first: first, high: high, last: first / finalDivFactor, settles: first)
    }

    public func momentum(at step: Int, group: Int) -> Double? {
        momentumRange.map {
            value(
                at: step, first: $0.upperBound, high: $0.lowerBound, last: $0.upperBound, settles: $0.upperBound)
        }
    }
}

/// How to move from one value to another.
public enum Anneal: String, Sendable {
    case cosine, linear

    func value(from start: Double, to end: Double, share: Double) -> Double {
        switch self {
        case .cosine: end + (start - end) / 2 * (1 + cos(Double.pi * share))
        case .linear: start + (end - start) * share
        }
    }
}

/// From the rate that training has reached to a constant one: the schedule for weight averaging.
///
/// *Source*: Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018.
public struct SWALR: Schedule {
    /// The constant rate, one for all groups or one for each.
    public let swaLR: [Double]
    public let annealEpochs: Int
    public let anneal: Anneal

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - swaLR: The final rate: one, or one per group.
    ///   - annealEpochs: The number of steps that this takes.
    ///   - anneal: How the rate moves from one end to the other.
    public init(swaLR: Double, annealEpochs: Int = 10, anneal: Anneal = .cosine) {
        self.init(swaLR: [swaLR], annealEpochs: annealEpochs, anneal: anneal)
    }

    /// With a rate for each group. Traps if there is none.
    ///
    /// - Parameters:
    ///   - swaLR: The final rate: one, or one per group.
    ///   - annealEpochs: The number of steps that this takes.
    ///   - anneal: How the rate moves from one end to the other.
    public init(swaLR: [Double], annealEpochs: Int = 10, anneal: Anneal = .cosine) {
        requireSchedule(annealEpochs >= 0 && !swaLR.isEmpty, "SWALR: needs 0 or more epochs (\(annealEpochs)), a rate")
        self.swaLR = swaLR
        self.annealEpochs = annealEpochs
        self.anneal = anneal
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        let share = annealEpochs == 0 ? 1 : min(1, Double(step) / Double(annealEpochs))
        return anneal.value(from: base, to: swaLR.count == 1 ? swaLR[0] : swaLR.of(group, "SWALR"), share: share)
    }
}
