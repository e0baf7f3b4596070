/// How ``Tensor/scatterReduce(axis:indices:_:_:includesSelf:)`` combines elements for one position.
public enum ScatterReduction: String, Sendable {
    case sum
    case product = "prod"
    case mean, amax, amin
}

extension Tensor {
    /// This tensor with the elements of `source` for each position that `indices` names along `axis` reduced to one.
    ///
    /// `source` is at least as long as `indices` along each axis.
    ///
    /// - Parameters:
    ///   - axis: The axis; a negative one counts from the end.
    ///   - indices: Where along the axis each element goes, int64.
    ///   - source: The values that are combined there.
    ///   - reduction: How values are combined.
    ///   - includesSelf: Whether the existing elements are included.
    /// - Source: `torch.scatter_reduce`.
    public func scatterReduce(
        axis: Int, indices: Tensor, _ source: Tensor, _ reduction: ScatterReduction, includesSelf: Bool = true
    ) -> Tensor {
        if rank == 0 || indices.rank == 0 || source.rank == 0 {
            return asVector.scatterReduce(
                axis: axis, indices: indices.asVector, source.asVector, reduction, includesSelf: includesSelf
            ).reshaped(shape)
        }
        if indices.elementCount == 0 { return scatterAdd(axis: axis, indices: indices, source) }
        let at = self.axis(axis, "scatterReduce")
        let index = indices.checkedIndices(into: self, axis: at, "scatterReduce")
        var part = source
        for i in 0..<rank { part = part.narrowed(axis: i, start: 0, count: index.shape[i]) }
        let call = ScatterReductionCall(x: self, axis: at, indices: index, source: part, includesSelf: includesSelf)
        switch reduction {
        case .sum: return call.sum()
        case .mean: return call.mean()
        case .product: return call.product()
        case .amax, .amin: return call.extreme(reduction == .amax ? .maximum : .minimum)
        }
    }
}

/// One call of a scattered reduction; `source` has the shape of `indices`, which have been checked.
private struct ScatterReductionCall: Sendable {
    let x: Tensor
    let axis: Int
    let indices: Tensor
    let source: Tensor
    let includesSelf: Bool

    /// `x` with a number at all named positions.
    private func replaced(_ x: Tensor, by number: Double) -> Tensor {
        let number = Tensor.filled([], .float(number), dtype: x.dtype, device: x.device)
        return x.scatter(axis: axis, indices: indices, number.broadcast(to: indices.shape))
    }

    /// Only the previous contents; not recorded.
    private func reduced(_ op: ScatterOp, _ start: Tensor, _ source: Tensor) -> Tensor {
        start.scattered(op, axis: axis, indices, source, "scatterReduce")
    }

    private func gathered(_ x: Tensor) -> Tensor { x.gathered(axis: axis, indices) }

    func sum() -> Tensor {
        (includesSelf ? x : replaced(x, by: 0)).scatterAdded(axis: axis, indices, source)
    }

    func mean() -> Tensor {
        // Small types cannot count far.
        let type: DType = !x.dtype.isFloatingPoint ? .int64 : x.dtype == .float64 ? .float64 : .float32
        let ones = Tensor.ones([], dtype: type, device: x.device).broadcast(to: indices.shape)
        let counts = reduced(.add, .full(x.shape, includesSelf ? 1 : 0, dtype: type, device: x.device), ones)
            .clamp(min: 1)
        let sum = sum()
        return (x.dtype.isFloatingPoint ? sum / counts : sum.floorDivided(by: counts)).to(x.dtype)
    }

    // MARK: Products

    func product() -> Tensor {
        let start = includesSelf ? x.detached() : replaced(x.detached(), by: 1)
        let result = reduced(.multiply, start, source)
        return result.recorded("scatterReduce", [x, source]) { gradient in
            recordsGradients ? composedGradients(gradient) : productGradients(gradient, start, result)
        }
    }

    /// Products of the others: the product divided by the element, or where that is zero the product of the rest.
    private func productGradients(_ gradient: Tensor, _ start: Tensor, _ result: Tensor) -> [Tensor?] {
        let (isZero, sourceIsZero) = (start .== 0, source.detached() .== 0)
        let some = Tensor.select(isZero, 1, start), someSource = Tensor.select(sourceIsZero, 1, source.detached())
        let zeros = reduced(.add, isZero.to(.float32), sourceIsZero.to(.float32))
        let rest = gradient * reduced(.multiply, some, someSource)
        func others(_ isZero: Tensor, _ zeros: Tensor, _ rest: Tensor, _ element: Tensor) -> Tensor {
            // The element is the only zero, or there is none.
            .select(zeros .== isZero.to(.float32), rest / element, 0)
        }
        let own = others(isZero, zeros, rest, some)
        return [
            includesSelf ? own : replaced(own, by: 0),
            others(sourceIsZero, gathered(zeros), gathered(rest), someSource).to(source.dtype),
        ]
    }

    /// The same with recorded operators, for higher derivatives.
    private func composedGradients(_ gradient: Tensor) -> [Tensor?] {
        // Each input becomes an intermediate tensor of a separate computation, which is asked for its gradient.
        let own = [x * 1, source * 1]
        var product = includesSelf ? own[0] : replaced(own[0], by: 1)
        // In rounds, within which no two elements go to the same position.
        for round in 0..<indices.shape[axis] {
            let places = indices.narrowed(axis: axis, start: round, count: 1)
            let factor = Tensor.ones(x.shape, dtype: x.dtype, device: x.device)
                .scatter(axis: axis, indices: places, own[1].narrowed(axis: axis, start: round, count: 1))
            product = product * factor
        }
        let wanted = own.filter(\.requiresGradient)
        let found = (product * gradient).sum().gradients(withRespectTo: wanted, createsGraph: true)
        return own.map { $0.requiresGradient ? found[$0] : nil }
    }

    // MARK: Extremes

    /// The largest or smallest; equal ones share the gradient.
    func extreme(_ op: ScatterOp) -> Tensor {
        // An extreme taken twice is the same: the last element replaces those to be ignored.
        let start = includesSelf ? x.detached() : reduced(.assign, x.detached(), source)
        let result = reduced(op, start, source)
        let (x, source) = (self.x, self.source.to(self.x.dtype))
        return result.recorded("scatterReduce", [x, self.source]) { gradient in
            var isBest = (x.detached() .== result).to(gradient.dtype)
            if !includesSelf { isBest = replaced(isBest, by: 0) }
            let sourceIsBest = (source.detached() .== gathered(result)).to(gradient.dtype)
            let count = isBest.scatterAdded(axis: axis, indices, sourceIsBest)
            let share = gradient / count
            return [share * isBest, (gathered(share) * sourceIsBest).to(self.source.dtype)]
        }
    }
}
