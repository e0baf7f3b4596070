import Cresset

/// The negative log-likelihood of label sequences under frame-wise predictions, summed over all alignments.
///
/// *Source*: Graves et al., "Connectionist Temporal Classification", 2006.
public final class CTCLoss: Module {
    /// The class that means "no new label".
    public let blank: Int
    public let reduction: Reduction
    /// Whether sequences that cannot be aligned count as zero instead of infinity.
    public let zeroesInfinity: Bool

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - blank: The label that stands for the blank.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    ///   - zeroesInfinity: Whether losses that are infinite, and their gradients, become 0.
    public init(blank: Int = 0, reduction: Reduction = .mean, zeroesInfinity: Bool = false) {
        self.blank = blank
        self.reduction = reduction
        self.zeroesInfinity = zeroesInfinity
    }

    /// - Parameters:
    ///   - logProbabilities: (T, N, C), or (T, C) for a single sequence, as returned by `logSoftmax(axis: -1)`.
    ///   - target: Labels, (N, S) or concatenated.
    ///   - inputLengths: The frames of each sequence.
    ///   - targetLengths: The labels of each sequence.
    public func callAsFunction(
        _ logProbabilities: Tensor, _ target: Tensor, inputLengths: [Int], targetLengths: [Int]
    ) -> Tensor {
        logProbabilities.ctcLoss(
            target, inputLengths: inputLengths, targetLengths: targetLengths, blank: blank, reduction: reduction,
            zeroesInfinity: zeroesInfinity)
    }
}
