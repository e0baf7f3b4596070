import Cresset
import Glibc

/// A line search for a point where the loss has fallen enough (Armijo) and is flat enough (curvature).
///
/// *Source*: Nocedal and Wright, "Numerical Optimization", 2006, algorithms 3.5 (bracketing) and 3.6 (zoom).
struct WolfeSearch {
    /// A point on the line.
    private struct Place {
        var length: Double
        var point: LossPoint
        var slope: Double

        // NaN is no better than infinity.
        var value: Double { point.value.isNaN ? .infinity : point.value }
    }

    private static let decrease = 1e-4
    private static let flatness = 0.9
    private static let tolerance = 1e-9

    private let start: Place
    private let direction: Tensor
    private let limit: Int
    private let evaluate: (Double) throws -> LossPoint
    private(set) var evaluations = 0
    private var iterations = 0

    /// - Parameters:
    ///   - slope: The slope of the loss along the direction at the start.
    ///   - limit: The maximum number of steps; the first point is always evaluated.
    ///   - evaluate: Returns the loss and its gradient at a given length.
    init(
        start: LossPoint, slope: Double, direction: Tensor, limit: Int, evaluate: @escaping (Double) throws -> LossPoint
    ) {
        self.start = Place(length: 0, point: start, slope: slope)
        self.direction = direction
        self.limit = limit
        self.evaluate = evaluate
    }

    private mutating func place(at length: Double) throws -> Place {
        let point = try evaluate(length)
        evaluations += 1
        return Place(length: length, point: point, slope: point.gradient.dot(direction))
    }

    private func hasFallenTooLittle(_ place: Place) -> Bool {
        place.value > start.value + Self.decrease * place.length * start.slope
    }

    private func isFlat(_ place: Place) -> Bool { abs(place.slope) <= -Self.flatness * start.slope }

    /// The length found, with the loss and gradient there.
    mutating func run(from length: Double) throws -> (Double, LossPoint) {
        var bracket = try bracket(from: length)
        if bracket.count == 2 { bracket = [try zoom(bracket[0], bracket[1])] }
        return (bracket[0].length, bracket[0].point)
    }

    /// Continues until two points bracket a good one, or one is found.
    private mutating func bracket(from length: Double) throws -> [Place] {
        var previous = start
        var now = try place(at: length)
        while iterations < limit {
            if hasFallenTooLittle(now) || (iterations > 1 && now.value >= previous.value) { return [previous, now] }
            if isFlat(now) { return [now] }
            if now.slope >= 0 { return [previous, now] }
            let bounds = now.length + 0.01 * (now.length - previous.length)...now.length * 10
            let next = Self.cubicMinimum(previous, now, bounds: bounds)
            previous = now
            now = try place(at: next)
            iterations += 1
        }
        return [start, now]
    }

    /// Narrows the interval between two points that bracket a good one.
    private mutating func zoom(_ first: Place, _ second: Place) throws -> Place {
        var (low, high) = first.value <= second.value ? (first, second) : (second, first)
        let scale = direction.abs().amax().item()
        var isSlow = false
        while iterations < limit, abs(high.length - low.length) * scale >= Self.tolerance {
            let (left, right) = (min(low.length, high.length), max(low.length, high.length))
            // Ordered by length, since the formula is not quite symmetric in rounding.
            var length =
                low.length <= high.length
                ? Self.cubicMinimum(low, high, bounds: left...right)
                : Self.cubicMinimum(high, low, bounds: left...right)
            // Twice in a row close to an end is too little progress.
            let margin = 0.1 * (right - left)
            if min(right - length, length - left) < margin {
                if isSlow || length >= right || length <= left {
                    length = abs(length - right) < abs(length - left) ? right - margin : left + margin
                    isSlow = false
                } else {
                    isSlow = true
                }
            } else {
                isSlow = false
            }
            let now = try place(at: length)
            iterations += 1
            if hasFallenTooLittle(now) || now.value >= low.value {
                high = now
                if high.value < low.value { swap(&low, &high) }
            } else {
                if isFlat(now) { return now }
                if now.slope * (high.length - low.length) >= 0 { high = low }
                low = now
            }
        }
        return low
    }

    /// The minimum of the cubic through two points with the given slopes.
    private static func cubicMinimum(_ a: Place, _ b: Place, bounds: ClosedRange<Double>) -> Double {
        let d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.length - b.length)
        let square = d1 * d1 - a.slope * b.slope
        guard square >= 0, square.isFinite else { return (bounds.lowerBound + bounds.upperBound) / 2 }
        let d2 = sqrt(square)
        let minimum =
            a.length <= b.length
            ? b.length - (b.length - a.length) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
            : a.length - (a.length - b.length) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
        return minimum.isNaN
            ? (bounds.lowerBound + bounds.upperBound) / 2 : min(max(minimum, bounds.lowerBound), bounds.upperBound)
    }
}
