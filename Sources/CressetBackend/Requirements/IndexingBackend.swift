/// Elements and rows picked by their indices; part of ``Backend``.
package protocol IndexingBackend: Sendable {
    /// Copies `indices` (int64, row-major) to `out` (with the same layout): negative ones are counted from the front,
    /// ignored ones become 0. One that breaks the rule ends the program with ``IndexRule/error(for:)``: at once, or if
    /// the device runs asynchronously, at the next synchronisation; until then a valid index takes its place.
    ///
    /// - Parameters:
    ///   - indices: The indices.
    ///   - rule: Which indices are allowed.
    ///   - out: The destination of the result.
    func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand)

    /// `out[i…][j][k…] = x[i…][index[i…][j][k…]][k…]` along `axis`; the caller has already made negative indices
    /// positive.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - index: The positions along the axis, int64.
    ///   - out: The destination of the result.
    func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand)
    /// The reverse: `out[i…][index[…]][k…] = op(out[i…][index[…]][k…], x[i…][j][k…])`; NaN wins extremes.
    ///
    /// - Parameters:
    ///   - op: The operator.
    ///   - x: The operand.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - index: The positions along the axis, int64.
    ///   - out: The destination of the result.
    func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand)
    /// For each bag of indices, the named rows of a table, (rows, features), combined; `out` is (bags, features).
    /// float32 or float64, row-major. For maxima, `places` (int64, shaped like `out`) receives the row that each
    /// element comes from, -1 in an empty bag.
    ///
    /// - Parameters:
    ///   - table: The rows.
    ///   - bags: Which rows make up each bag.
    ///   - places: The row that each maximum came from.
    ///   - out: The destination of the result.
    func embeddingBag(_ table: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand)
    /// The gradient with respect to the table, from that of the result; every element of `out` is written.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - bags: Which rows make up each bag.
    ///   - places: The row that each maximum came from.
    ///   - out: The destination of the result.
    func embeddingBagGradient(_ gradient: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand)
}
