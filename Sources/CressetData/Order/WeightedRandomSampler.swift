import Cresset

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Draws samples with given probabilities.
///
/// ```swift
/// // Rare classes as often as frequent ones, on average:
/// let sampler = WeightedRandomSampler(balancing: folder.samples.map(\.label), seed: 1)
/// ```
public struct WeightedRandomSampler: Sampler {
    /// The relative probability of each sample.
    public let weights: [Double]
    /// The number of indices in an epoch.
    public let count: Int
    public let seed: UInt64
    /// Whether a sample may be drawn more than once.
    public let isReplacing: Bool
    public let order: RandomOrder
    private let draws: PyTorchDraws?

    /// Traps if a weight is negative or not finite, if all are 0, if `count` is less than 1, or if more samples are requested
    /// than can be drawn without replacement.
    ///
    /// - Parameters:
    ///   - weights: The relative probability of each sample; they need not sum to 1.
    ///   - count: The number of indices in an epoch. Default: as many as there are weights.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - isReplacing: Whether a sample may be drawn more than once.
    ///   - order: Whose random numbers decide. PyTorch's sampler draws no seed of its own, so that
    ///     ``RandomOrder/pyTorchProcess`` and ``RandomOrder/pyTorchLoader`` are the same here.
    public init(
        weights: [Double], count: Int? = nil, seed: UInt64, isReplacing: Bool = true, order: RandomOrder = .cresset
    ) {
        let wanted = count ?? weights.count
        WeightedRandomSampler.check(weights, wanted, isReplacing)
        self.weights = weights
        self.count = wanted
        self.seed = seed
        self.isReplacing = isReplacing
        self.order = order
        draws =
            order == .cresset
            ? nil
            : PyTorchDraws(seed: seed, order: order) {
                $0.multinomial(preciseWeights: weights, count: wanted, isReplacing: isReplacing)
            }
    }

    /// Draws all classes equally often on average, however many samples each has.
    ///
    /// Traps if there is no sample, or `count` is less than 1.
    ///
    /// - Parameters:
    ///   - labels: The class of each sample: any numbers, equal for samples of the same class.
    ///   - count: The number of indices in an epoch. Default: the number of samples.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - order: Whose random numbers decide.
    public init(balancing labels: [Int], count: Int? = nil, seed: UInt64, order: RandomOrder = .cresset) {
        var counts: [Int: Int] = [:]
        for label in labels { counts[label, default: 0] += 1 }
        self.init(weights: labels.map { 1 / Double(counts[$0]!) }, count: count, seed: seed, order: order)
    }

    public func indices(epoch: Int) -> [Int] {
        if let draws { return draws.indices(epoch: epoch) }
        // No sample has index -1: this stream is reserved for the order.
        var random = SampleRandom(seed: seed, epoch: epoch, index: -1)
        return isReplacing ? drawn(by: &random) : raced(by: &random)
    }

    private func drawn(by random: inout SampleRandom) -> [Int] {
        var sum = 0.0
        let ends = weights.map { weight -> Double in
            sum += weight
            return sum
        }
        let last = weights.lastIndex { $0 > 0 } ?? 0
        return (0..<count).map { _ in
            let point = random.uniform(in: 0...1) * sum
            // The first sample whose end lies beyond the point; one of weight 0 ends where it begins.
            var (low, high) = (0, last)
            while low < high {
                let middle = (low + high) / 2
                if ends[middle] > point { high = middle } else { low = middle + 1 }
            }
            return low
        }
    }

    /// The first arrivals, where arrival times are exponential with the weights as rates.
    ///
    /// *Source*: P. Efraimidis and P. Spirakis, "Weighted random sampling with a reservoir", IPL 97 (2006).
    private func raced(by random: inout SampleRandom) -> [Int] {
        let times = weights.map { weight in
            let wait = -log1p(-random.uniform(in: 0...1))
            return weight > 0 ? wait / weight : .infinity
        }
        // Of equal times, which only weights of 0 have, the first index counts.
        return Array(times.indices.sorted { (times[$0], $0) < (times[$1], $1) }.prefix(count))
    }

    private static func check(_ weights: [Double], _ wanted: Int, _ isReplacing: Bool) {
        if let bad = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
            fatalError("WeightedRandomSampler: weight \(bad) is \(weights[bad]); weights are finite and not negative")
        }
        let available = weights.count { $0 > 0 }
        if available == 0 { fatalError("WeightedRandomSampler: none of the \(weights.count) weights is above 0") }
        if wanted < 1 || (!isReplacing && wanted > available) {
            fatalError(
                "WeightedRandomSampler: cannot draw \(wanted) of \(available) samples with a weight above 0"
                    + (isReplacing ? "" : " without replacement"))
        }
    }
}
