// Attention: rows of values weighted by how well keys fit queries.

extension Tensor {
    /// softmax(query keyᵀ scale + mask) values, `self` being the queries.
    ///
    /// *Shape*: queries (…, L, E), keys (…, S, E) and values (…, S, V) give (…, L, V).
    /// - Parameters:
    ///   - mask: Added to the scores; or bool, true where a key takes part. Broadcast to (…, L, S). A query that no key is
    ///     left for gets zeros.
    ///   - isCausal: Whether a query sees only the keys up to its own place.
    ///   - scale: 1 / sqrt(E) where nil.
    ///   - dropout: The share of weights set to zero.
    ///   - sharesHeads: Whether several heads (axis -3) of the queries share one of keys and values.
    /// - Source: Vaswani et al., "Attention Is All You Need", 2017.
    public func attention(
        keys: Tensor, values: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil,
        dropout: Double = 0, sharesHeads: Bool = false
    ) -> Tensor {
        if Mode.current.autocast != nil {
            let inputs = [autocast, keys.autocast, values.autocast]
            return withAutocast(nil) {
                inputs[0].attention(
                    keys: inputs[1], values: inputs[2], mask: mask, isCausal: isCausal, scale: scale, dropout: dropout,
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
        let call = AttentionCall(scale: scale ?? 1 / Double(shape[rank - 1]).squareRoot(), masks: masks)
        guard dropout == 0, call.hasKernels(self, keys, values) else {
            return call.weights(self, keys).dropout(probability: dropout).matmul(values)
        }
        return call.fused(self, keys, values)
    }
}

/// One call of attention: the scores become weights in the memory they are in.
private struct AttentionCall: Sendable {
    let scale: Double
    let masks: [Tensor]

    /// Whether everything is of one type that softmax is done in.
    func hasKernels(_ queries: Tensor, _ keys: Tensor, _ values: Tensor) -> Bool {
        let types: [DType] = [.float32, .float64, .bfloat16] + (queries.isWidened ? [] : [.float16])
        let scores = Array(queries.shape.dropLast()) + [keys.shape[keys.rank - 2]]
        return types.contains(queries.dtype) && keys.dtype == queries.dtype && values.dtype == queries.dtype
            && queries.rank == keys.rank && queries.shape.dropLast(2).elementsEqual(keys.shape.dropLast(2))
            && queries.elementCount > 0 && keys.elementCount > 0
            && masks.allSatisfy { mask in
                (mask.dtype == .bool || mask.dtype == queries.dtype)
                    && (try? Shape.broadcast(mask.shape, Shape(scores), operation: "attention")) == Shape(scores)
            }
    }

    /// By recorded operators, for other dtypes and for derivatives of derivatives.
    func weights(_ queries: Tensor, _ keys: Tensor) -> Tensor {
        var scores = (queries * scale).matmul(keys.t)
        for mask in masks {
            scores = mask.dtype == .bool ? .select(mask, scores, -Double.infinity) : scores + mask
        }
        return masks.isEmpty ? scores.softmax(axis: -1) : scores.maskedSoftmax(axis: -1)
    }

    func fused(_ queries: Tensor, _ keys: Tensor, _ values: Tensor) -> Tensor {
        for other in [keys, values] + masks { queries.require(sameDevice: other, "attention") }
        let weights = fusedWeights(queries.detached(), keys.detached())
        let inputs = [queries, keys, values] + masks
        return weights.matmul(values.detached()).recorded("attention", inputs) { gradient in
            recordsGradients ? composedGradients(gradient, inputs) : fusedGradients(gradient, weights, inputs)
        }
    }

    /// Not recorded.
    private func fusedWeights(_ queries: Tensor, _ keys: Tensor) -> Tensor {
        let scores = (queries * scale).matmul(keys.t)
        let (backend, own) = (scores.backend, scores.operand)
        let nothing = Tensor.filled([], .float(-.infinity), dtype: scores.dtype, device: scores.device)
        for mask in masks {
            let mask = mask.detached().operand(broadcastTo: scores.shape)
            if mask.dtype == .bool {
                backend.select(mask, own, nothing.operand(broadcastTo: scores.shape), into: own)
            } else {
                backend.binary(.add, own, mask, a: 0, b: 0, into: own)
            }
        }
        backend.softmax(own, axis: scores.rank - 1, logarithm: false, emptyIsZero: !masks.isEmpty, into: own)
        return scores
    }

    private func fusedGradients(_ gradient: Tensor, _ weights: Tensor, _ inputs: [Tensor]) -> [Tensor?] {
        let (queries, keys, values) = (inputs[0].detached(), inputs[1].detached(), inputs[2].detached())
        let scores = gradient.matmul(values.t)
        scores.backend.softmaxGradient(
            scores.operand, weights.operand, axis: scores.rank - 1, logarithm: false, into: scores.operand)
        func wanted(_ i: Int, _ gradient: () -> Tensor) -> Tensor? {
            inputs[i].requiresGradient ? gradient().reduced(to: inputs[i]) : nil
        }
        let found = [
            wanted(0) { scores.matmul(keys) * scale }, wanted(1) { scores.t.matmul(queries * scale) },
            wanted(2) { weights.t.matmul(gradient) },
        ]
        return found + masks.indices.map { i in wanted(3 + i) { scores } }
    }

    private func composedGradients(_ gradient: Tensor, _ inputs: [Tensor]) -> [Tensor?] {
        // Each input as a tensor inside a computation of its own, which its gradient is asked of.
        let own = inputs.map { $0.requiresGradient ? $0 * 1 : $0 }
        let call = AttentionCall(scale: scale, masks: Array(own[3...]))
        let total = (call.weights(own[0], own[1]).matmul(own[2]) * gradient).sum()
        let wanted = own.filter(\.requiresGradient)
        let found = total.gradients(withRespectTo: wanted, createsGraph: true)
        return own.map { $0.requiresGradient ? found[$0] : nil }
    }
}
