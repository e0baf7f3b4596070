import Glibc

/// Linearly up and down between two rates, with the momentum going the other way.
///
/// *Source*: Smith, "Cyclical Learning Rates for Training Neural Networks", 2015.
public struct CyclicLR: Schedule {
    /// How the height of the triangles changes.
    public enum Mode: Sendable, Equatable {
        /// Not at all.
        case triangular
        /// Halved with each cycle.
        case triangular2
        /// Multiplied by `gamma` with each step.
        case expRange(gamma: Double)
    }

    public let baseLR, maxLR: [Double]
    public let stepSizeUp, stepSizeDown: Int
    public let mode: Mode
    /// The range of the momentum; nil leaves it unchanged.
    public let momentumRange: ClosedRange<Double>?

    ///
    /// - Parameters:
    ///   - baseLR: The lower rate, for all groups; the groups' own rates are ignored.
    ///   - maxLR: The upper rate, for all groups.
    ///   - stepSizeUp: The number of steps on the way up.
    ///   - stepSizeDown: The steps on the way down; if nil, as many as up.
    ///   - mode: How the highest rate changes with each cycle.
    ///   - momentumRange: The range through which the momentum moves the other way; nil if it is constant.
    public init(
        baseLR: Double, maxLR: Double, stepSizeUp: Int = 2000, stepSizeDown: Int? = nil, mode: Mode = .triangular,
        momentumRange: ClosedRange<Double>? = 0.8...0.9
    ) {
        self.init(
            baseLR: [baseLR], maxLR: [maxLR], stepSizeUp: stepSizeUp, stepSizeDown: stepSizeDown, mode: mode,
            momentumRange: momentumRange)
    }

    /// With rates for each group, or one for all. Traps if either direction takes less than one step.
    ///
    /// - Parameters:
    ///   - baseLR: The lowest rate: one, or one per group.
    ///   - maxLR: The highest rate: one, or one per group.
    ///   - stepSizeUp: The number of steps on the way up.
    ///   - stepSizeDown: The number of steps on the way down; nil for as many as up.
    ///   - mode: How the highest rate changes with each cycle.
    ///   - momentumRange: The range through which the momentum moves the other way; nil if it is constant.
    public init(
        baseLR: [Double], maxLR: [Double], stepSizeUp: Int = 2000, stepSizeDown: Int? = nil, mode: Mode = .triangular,
        momentumRange: ClosedRange<Double>? = 0.8...0.9
    ) {
        requireSchedule(
            stepSizeUp >= 1 && stepSizeDown ?? 1 >= 1 && !baseLR.isEmpty && !maxLR.isEmpty,
            "CyclicLR: \(stepSizeUp) steps up and \(stepSizeDown ?? stepSizeUp) down must be 1 or more")
        self.baseLR = baseLR
        self.maxLR = maxLR
        self.stepSizeUp = stepSizeUp
        self.stepSizeDown = stepSizeDown ?? stepSizeUp
        self.mode = mode
        self.momentumRange = momentumRange
    }

    /// The position within its triangle, from 0 (low) to 1 (high), times the triangle's height.
    private func height(at step: Int) -> Double {
        let length = stepSizeUp + stepSizeDown
        let (cycle, position) = step.quotientAndRemainder(dividingBy: length)
        let height =
            position <= stepSizeUp
            ? Double(position) / Double(stepSizeUp) : Double(length - position) / Double(stepSizeDown)
        switch mode {
        case .triangular: return height
        case .triangular2: return height / pow(2, Double(cycle))
        case .expRange(let gamma): return height * pow(gamma, Double(step))
        }
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        let low = baseLR.count == 1 ? baseLR[0] : baseLR.of(group, "CyclicLR")
        let high = maxLR.count == 1 ? maxLR[0] : maxLR.of(group, "CyclicLR")
        return low + (high - low) * height(at: step)
    }

    public func momentum(at step: Int, group: Int) -> Double? {
        momentumRange.map { $0.upperBound - ($0.upperBound - $0.lowerBound) * height(at: step) }
    }
}
