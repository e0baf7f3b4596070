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
        return LearningRateCurve.header + "\n" + rows.joined()
    }

    private static let header = "learning_rate,loss,smoothed_loss"
    /// No search tries as many rates.
    private static let sizeLimit = 1 << 22
    private static let pointLimit = 10_000
    /// Rates and losses are not negative, and no loss of 32 bits is larger.
    private static let possible = 0...1e100

    /// The curve of such a table; nil if it is none, or has no points. Lines with numbers that no search can have found are
    /// left out.
    package init?(csv: String) {
        let lines = csv.split(whereSeparator: \.isNewline)
        guard let first = lines.first, first == LearningRateCurve.header else { return nil }
        let points = lines.dropFirst().compactMap { line -> Point? in
            let numbers = line.split(separator: ",").compactMap { Double($0) }
            guard numbers.count == 3, numbers[0] > 0, numbers.allSatisfy(Self.possible.contains) else { return nil }
            return Point(learningRate: numbers[0], loss: numbers[1], smoothedLoss: numbers[2])
        }
        if points.isEmpty || points.count > Self.pointLimit { return nil }
        self.init()
        self.points = points
    }

    /// The curve beside the record of a run; nil if there is none, or it cannot be read.
    package init?(readingFrom folder: RunFolder) {
        guard let bytes = try? SystemFiles.contents(of: folder.ratesPath, limit: Self.sizeLimit) else { return nil }
        self.init(csv: String(decoding: bytes, as: UTF8.self))
    }
}

extension RunFolder {
    /// Keeps the points of a search beside the record.
    func write(_ curve: LearningRateCurve) throws {
        try AtomicFile.write(to: ratesPath) { try $0.write(curve.csv) }
    }
}
