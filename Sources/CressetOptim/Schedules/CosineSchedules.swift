import Glibc

/// Half a cosine down to `etaMin` in `tMax` steps, then up again, and so on.
///
/// *Source*: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016, without the restarts.
public struct CosineAnnealingLR: Schedule {
    public let tMax: Int
    public let etaMin: Double

    /// Traps if `tMax` is below 1.
    ///
    /// - Parameters:
    ///   - tMax: The number of steps from the highest rate to the lowest.
    ///   - etaMin: The lowest rate.
    public init(tMax: Int, etaMin: Double = 0) {
        requireSchedule(tMax >= 1, "CosineAnnealingLR: needs 1 step or more, not \(tMax)")
        self.tMax = tMax
        self.etaMin = etaMin
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        etaMin + (base - etaMin) * (1 + cosine(step % (2 * tMax), of: tMax)) / 2
    }
}

/// Half a cosine down to `etaMin` in `t0` steps, then again from the top, each time `tMult` times as long.
///
/// *Source*: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016.
public struct CosineAnnealingWarmRestarts: Schedule {
    public let t0, tMult: Int
    public let etaMin: Double

    /// Traps if `t0` or `tMult` is below 1.
    ///
    /// - Parameters:
    ///   - t0: The number of steps in the first period.
    ///   - tMult: The factor by which each period is longer than the one before.
    ///   - etaMin: The lowest rate.
    public init(t0: Int, tMult: Int = 1, etaMin: Double = 0) {
        requireSchedule(
            t0 >= 1 && tMult >= 1, "CosineAnnealingWarmRestarts: t0 (\(t0)) and tMult (\(tMult)) must be 1 or more")
        self.t0 = t0
        self.tMult = tMult
        self.etaMin = etaMin
    }

    public func learningRate(at step: Int, base: Double, group: Int) -> Double {
        var (position, length) = (step, t0)
        if tMult == 1 {
            position %= length
        } else {
            while position >= length {
                position -= length
                length *= tMult
            }
        }
        return etaMin + (base - etaMin) * (1 + cosine(position, of: length)) / 2
    }
}

/// The cosine of `part` parts of π, exact at its zeros and ends.
private func cosine(_ part: Int, of parts: Int) -> Double {
    if part % (2 * parts) == parts { return -1 }
    if 2 * (part % parts) == parts { return 0 }
    return cos(Double.pi * Double(part) / Double(parts))
}
