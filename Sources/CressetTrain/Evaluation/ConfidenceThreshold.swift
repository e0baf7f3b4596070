/// What is left, and how much of it is right, if predictions below a probability are not believed.
public struct ConfidenceThreshold: Sendable, Hashable {
    /// The lowest probability that is believed.
    public let threshold: Double
    /// The number of all pictures.
    public let count: Int
    /// The number of pictures whose prediction is believed.
    public let keptCount: Int
    /// The number of those that are right.
    public let correctCount: Int

    /// The thresholds that a table has if no others are asked for.
    public static let usualThresholds = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]

    /// The share of the pictures whose prediction is believed; nil without pictures.
    public var keptShare: Double? { count == 0 ? nil : Double(keptCount) / Double(count) }

    /// The share of the believed predictions that are right; nil if none is believed.
    public var accuracy: Double? { keptCount == 0 ? nil : Double(correctCount) / Double(keptCount) }

    /// The 95 % confidence interval of ``accuracy``; from 0 to 1 if no prediction is believed.
    public var accuracyInterval: WilsonInterval { WilsonInterval(correctCount, of: keptCount) }
}
