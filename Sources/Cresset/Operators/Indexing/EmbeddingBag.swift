// Combines rows of a table, bag by bag.

extension Tensor {
    /// Rows of this table by index, summed (or averaged, or their largest elements) over each bag of indices.
    ///
    /// *Shape*: indices of (bags, n), or of (n) with the offsets at which the bags begin, give (bags, features).
    ///
    /// - Parameters:
    ///   - indices: The indices of rows: (N, L), or all bags concatenated.
    ///   - offsets: Where each bag begins, int64; nil if the indices have two axes.
    ///   - mode: Whether the rows of a bag are added up, averaged, or their maximum is taken.
    ///   - weights: A factor for each index, in the same shape (sums only).
    ///   - padding: An index that is ignored; negative ones count from the end.
    ///   - includesEnd: Whether the last offset is the end of the last bag.
    ///   - isSparse: Whether the gradient contains only the rows used (``SparseRows``), as `SparseAdam` requires (sums
    ///     and averages only).
    public func embeddingBag(
        _ indices: Tensor, offsets: Tensor? = nil, mode: BagMode = .mean, weights: Tensor? = nil, padding: Int? = nil,
        includesEnd: Bool = false, isSparse: Bool = false
    ) -> Tensor {
        guard rank == 2, indices.rank == (offsets == nil ? 2 : 1), dtype.isFloatingPoint else {
            fail("embeddingBag", "indices of shape \(indices.shape)", hint: "give two axes, or one with offsets")
        }
        if weights != nil || isSparse, weights != nil ? mode != .sum : mode == .max {
            fail("embeddingBag", "mode \(mode) with \(weights != nil ? "weights" : "a sparse gradient")")
        }
        if let weights, weights.shape != indices.shape {
            fail("embeddingBag", "weights of shape \(weights.shape) do not match indices of shape \(indices.shape)")
        }
        require(sameDevice: indices, "embeddingBag")
        require(sameDevice: weights, "embeddingBag")
        if dtype != .float32, dtype != .float64, !isSparse {
            return to(.float32).embeddingBag(
                indices, offsets: offsets, mode: mode, weights: weights?.to(.float32), padding: padding,
                includesEnd: includesEnd
            ).to(dtype)
        }
        let call = EmbeddingBagCall(
            table: self,
            numbers: indices.flattened()
                .positiveIndices(below: shape[0], "embeddingBag", allowsNegative: false).contiguous(),
            starts: Tensor.bagStarts(indices, offsets, includesEnd), isRegular: offsets == nil,
            weights: weights?.flattened().to(dtype),
            padding: padding.map { $0 < 0 ? $0 + shape[0] : $0 }, mode: mode)
        return isSparse ? call.sparse() : call.dense()
    }

    /// Where each bag begins, and where the last one ends.
    private static func bagStarts(_ indices: Tensor, _ offsets: Tensor?, _ includesEnd: Bool) -> [Int] {
        let count = indices.elementCount
        guard let offsets else { return (0...indices.shape[0]).map { $0 * indices.shape[1] } }
        var starts: [Int] = offsets.to(.int64).scalars()
        if !includesEnd || starts.isEmpty { starts.append(count) }
        guard starts.allSatisfy({ $0 >= 0 && $0 <= count }), zip(starts, starts.dropFirst()).allSatisfy(<=) else {
            fail("embeddingBag", "offsets \(offsets.scalars(as: Int.self)) do not increase within \(count) indices")
        }
        return starts
    }
}

/// One call of an embedding bag: what its backward pass needs.
private struct EmbeddingBagCall: Sendable {
    let table: Tensor
    /// In the order of the bags; int64.
    let numbers: Tensor
    let starts: [Int]
    /// Whether all bags have the same length, and so are the same in every step.
    let isRegular: Bool
    let weights: Tensor?
    let padding: Int?
    let mode: BagMode

    private var shape: Shape { [starts.count - 1, table.shape[1]] }

    private func withOperands<R>(_ body: (EmbeddingBags) -> R) -> R {
        let begin = isRegular ? DeviceConstants.table(starts, on: table.device) : Tensor(starts, device: table.device)
        return body(
            EmbeddingBags(
                numbers: numbers.operand, starts: begin.operand, weights: weights?.detached().contiguous().operand,
                padding: padding, mode: mode))
    }

