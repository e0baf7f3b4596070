/// How the rows of a bag are put together.
public enum BagMode: String, Sendable {
    case sum, mean, max
}

/// Bags of numbers of rows: what `embeddingBag` of a backend is told beside the table.
@frozen
public struct EmbeddingBags {
    /// Numbers of rows, int64, checked, in the order of the bags.
    public var numbers: Operand
    /// Where each bag begins, and where the last one ends: int64.
    public var starts: Operand
    /// A factor for each number, of the table's dtype; for sums only.
    public var weights: Operand?
    /// The number that takes no part.
    public var padding: Int?
    public var mode: BagMode

    @inlinable public init(numbers: Operand, starts: Operand, weights: Operand?, padding: Int?, mode: BagMode) {
        self.numbers = numbers
        self.starts = starts
        self.weights = weights
        self.padding = padding
        self.mode = mode
    }
}
