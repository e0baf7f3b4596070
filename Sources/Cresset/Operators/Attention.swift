// Attention: rows of values weighted by how well keys fit queries.

extension Tensor {
    /// softmax(query keyᵀ scale + mask) values, `self` being the queries.
    ///
    /// *Shape*: queries (…, L, E), keys (…, S, E) and values (…, S, V) give (…, L, V).
    /// - Parameters:
    ///   - mask: Added to the scores; or bool, true where a key takes part. Broadcast to (…, L, S).
    ///   - isCausal: Whether a query sees only the keys up to its own place.
    ///   - scale: 1 / sqrt(E) where nil.
    ///   - dropout: The share of weights set to zero.
    ///   - sharesHeads: Whether several heads (axis -3) of the queries share one of keys and values.
    /// - Source: Vaswani et al., "Attention Is All You Need", 2017.
    public func attention(
        keys: Tensor, values: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil,
        dropout: Double = 0, sharesHeads: Bool = false
    ) -> Tensor {
        guard rank >= 2, keys.rank >= 2, values.rank >= 2, shape.last == keys.shape.last else {
            fail("attention", "queries \(shape), keys \(keys.shape), values \(values.shape)")
        }
        var (keys, values) = (keys, values)
        if sharesHeads {
            keys = keys.repeated(shape[rank - 3] / keys.shape[keys.rank - 3], axis: -3)
            values = values.repeated(shape[rank - 3] / values.shape[values.rank - 3], axis: -3)
        }
        let (l, s) = (shape[rank - 2], keys.shape[keys.rank - 2])
        var scores = (self * (scale ?? 1 / Double(shape[rank - 1]).squareRoot())).matmul(keys.t)
        if isCausal {
            let mayLook = Tensor.ones([l, s], dtype: .bool, device: device).lowerTriangle()
            scores = .select(mayLook, scores, -Double.infinity)
        }
        if let mask {
            scores = mask.dtype == .bool ? .select(mask, scores, -Double.infinity) : scores + mask
        }
        return scores.softmax(axis: -1).dropout(probability: dropout).matmul(values)
    }
}
