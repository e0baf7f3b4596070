/// How the rows of a bag are combined.
public enum BagMode: String, Sendable {
    case sum, mean, max
}

/// Bags of row indices: what a backend's `embeddingBag` takes besides the table.
@frozen
package struct EmbeddingBags {
    /// Row indices, int64, already checked, in the order of the bags.
    package var numbers: Operand
    /// Where each bag begins, and where the last one ends: int64.
    package var starts: Operand
    /// A factor for each index, of the table's dtype; for sums only.
    package var weights: Operand?
    /// The index that is ignored.
    package var padding: Int?
    package var mode: BagMode

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - numbers: The indices of rows, one bag after another.
    ///   - starts: Where each bag begins.
    ///   - weights: A factor for each row; nil for none.
    ///   - padding: The index of the row that is ignored; nil for none.
    ///   - mode: How the rows of a bag are combined.
    @inlinable package init(numbers: Operand, starts: Operand, weights: Operand?, padding: Int?, mode: BagMode) {
        self.numbers = numbers
        self.starts = starts
        self.weights = weights
        self.padding = padding
        self.mode = mode
    }
}
