// Distances and angles between vectors.

extension Tensor {
    /// The cosine of the angle between the vectors along `axis`; both tensors are broadcast.
    ///
    /// - Parameters:
    ///   - y: The other vectors; the shapes broadcast.
    ///   - axis: The axis of the vectors.
    ///   - epsilon: The lower bound of the norms used as divisors.
    public func cosineSimilarity(_ y: Tensor, axis: Int = 1, epsilon: Double = 1e-8) -> Tensor {
        let pair = Tensor.broadcastTogether([self, y])
        let (x, y) = (pair[0], pair[1])
        // Each length is bounded separately, so that no quotient exceeds 1; as in PyTorch, the gradient ignores the
        // bound.
        let lengths = [x, y].map {
            let length = $0.norm(axes: [axis], keepsAxes: true)
            return length.detached().clamp(min: epsilon).recorded("cosineSimilarity", length) { $0 }
        }
        return (x / lengths[0] * (y / lengths[1])).sum(axes: [axis])
    }

    /// The norm of x - y + epsilon along the last axis.
    ///
    /// - Parameters:
    ///   - y: The other vectors; the shapes broadcast.
    ///   - order: The order of the norm: 2 for lengths, 1 for sums of absolute values.
    ///   - epsilon: Added to each difference.
    ///   - keepsAxis: Whether the axis is kept, with length 1.
    public func pairwiseDistance(_ y: Tensor, order: Double = 2, epsilon: Double = 1e-6, keepsAxis: Bool = false)
        -> Tensor
    {
        (self - y + epsilon).norm(order: order, axes: [-1], keepsAxes: keepsAxis)
    }

    /// The distance of each row of this tensor to each row of `y`.
    ///
    /// *Shape*: (…, n, d) and (…, m, d) give (…, n, m).
    ///
    /// - Parameters:
    ///   - y: The other points, (…, R, M).
    ///   - order: The order of the norm: 2 for lengths, 1 for sums of absolute values.
    public func distances(to y: Tensor, order: Double = 2) -> Tensor {
        guard rank >= 2, y.rank >= 2, shape[rank - 1] == y.shape[y.rank - 1] else {
            fail(
                "distances", "rows of shapes \(shape) and \(y.shape) do not match",
                hint: "the last axes must have the same length")
        }
        let (x, y) = (autocastRaised, y.autocastRaised)
        return (x.unsqueezed(at: -2) - y.unsqueezed(at: -3)).norm(order: order, axes: [-1])
    }
}
