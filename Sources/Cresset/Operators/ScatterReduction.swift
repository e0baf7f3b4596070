/// How ``Tensor/scatterReduce(axis:indices:_:_:includesSelf:)`` puts elements for one place together.
public enum ScatterReduction: String, Sendable {
    case sum
    case product = "prod"
    case mean, amax, amin
}

extension Tensor {
    /// This tensor with the elements of `source` for each place that `indices` names along `axis` reduced to one.
    ///
    /// `source` is at least as long as `indices` along each axis.
    /// - Parameter includesSelf: Whether what is there already takes part.
    /// - Source: `torch.scatter_reduce`.
    public func scatterReduce(
        axis: Int, indices: Tensor, _ source: Tensor, _ reduction: ScatterReduction, includesSelf: Bool = true
    ) -> Tensor {
        if rank == 0 || indices.rank == 0 || source.rank == 0 {
            return asVector.scatterReduce(
                axis: axis, indices: indices.asVector, source.asVector, reduction, includesSelf: includesSelf
            ).reshaped(shape)
        }
        let at = self.axis(axis, "scatterReduce")
        var part = source
        for i in 0..<rank { part = part.narrowed(axis: i, start: 0, count: indices.shape[i]) }
        let call = ScatterCall(x: self, axis: at, indices: indices, source: part, includesSelf: includesSelf)
        switch reduction {
        case .sum: return call.start(neutral: 0).scatterAdd(axis: at, indices: indices, part)
        case .mean: return call.mean()
        case .product: return call.product()
        case .amax, .amin: return call.extreme(reduction == .amax)
        }
    }
}

/// One call of a scattered reduction; `source` has the shape of `indices`.
private struct ScatterCall {
    let x: Tensor
    let axis: Int
    let indices: Tensor
    let source: Tensor
    let includesSelf: Bool

    private func added(_ source: Tensor, to start: Tensor) -> Tensor {
        start.scatterAdd(axis: axis, indices: indices, source)
    }
    private var zeros: Tensor { .zeros(x.shape, dtype: x.dtype, device: x.device) }

    /// The number of elements for each place.
    private var counts: Tensor { added(.ones(indices.shape, dtype: x.dtype, device: x.device), to: zeros) }

    /// This tensor, with the neutral element where it is to be replaced.
    func start(neutral: Double) -> Tensor { includesSelf ? x : .select(counts .> 0, neutral, x) }

    func mean() -> Tensor {
        let counts = includesSelf ? self.counts + 1 : self.counts.clamp(min: 1)
        let sum = added(source, to: start(neutral: 0))
        return x.dtype.isFloatingPoint ? sum / counts : sum.floorDivided(by: counts)
    }

    /// The elements for each place sorted by place, so that a running product can be cut at the borders, would need a
    /// sort; instead the elements are multiplied in rounds, one for each place a round.
    func product() -> Tensor {
        var result = start(neutral: 1)
        for round in rounds() {
            let factor = Tensor.ones(x.shape, dtype: x.dtype, device: x.device)
                .scatter(axis: axis, indices: round.indices, round.source)
            result = result * factor
        }
        return result
    }

    /// Slices of the source along the axis, no two elements of which go to one place.
    private func rounds() -> [(indices: Tensor, source: Tensor)] {
        (0..<indices.shape[axis]).map {
            (indices.narrowed(axis: axis, start: $0, count: 1), source.narrowed(axis: axis, start: $0, count: 1))
        }
    }

    /// The largest or smallest; equal ones share the gradient.
    func extreme(_ isLargest: Bool) -> Tensor {
        let bound = isLargest ? -Double.infinity : .infinity
        var best = includesSelf ? x.detached() : Tensor.select(counts .> 0, bound, x.detached())
        for round in rounds() {
            let other = Tensor.full(x.shape, bound, dtype: x.dtype, device: x.device)
                .scatter(axis: axis, indices: round.indices, round.source.detached())
            best = isLargest ? best.maximum(other) : best.minimum(other)
        }
        let (x, axis, indices, source, result) = (self.x, self.axis, self.indices, self.source, best)
        let startsFromSelf = includesSelf ? Tensor.ones([], dtype: .bool) : counts .== 0
        return result.recorded("scatterReduce", [x, source]) { gradient in
            let isBest = ((x .== result) .& startsFromSelf).to(gradient.dtype)
            let sourceIsBest = (source .== result.gather(axis: axis, indices: indices)).to(gradient.dtype)
            let share = gradient / isBest.scatterAdd(axis: axis, indices: indices, sourceIsBest)
            return [share * isBest, share.gather(axis: axis, indices: indices) * sourceIsBest]
        }
    }
}
