import Cresset

/// Visits all classes equally often, exactly: the samples of small classes come several times in an epoch.
///
/// Two samples of a class come equally often in an epoch, or one of them once more; the order mixes all classes. In
/// contrast, ``WeightedRandomSampler`` balances classes only on average.
public struct ClassBalancedSampler: Sampler {
    /// The number of indices of each class in an epoch.
    public let samplesPerClass: Int
    public let seed: UInt64
    /// The samples of each class that has any, by the class's number.
    private let classes: [[Int]]

    /// Traps if there is no sample, or `samplesPerClass` is not positive.
    ///
    /// - Parameters:
    ///   - labels: The class of each sample.
    ///   - samplesPerClass: The number of indices of each class in an epoch. Default: the size of the largest class.
    ///   - seed: The random seed: equal seeds give equal numbers.
    public init(labels: [Int], samplesPerClass: Int? = nil, seed: UInt64) {
        let classes = Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }.map(\.value)
        guard let largest = classes.map(\.count).max() else { fatalError("ClassBalancedSampler: there are no samples") }
        let wanted = samplesPerClass ?? largest
        if wanted < 1 { fatalError("ClassBalancedSampler: needs at least 1 sample of each class, got \(wanted)") }
        self.classes = classes
        self.samplesPerClass = wanted
        self.seed = seed
    }

    public var count: Int { classes.count * samplesPerClass }

    public func indices(epoch: Int) -> [Int] {
        // No sample has index -1: this stream is reserved for the order.
        var random = SampleRandom(seed: seed, epoch: epoch, index: -1)
        var indices: [Int] = []
        for samples in classes {
            var missing = samplesPerClass
            while missing > 0 {
                let pass = samples.shuffled(using: &random).prefix(missing)
                indices += pass
                missing -= pass.count
            }
        }
        return indices.shuffled(using: &random)
    }
}