    private func forward() -> (out: Tensor, places: Tensor?) {
        // bfloat16 and float16 get here only for sparse gradients.
        let isKernelType = table.dtype == .float32 || table.dtype == .float64
        let source = isKernelType ? table.detached() : table.detached().to(.float32)
        let out = Tensor.uninitialized(shape, dtype: source.dtype, device: table.device)
        let places = mode == .max ? Tensor.uninitialized(shape, dtype: .int64, device: table.device) : nil
        var call = self
        if !isKernelType {
            call = EmbeddingBagCall(
                table: source, numbers: numbers, starts: starts, isRegular: isRegular,
                weights: weights?.detached().to(.float32),
                padding: padding, mode: mode)
        }
        call.withOperands {
            table.backend.embeddingBag(
                source.contiguous().operand, bags: $0, places: places?.operand, into: out.operand)
        }
        return (out.to(table.dtype), places)
    }

    func dense() -> Tensor {
        let (out, places) = forward()
        return out.recorded("embeddingBag", [table] + [weights].compactMap { $0 }) { gradient in
            let ofTable = recordsGradients ? composedGradient(gradient, places) : fusedGradient(gradient, places)
            return [ofTable] + (weights == nil ? [] : [weightGradient(gradient)])
        }
    }

    /// The rows as they were named.
    func sparse() -> Tensor {
        let (numbers, shape, padding) = (self.numbers, table.shape, self.padding)
        if weights?.requiresGradient == true {
            fail(
                "embeddingBag", "weights that require a gradient cannot be combined with a sparse gradient of the table"
            )
        }
        let call = self
        return forward().out.recordedRows("embeddingBag", table) { gradient in
            let rows = SparseRows(
                indices: call.named(numbers), values: call.rowGradients(gradient), shape: shape)
            return padding.map(rows.without) ?? rows
        }
    }

    /// Indices before the first bag and after the last belong to none.
    private func named(_ x: Tensor) -> Tensor { x.narrowed(axis: 0, start: starts[0], count: starts.last! - starts[0]) }

    /// The bag of each index.
    private var bags: Tensor {
        var bags: [Int] = []
        bags.reserveCapacity(starts.last! - starts[0])
        for (bag, (begin, end)) in zip(starts, starts.dropFirst()).enumerated() {
            bags += repeatElement(bag, count: end - begin)
        }
        return isRegular ? DeviceConstants.table(bags, on: table.device) : Tensor(bags, device: table.device)
    }

    /// The factor of the bag's gradient for each index: (indices, 1).
    private func factors(_ bags: Tensor) -> Tensor {
        var factors = weights.map(named) ?? .ones(bags.shape, dtype: table.dtype, device: table.device)
        if let padding { factors = .select(named(numbers) .== padding, 0, factors) }
        if mode == .mean {
            let counts = Tensor.zeros([starts.count - 1], dtype: .float32, device: table.device)
                .scatterAdd(axis: 0, indices: bags, (factors .!= 0).to(.float32))
            factors = factors / counts.clamp(min: 1).to(table.dtype).take(bags)
        }
        return factors.unsqueezed(at: 1)
    }

    /// The gradient of each index's row.
    private func rowGradients(_ gradient: Tensor) -> Tensor {
        let bags = bags
        return gradient.indexSelect(axis: 0, indices: bags) * factors(bags)
    }

    private func fusedGradient(_ gradient: Tensor, _ places: Tensor?) -> Tensor? {
        guard table.requiresGradient else { return nil }
        let out = Tensor.uninitialized(table.shape, dtype: table.dtype, device: table.device)
        withOperands {
            table.backend.embeddingBagGradient(
                gradient.detached().contiguous().operand, bags: $0, places: places?.operand, into: out.operand)
        }
        return out
    }

    /// The same with recorded operators, for higher derivatives.
    private func composedGradient(_ gradient: Tensor, _ places: Tensor?) -> Tensor? {
        guard table.requiresGradient else { return nil }
        let zeros = Tensor.zeros(table.shape, dtype: table.dtype, device: table.device)
        if let places {
            return zeros.scatterAdd(
                axis: 0, indices: places.clamp(min: 0), Tensor.select(places .< 0, 0, gradient))
        }
        let used = named(numbers)
        if used.elementCount == 0 || table.shape[1] == 0 { return zeros }
        return zeros.scatterAdded(axis: 0, used.spread(along: 0, of: table.shape), rowGradients(gradient))
    }

    private func weightGradient(_ gradient: Tensor) -> Tensor? {
        guard let weights, weights.requiresGradient else { return nil }
        let used = named(numbers)
        let products = table.indexSelect(axis: 0, indices: used) * gradient.indexSelect(axis: 0, indices: bags)
        var result = products.sum(axes: [1])
        if let padding { result = .select(used .== padding, 0, result) }
        return result.padded([starts[0], weights.elementCount - starts.last!])
    }
}
