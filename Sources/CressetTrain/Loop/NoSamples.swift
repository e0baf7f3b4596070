import Cresset

/// A pass had nothing to learn from, or to judge by: the data are empty, or all batches were left out.
public struct NoSamples: ExplainedError, Sendable, Hashable {
    public let phase: Phase
    /// Batches of fewer samples were left out.
    public let smallestBatch: Int

    /// What is missing.
    public var problem: String {
        let kind = phase == .training ? "training" : "validation"
        return "the \(kind) data gave no batch" + (smallestBatch > 1 ? " of \(smallestBatch) or more samples" : "")
    }

    /// What to do about it.
    public var hint: String {
        phase == .training ? "add samples, or allow smaller batches" : "add samples, or train without validation data"
    }

    public var explanation: Explanation { Explanation(problem, hint: hint) }
}
