import CKernels
import CressetBackend

extension CPUBackend {
    /// For each bag of indices, the named rows of a table, combined.
    package func embeddingBag(_ table: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand) {
        bags.withC(rows: table.shape[0], out: out, matrix: table) {
            cresset_embedding_bag($0, table.pointer, places?.int64s, out.pointer)
        }
    }

    /// The gradient of ``embeddingBag(_:bags:places:into:)`` with respect to the table.
    package func embeddingBagGradient(_ gradient: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand) {
        bags.withC(rows: out.shape[0], out: gradient, matrix: out) {
            cresset_embedding_bag_gradient($0, gradient.pointer, places?.int64s, out.pointer)
        }
    }
}

extension EmbeddingBags {
    /// `matrix` is the table or its gradient, `out` the operand with one row per bag.
    fileprivate func withC(
        rows: Int, out: Operand, matrix: Operand, _ body: (UnsafePointer<cresset_embedding_bags>) -> Void
    ) {
        let operands = [numbers, starts, out, matrix] + [weights].compactMap { $0 }
        mustHold(operands.allSatisfy(\.isContiguous), "embeddingBag: operands must be row-major")
        mustHold(out.dtype == .float32 || out.dtype == .float64, "embeddingBag: tables are float32 or float64")
        let kind =
            switch mode {
            case .sum: cresset_bag_sum
            case .mean: cresset_bag_mean
            case .max: cresset_bag_max
            }
        var bags = cresset_embedding_bags(
            bags: Int64(out.shape[0]), rows: Int64(rows), features: Int64(out.shape[1]), numbers: numbers.int64s,
            starts: starts.int64s, weights: weights.map { UnsafeRawPointer($0.pointer) }, padding: Int64(padding ?? -1),
            mode: Int32(kind.rawValue), is_double: out.dtype == .float64)
        body(&bags)
    }
}

extension Operand {
    fileprivate var int64s: UnsafeMutablePointer<Int64> { pointer.assumingMemoryBound(to: Int64.self) }
}
