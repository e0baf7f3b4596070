// Attention: rows of values weighted by how well keys match queries.

extension Tensor {
    /// softmax(query keyᵀ scale + mask) values, where `self` contains the queries.
    ///
    /// *Shape*: queries (…, L, E), keys (…, S, E) and values (…, S, V) give (…, L, V).
    ///
    /// - Parameters:
    ///   - keys: The keys, (…, L, K).
    ///   - values: The values, (…, L, V).
    ///   - mask: Added to the scores; or bool, true for keys that are used. Broadcast to (…, L, S). A query with no
    ///     keys left gets zeros.
    ///   - isCausal: Whether a query sees only the keys up to its own position.
    ///   - scale: The factor of the scores; 1 / sqrt(E) if nil.
    ///   - dropout: The share of weights set to zero.
    ///   - sharesHeads: Whether several heads (axis -3) of the queries share one head of keys and values.
    /// - Source: Vaswani et al., "Attention Is All You Need", 2017.
    public func attention(
        keys: Tensor, values: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil,
        dropout: Double = 0, sharesHeads: Bool = false
    ) -> Tensor {
        if Mode.current.autocast != nil {
            let (queries, keys, values, mask) = (autocast, keys.autocast, values.autocast, mask?.autocast)
            return withAutocast(nil) {
                queries.attention(
                    keys: keys, values: values, mask: mask, isCausal: isCausal, scale: scale, dropout: dropout,
                    sharesHeads: sharesHeads)
            }
        }
        guard rank >= 2, keys.rank >= 2, values.rank >= 2, shape.last == keys.shape.last else {
            fail("attention", "queries \(shape), keys \(keys.shape), values \(values.shape)")
        }
        var (keys, values) = (keys, values)
        if sharesHeads {
            keys = keys.repeated(shape[rank - 3] / keys.shape[keys.rank - 3], axis: -3)
            values = values.repeated(shape[rank - 3] / values.shape[values.rank - 3], axis: -3)
        }
        var masks = [mask].compactMap { $0 }
        if isCausal {
            let lengths: Shape = [shape[rank - 2], keys.shape[keys.rank - 2]]
            masks.append(Tensor.ones(lengths, dtype: .bool, device: device).lowerTriangle())
        }
        let call = AttentionCall(
            scale: scale ?? 1 / Double(shape[rank - 1]).squareRoot(), masks: masks, dropout: dropout)
        return call.hasKernels(self, keys, values)
            ? call.fused(self, keys, values) : call.composed(self, keys, values)
    }
}

/// One call of attention: the scores become weights in the same memory, which is float32 for 16-bit types.
private struct AttentionCall: Sendable {
    let scale: Double
    let masks: [Tensor]
    let dropout: Double

    /// Whether everything has one type that softmax supports, or is raised to.
    func hasKernels(_ queries: Tensor, _ keys: Tensor, _ values: Tensor) -> Bool {
        let scores = Shape(Array(queries.shape.dropLast()) + [keys.shape[keys.rank - 2]])
        return queries.dtype.isFloatingPoint
            && keys.dtype == queries.dtype && values.dtype == queries.dtype
            && queries.rank == keys.rank && queries.shape.dropLast(2).elementsEqual(keys.shape.dropLast(2))
            && queries.elementCount > 0 && keys.elementCount > 0
            && masks.allSatisfy { mask in
                (mask.dtype == .bool || mask.dtype == queries.dtype || queries.isShort && mask.dtype == .float32)
                    && (try? Shape.broadcast(mask.shape, scores, operation: "attention")) == scores
            }
    }

    /// With recorded operators, for other types and for higher derivatives.
    ///
    /// - Parameter factors: The factors by which dropout multiplies the weights; drawn if nil.
    func composed(_ queries: Tensor, _ keys: Tensor, _ values: Tensor, factors: Tensor? = nil) -> Tensor {
        if [queries, keys, values].contains(where: \.isShort) {
            let call = AttentionCall(scale: scale, masks: masks.map(\.raisedIfShort), dropout: dropout)
            let type = queries.dtype.promoted(with: keys.dtype).promoted(with: values.dtype)
            return call.composed(
                queries.raisedIfShort, keys.raisedIfShort, values.raisedIfShort, factors: factors
            ).to(type)
        }
        var scores = (queries * scale).matmul(keys.t)
        for mask in masks {
            scores = mask.dtype == .bool ? .select(mask, scores, -Double.infinity) : scores + mask
        }
        let weights = masks.isEmpty ? scores.softmax(axis: -1) : scores.maskedSoftmax(axis: -1)
        return (factors.map { weights * $0 } ?? weights.dropout(probability: dropout)).matmul(values)
    }

