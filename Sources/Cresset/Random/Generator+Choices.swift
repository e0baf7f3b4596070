/// Random choices: an order, or some out of many.
extension Generator {
    /// The numbers `0..<count` in random order, like `torch.randperm(count)`.
    ///
    /// *Traps* if `count` is negative.
    public func permutation(count: Int) -> [Int] {
        if count < 0 { fatalError("permutation: the count must not be negative, got \(count)") }
        // Above this, PyTorch takes 64 bits, which are skewed less by the remainder, and shuffles differently.
        if count >= Int(UInt32.max) / 20 { return insideOutPermutation(count: count) }
        var order = Array(0..<count)
        withStream { stream in
            for i in 0..<max(count - 1, 0) {
                order.swapAt(i, i + Int(UInt64(stream.twister.next()) % UInt64(count - i)))
            }
        }
        return order
    }

    private func insideOutPermutation(count: Int) -> [Int] {
        var order = [Int](repeating: 0, count: count)
        withStream { stream in
            for i in 0..<count {
                let place = Int(stream.twister.next64() % UInt64(i + 1))
                order[i] = order[place]
                order[place] = i
            }
        }
        return order
    }

    /// Draws `count` indices with probabilities proportional to `weights`, like `torch.multinomial`.
    ///
    /// - Parameters:
    ///   - weights: The relative probability of each index.
    ///   - count: The number of draws.
    ///   - isReplacing: whether an index may be drawn more than once.
    ///
    ///   *Traps* if a weight is negative or not finite, if all are 0, or if more indices are requested than can be
    ///   drawn without replacement.
    public func multinomial(weights: [Float], count: Int, isReplacing: Bool = false) -> [Int] {
        draw(weights: weights, count: count, isReplacing: isReplacing)
    }

    /// Like ``multinomial(weights:count:isReplacing:)``, in double precision, as PyTorch's `WeightedRandomSampler` draws.
    package func multinomial(preciseWeights weights: [Double], count: Int, isReplacing: Bool) -> [Int] {
        draw(weights: weights, count: count, isReplacing: isReplacing)
    }

    /// `count` numbers from 0 up to, but not including, `bound`, like `torch.randint(bound, (count,))`.
    package func integers(below bound: Int, count: Int) -> [Int] {
        withStream { stream in (0..<count).map { _ in Int(stream.integer(below: UInt64(bound))) } }
    }

    private func draw<Weight: BinaryFloatingPoint & Sendable>(
        weights: [Weight], count: Int, isReplacing: Bool
    ) -> [Int] {
        Generator.check(weights: weights, count: count, isReplacing: isReplacing)
        // PyTorch draws a single one with the other algorithm.
        if !isReplacing || count == 1 { return exponentialRace(weights: weights, count: count) }
        var cumulative = weights
        var sum: Weight = 0
        for i in weights.indices {
            sum += weights[i]
            cumulative[i] = sum
        }
        for i in cumulative.indices { cumulative[i] /= sum }
        return withStream { [cumulative] stream in
            (0..<count).map { _ in
                let point = stream.uniform(Double.self)
                var low = 0
                var high = cumulative.count
                while low < high {
                    let middle = low + (high - low) / 2
                    if Double(cumulative[middle]) < point { low = middle + 1 } else { high = middle }
                }
                return min(low, cumulative.count - 1)
            }
        }
    }

    /// The first `count` arrivals, where arrival times are exponential with the weights as rates.
    private func exponentialRace<Weight: BinaryFloatingPoint & Sendable>(weights: [Weight], count: Int) -> [Int] {
        let rates = withStream { stream in weights.map { $0 / Weight(stream.exponential()) } }
        return Array(rates.indices.sorted { rates[$0] > rates[$1] }.prefix(count))
    }

    private static func check(weights: [some BinaryFloatingPoint], count: Int, isReplacing: Bool) {
        guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            fatalError("multinomial: weights must be finite and not negative")
        }
        let available = weights.count { $0 > 0 }
        if available == 0 { fatalError("multinomial: all \(weights.count) weights are 0") }
        if count < 0 || (!isReplacing && count > available) {
            fatalError(
                "multinomial: \(count) indices cannot be drawn from \(available) weights above 0 without replacement")
        }
    }
}
