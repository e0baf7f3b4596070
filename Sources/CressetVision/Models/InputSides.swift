/// The sides, in pixels, of the square pictures that a network can take.
///
/// ```swift
/// let sides = try ModelZoo.inputSides(of: "inception_v3")
/// sides.contains(64)      // false
/// sides.nearest(to: 64)   // 75
/// ```
public struct InputSides: Sendable, Hashable, CustomStringConvertible {
    /// The smallest side.
    public let least: Int
    /// All sides are multiples of it; 1 if any side from ``least`` on will do.
    public let step: Int

    /// Any side from `least` on.
    ///
    /// - Parameter least: The smallest side, in pixels.
    public static func atLeast(_ least: Int) -> InputSides { InputSides(least: least, step: 1) }

    /// The multiples of `step`.
    ///
    /// - Parameter step: The smallest side, in pixels.
    public static func multiples(of step: Int) -> InputSides { InputSides(least: step, step: step) }

    /// Whether the network can take pictures of `side` × `side` pixels.
    ///
    /// - Parameter side: A length in pixels.
    public func contains(_ side: Int) -> Bool { side >= least && side.isMultiple(of: step) }

    /// The side nearest to `side` that the network can take; of two, the larger.
    ///
    /// - Parameter side: A length in pixels.
    public func nearest(to side: Int) -> Int {
        max(least, (side / step + (side % step * 2 >= step ? 1 : 0)) * step)
    }

    public var description: String { step > 1 ? "multiples of \(step)" : "\(least) or more" }
}

/// A side of the pictures that a network cannot take.
public struct UnsuitableInputSide: ExplainedError, Sendable, Hashable {
    /// The network's name.
    public let model: String
    /// The side that was asked for, in pixels.
    public let side: Int
    /// The sides that the network can take.
    public let sides: InputSides

    /// The side nearest to it that the network can take, if it is not larger than any that a command accepts.
    private var nearest: Int {
        let nearest = sides.nearest(to: side)
        let largest = Preprocessing.croppedSides.upperBound
        return nearest <= largest ? nearest : max(sides.least, largest / sides.step * sides.step)
    }

    public var explanation: Explanation {
        Explanation(
            "\(model) cannot take pictures of \(side) × \(side) pixels: their sides must be \(sides)",
            hint: "the nearest side that it can take is \(nearest)")
    }
}