    func fused(_ queries: Tensor, _ keys: Tensor, _ values: Tensor) -> Tensor {
        for other in [keys, values] + masks { queries.require(sameDevice: other, "attention") }
        let weights = fusedWeights(queries.detached(), keys.detached())
        let factors = dropout == 0 ? nil : weights.dropoutFactors(probability: dropout)
        let inputs = [queries, keys, values] + masks
        let used = (factors.map { weights * $0 } ?? weights).to(values.dtype)
        return used.matmul(values.detached()).recorded("attention", inputs) { gradient in
            recordsGradients
                ? composedGradients(gradient, factors, inputs) : fusedGradients(gradient, weights, factors, inputs)
        }
    }

    /// Not recorded.
    private func fusedWeights(_ queries: Tensor, _ keys: Tensor) -> Tensor {
        // A power of two changes no digit of a query; other factors would lose one of 16 bits.
        let scalesQueries = !queries.isShort || scale.significand == 1
        let scores = (scalesQueries ? queries * scale : queries).product(keys.t, as: queries.raisedDType)
        let (backend, own) = (scores.backend, scores.operand)
        if !scalesQueries { scores.multiplyInPlace(scores.beside(.float(scale))) }
        let nothing = scores.beside(.float(-.infinity))
        for mask in masks {
            let mask = mask.detached().raisedIfShort
            let operand = mask.operand(broadcastTo: scores.shape)
            if mask.dtype == .bool {
                backend.select(operand, own, nothing.operand(broadcastTo: scores.shape), into: own)
            } else {
                backend.binary(.add, own, operand, a: 0, b: 0, into: own)
            }
        }
        backend.softmax(own, axis: scores.rank - 1, logarithm: false, emptyIsZero: !masks.isEmpty, into: own)
        return scores
    }

    private func fusedGradients(
        _ gradient: Tensor, _ weights: Tensor, _ factors: Tensor?, _ inputs: [Tensor]
    ) -> [Tensor?] {
        let (queries, keys, values) = (inputs[0].detached(), inputs[1].detached(), inputs[2].detached())
        func wanted(_ i: Int, _ gradient: () -> Tensor) -> Tensor? {
            inputs[i].requiresGradient ? gradient().reduced(to: inputs[i]) : nil
        }
        let ofValues = wanted(2) {
            (factors.map { weights * $0 } ?? weights).to(values.dtype).t.matmul(gradient)
        }
        let scores = gradient.product(values.t, as: weights.dtype)
        if let factors { scores.multiplyInPlace(factors) }
        scores.backend.softmaxGradient(
            scores.operand, weights.operand, axis: scores.rank - 1, logarithm: false, into: scores.operand)
        let short = scores.to(queries.dtype)
        let found = [
            wanted(0) { short.matmul(keys) * scale }, wanted(1) { short.t.matmul(queries * scale) }, ofValues,
        ]
        return found + masks.indices.map { i in wanted(3 + i) { scores } }
    }

    private func composedGradients(_ gradient: Tensor, _ factors: Tensor?, _ inputs: [Tensor]) -> [Tensor?] {
        // Each input becomes an intermediate tensor of a separate computation, which is asked for its gradient.
        let own = inputs.map { $0.requiresGradient ? $0 * 1 : $0 }
        let call = AttentionCall(scale: scale, masks: Array(own[3...]), dropout: dropout)
        let total = (call.composed(own[0], own[1], own[2], factors: factors) * gradient).sum()
        let wanted = own.filter(\.requiresGradient)
        let found = total.gradients(withRespectTo: wanted, createsGraph: true)
        return own.map { $0.requiresGradient ? found[$0] : nil }
    }
}

extension Tensor {
    /// Multiplies this tensor, whose memory nothing else refers to, by one that is broadcast to it. Not recorded.
    fileprivate func multiplyInPlace(_ factor: Tensor) {
        backend.binary(.multiply, operand, factor.operand(broadcastTo: shape), a: 0, b: 0, into: operand)
    }
}
