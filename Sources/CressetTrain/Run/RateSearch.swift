import Cresset
import CressetOptim

/// What a record says of the search for its learning rate.
public struct RateSearch: Sendable, Hashable, Codable {
    /// The rate that was found, and used; nil if none was found.
    public var suggestion: Double?
    /// The first rate that was tried.
    public var lowest: Double
    /// The last one: the loss grew too much, or there were no more to try.
    public var highest: Double
    /// How many were tried.
    public var steps: Int

    /// What there is to say of a curve.
    ///
    /// - Parameter curve: The losses at the rates that were tried.
    public init(_ curve: LearningRateCurve) {
        suggestion = curve.suggestion
        lowest = curve.points.first?.learningRate ?? 0
        highest = curve.points.last?.learningRate ?? 0
        steps = curve.points.count
    }
}

extension LearningRateCurve {
    /// The points as a table, with a header.
    package var csv: String {
        let rows = points.map { "\($0.learningRate),\($0.loss),\($0.smoothedLoss)\n" }
        return "learning_rate,loss,smoothed_loss\n" + rows.joined()
    }
}

extension RunFolder {
    /// Keeps the points of a search beside the record.
    func write(_ curve: LearningRateCurve) throws {
        try AtomicFile.write(to: ratesPath) { try $0.write(curve.csv) }
    }
}
