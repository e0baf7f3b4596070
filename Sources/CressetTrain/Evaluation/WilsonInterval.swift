/// Where the true share most likely lies if a share of examples was measured: its 95 % confidence interval.
///
/// An accuracy is measured on some pictures; on all possible ones it would be another. The interval is narrow for many
/// examples and stays within 0 and 1, for few as well.
///
/// Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
public struct WilsonInterval: Sendable, Hashable, Codable {
    /// From 0 to 1.
    public let lower: Double
    /// From 0 to 1.
    public let upper: Double

    /// Two-sided 95 % of the normal distribution.
    private static let z = 1.959963984540054

    /// The interval for `successes` out of `count` independent examples; from 0 to 1 if there are none.
    ///
    /// - Parameters:
    ///   - successes: How many examples turned out well, from 0 to `count`.
    ///   - count: The number of examples.
    public init(_ successes: Int, of count: Int) {
        guard count > 0 else {
            (lower, upper) = (0, 1)
            return
        }
        let n = Double(count), share = Double(successes) / n, zz = Self.z * Self.z
        let center = (share + zz / (2 * n)) / (1 + zz / n)
        let reach = Self.z / (1 + zz / n) * (share * (1 - share) / n + zz / (4 * n * n)).squareRoot()
        // Exactly 0 and 1 at the ends, where rounding would leave a trace.
        lower = successes == 0 ? 0 : max(center - reach, 0)
        upper = successes == count ? 1 : min(center + reach, 1)
    }
}
