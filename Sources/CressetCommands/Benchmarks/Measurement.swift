import CressetVision

/// One figure of `cresset bench`.
package struct Measurement: Sendable {
    package let name: String
    /// What was measured: `cresset`, or a way of using it.
    package let variant: String
    /// The median of the repeats.
    package let value: Double
    package let unit: String
    /// The longest repeat less the shortest, as a share of the median; nil where nothing was repeated.
    package let spread: Double?
    /// What one item of the figure takes at least; nil where nobody counted.
    package let work: Work?

    /// A figure from its parts.
    package init(name: String, variant: String, value: Double, unit: String, spread: Double?, work: Work?) {
        (self.name, self.variant, self.value, self.unit) = (name, variant, value, unit)
        (self.spread, self.work) = (spread, work)
    }

    /// `measure variant value unit`, as the scripts that measure the peers print it.
    package var line: String { "\(name) \(variant) \(value.general(4)) \(unit)" }

    /// The time of one item: a picture, a sample, a step.
    var secondsPerItem: Double? {
        switch unit {
        case "ms": value / 1e3
        case "us": value / 1e6
        case "s": value
        case _ where unit.hasSuffix("/s"): 1 / value
        default: nil
        }
    }
}

/// What a computation takes at least: operations, and bytes between processor and memory.
package struct Work: Sendable {
    /// The type of numbers that are multiplied.
    package enum Arithmetic: String, Sendable, CaseIterable { case float32, bfloat16, int8 }

    /// Multiplications and additions, of convolutions by their definition: Winograd's algorithm needs fewer.
    package var operations: Double
    package var bytes: Double
    package var arithmetic: Arithmetic

    /// Work of one kind or both.
    package init(operations: Double = 0, bytes: Double = 0, arithmetic: Arithmetic = .float32) {
        self.operations = operations
        self.bytes = bytes
        self.arithmetic = arithmetic
    }
}

/// The times of the repeats of one measure.
final class Repeats: @unchecked Sendable {
    // Of the task that measures.
    @TaskLocal static var current: Repeats?
    private(set) var spread: Double?

    func note(_ sorted: [Double]) {
        guard sorted.count > 1, let first = sorted.first, let last = sorted.last else { return }
        spread = max(spread ?? 0, (last - first) / sorted[sorted.count / 2])
    }
}
