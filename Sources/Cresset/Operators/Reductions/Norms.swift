// Norms, distances, and operators that scale by them.

extension Tensor {
    /// The norm of order p over `axes`: (sum |x|^p)^(1/p).
    ///
    /// Order 0 counts what is not zero, without a gradient; infinity and its negative are the largest and the smallest
    /// magnitude. The slope where the norm is zero is zero. 16-bit elements are summed in float32.
    ///
    /// - Parameters:
    ///   - order: Which norm: 2 for lengths, infinity for the largest absolute value, 0 to count nonzero elements.
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func norm(order: Double = 2, axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        guard dtype.isFloatingPoint else {
            fail("norm", "the elements cannot be \(dtype)", hint: "convert with to(.float32) first")
        }
        switch order {
        case .infinity, -.infinity: return extremeNorm(isLargest: order > 0, self.axes(axes, "norm"), keepsAxes)
        case 0: return (self .!= 0).to(dtype).sum(axes: axes, keepsAxes: keepsAxes)
        case 1: return abs().sum(axes: axes, keepsAxes: keepsAxes)
        default: return powerNorm(order, self.axes(axes, "norm"), keepsAxes)
        }
    }

    private func extremeNorm(isLargest: Bool, _ axes: [Int], _ keepsAxes: Bool) -> Tensor {
        let x = self
        let magnitude = x.detached().abs()
        let kept =
            isLargest
            ? magnitude.amax(axes: axes, keepsAxes: true) : magnitude.amin(axes: axes, keepsAxes: true)
        let norm = kept.recorded("norm", x) { gradient in
            // Equal elements share the gradient, NaN included.
            let mask = ((magnitude .== kept) .| (magnitude.isNaN() .& kept.isNaN())).to(x.dtype)
            return x.sign() * (gradient / mask.sum(axes: axes, keepsAxes: true) * mask)
        }
        return keepsAxes ? norm : norm.squeezed(axes: axes)
    }

    private func powerNorm(_ p: Double, _ axes: [Int], _ keepsAxes: Bool) -> Tensor {
        let x = self
        let y = x.isShort ? x.detached().to(.float32) : x.detached()
        let sum = (p == 2 ? y.squared() : y.abs().power(p)).sum(axes: axes, keepsAxes: true)
        let norm = (p == 2 ? sum.sqrt() : sum.power(1 / p)).to(dtype)
        let kept = norm.recorded("norm", x) { gradient in
            // Recomputed if the backward pass is recorded, so that it depends on x.
            let norm = recordsGradients ? x.norm(order: p, axes: axes, keepsAxes: true) : norm
            // Zero is kept out of divisions, whose derivatives would not be numbers.
            let isZero = norm.detached() .== 0
            let divisor = Tensor.select(isZero, 1, norm)
            if p == 2 { return gradient * Tensor.select(isZero, 0, x / divisor) }
            let magnitude = x.abs()
            if p < 1 {
                let slope = Tensor.select(magnitude .== 0, 0, magnitude.power(p - 1))
                return x.sign() * slope * gradient * norm.power(1 - p)
            }
            let scale = gradient * Tensor.select(isZero, 0, divisor.power(1 - p))
            return p < 2 ? x.sign() * magnitude.power(p - 1) * scale : x * magnitude.power(p - 2) * scale
        }
        return keepsAxes ? kept : kept.squeezed(axes: axes)
    }

    /// This tensor divided by its norm along `axis`, or by `epsilon` if that is larger.
    ///
    /// - Parameters:
    ///   - order: The order of the norm.
    ///   - axis: The axis of the vectors.
    ///   - epsilon: The lower bound of the norms used as divisors.
    public func normalized(order: Double = 2, axis: Int = 1, epsilon: Double = 1e-12) -> Tensor {
        self / norm(order: order, axes: [axis], keepsAxes: true).clamp(min: epsilon)
    }

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

    /// The slices along `axis` whose norm is above `maximum`, scaled down to that norm.
    ///
    /// - Parameters:
    ///   - order: The order of the norm: 2 for lengths, 1 for sums of absolute values.
    ///   - axis: The axis of the slices.
    ///   - maximum: The largest norm that a slice may have.
    public func renormalized(order: Double, axis: Int, maximum: Double) -> Tensor {
        let axis = self.axis(axis, "renormalized")
        let norms = norm(order: order, axes: (0..<rank).filter { $0 != axis }, keepsAxes: true)
        return self
            * Tensor.select(
                norms .> maximum, Tensor.full([], maximum, dtype: dtype, device: device) / (norms + 1e-7), 1)
    }
}
