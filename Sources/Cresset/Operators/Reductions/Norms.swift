// Norms, and operators that scale by them.

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
