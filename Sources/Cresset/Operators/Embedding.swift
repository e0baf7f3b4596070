/// How ``Tensor/embeddingBag(_:offsets:mode:weights:padding:includesEnd:)`` puts the rows of a bag together.
public enum BagMode: String, Sendable {
    case sum, mean, max
}

extension Tensor {
    /// The rows of this table by number.
    ///
    /// *Shape*: a table of (words, features) with integers of any shape gives (…, features).
    /// - Parameters:
    ///   - padding: A number whose row gets no gradient; negative ones count from the end.
    ///   - isSparse: Whether the gradient is one of the rows used (``SparseRows``), as `SparseAdam` takes it.
    public func embedding(_ indices: Tensor, padding: Int? = nil, isSparse: Bool = false) -> Tensor {
        guard rank == 2 else { fail("embedding", "a table of shape \(shape) does not have two axes") }
        if isSparse { return sparseEmbedding(indices, padding: padding) }
        let table = padding.map { withoutGradient(row: $0 < 0 ? $0 + shape[0] : $0) } ?? self
        return table.indexSelect(axis: 0, indices: indices.flattened()).reshaped(
            Shape(Array(indices.shape) + [shape[1]]))
    }

    private func sparseEmbedding(_ indices: Tensor, padding: Int?) -> Tensor {
        let numbers = indices.flattened().positiveIndices(below: shape[0], "embedding")
        let out = detached().indexSelect(axis: 0, indices: numbers)
            .reshaped(Shape(Array(indices.shape) + [shape[1]]))
        let (shape, skipped) = (shape, padding.map { $0 < 0 ? $0 + self.shape[0] : $0 })
        return out.recordedRows("embedding", self) { gradient in
            let rows = SparseRows(indices: numbers, values: gradient.reshaped([-1, shape[1]]), shape: shape)
            return skipped.map(rows.without) ?? rows
        }
    }

    /// The same rows; the gradient of one is zero.
    private func withoutGradient(row: Int) -> Tensor {
        guard requiresGradient else { return self }
        let isRow = Tensor.arange(shape[0], device: device).unsqueezed(at: 1) .== row
        return Tensor.select(isRow, detached(), self)
    }

    /// The rows of this table by number, summed (or averaged, or their largest elements) over each bag of numbers.
    ///
    /// *Shape*: numbers of (bags, n), or of (n) with the offsets at which the bags begin, give (bags, features).
    /// - Parameters:
    ///   - weights: A factor for each number, in its shape (sums only).
    ///   - padding: A number that takes no part.
    ///   - includesEnd: Whether the last offset is the end of the last bag.
    public func embeddingBag(
        _ indices: Tensor, offsets: Tensor? = nil, mode: BagMode = .mean, weights: Tensor? = nil, padding: Int? = nil,
        includesEnd: Bool = false
    ) -> Tensor {
        guard rank == 2, indices.rank == (offsets == nil ? 2 : 1) else {
            fail("embeddingBag", "numbers of shape \(indices.shape)", hint: "give two axes, or one with offsets")
        }
        let width = indices.rank == 2 ? indices.shape[1] : 0
        var starts: [Int] = offsets?.scalars() ?? (0..<indices.shape[0]).map { $0 * width }
        let numbers: [Int] = indices.scalars()
        let end = includesEnd ? starts.popLast() ?? 0 : numbers.count
        guard (starts + [end]).allSatisfy({ $0 >= 0 && $0 <= numbers.count }),
            zip(starts, starts.dropFirst()).allSatisfy(<=)
        else {
            fail("embeddingBag", "offsets \(starts) do not rise within \(numbers.count) numbers")
        }
        let skipped = padding.map { $0 < 0 ? $0 + shape[0] : $0 }
        let flatWeights = weights?.flattened()
        let bags = zip(starts, starts.dropFirst() + [end]).map { start, stop -> Tensor in
            let kept = (start..<stop).filter { numbers[$0] != skipped }
            if kept.isEmpty { return Tensor.zeros([shape[1]], dtype: dtype, device: device) }
            var rows = indexSelect(axis: 0, indices: Tensor(kept.map { numbers[$0] }, device: device))
            if let flatWeights {
                rows = rows * flatWeights.indexSelect(axis: 0, indices: Tensor(kept, device: device)).unsqueezed(at: 1)
            }
            switch mode {
            case .sum: return rows.sum(axes: [0])
            case .mean: return rows.mean(axes: [0])
            case .max: return rows.max(axis: 0).values
            }
        }
        if bags.isEmpty { return .zeros([0, shape[1]], dtype: dtype, device: device) }
        return .stacked(bags)
    }
}
