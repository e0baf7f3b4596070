import Cresset

extension LBFGS {
    /// The state kept from step to step.
    struct History {
        var iterations = 0
        var evaluations = 0
        var direction: Tensor?
        var length = 0.0
        var previousGradient: Tensor?
        var previousLoss = 0.0
        /// The newest last: change of the gradient, change of the parameters, one over their product.
        var pairs: [(y: Tensor, s: Tensor, rho: Double)] = []
        var scale = 1.0
    }
}

extension LBFGS.History {
    /// The direction to move in where the gradient is `gradient`: minus the gradient, transformed by the curvature seen
    /// so far.
    mutating func nextDirection(_ gradient: Tensor, limit: Int) -> Tensor {
        guard let direction, let previousGradient else {
            (pairs, scale) = ([], 1)
            return -gradient
        }
        let (y, s) = (gradient - previousGradient, direction * length)
        let product = y.dot(s)
        // Without positive curvature the approximation would lose its own.
        if product > 1e-10 {
            if pairs.count >= limit { pairs.removeFirst(pairs.count - limit + 1) }
            pairs.append((y, s, 1 / product))
            scale = product / y.dot(y)
        }
        var q = -gradient
        var shares: [Double] = []
        for pair in pairs.reversed() {
            shares.append(pair.s.dot(q) * pair.rho)
            q -= pair.y * shares[shares.count - 1]
        }
        q *= scale
        for (pair, share) in zip(pairs, shares.reversed()) { q += pair.s * (share - pair.y.dot(q) * pair.rho) }
        return q
    }
}
