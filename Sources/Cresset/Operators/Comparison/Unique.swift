// The distinct elements of a tensor.

extension Tensor {
    /// The distinct elements in ascending order, and how often each occurs.
    ///
    /// - Returns: The elements; for each element of this tensor, in its shape, the index of its value among them
    ///   (int64); and the counts (int64). No gradient.
    public func unique() -> (values: Tensor, inverse: Tensor, counts: Tensor) {
        let x = detached().flattened()
        if x.elementCount == 0 {
            return (x, .zeros(shape, dtype: .int64, device: device), .zeros([0], dtype: .int64, device: device))
        }
        let (sorted, order) = x.sorted(axis: 0)
        let n = x.elementCount
        let differs =
            sorted.narrowed(axis: 0, start: 1, count: n - 1) .!= sorted.narrowed(axis: 0, start: 0, count: n - 1)
        let isFirst = Tensor.concatenated([.ones([1], dtype: .bool, device: device), differs])
        let group = isFirst.cumulativeSum(axis: 0) - 1
        let values = sorted.maskedSelect(isFirst)
        let inverse = Tensor.zeros([n], dtype: .int64, device: device).scatter(axis: 0, indices: order, group)
        let counts = Tensor.zeros(values.shape, dtype: .int64, device: device)
            .scatterAdd(axis: 0, indices: group, .ones([n], dtype: .int64, device: device))
        return (values, inverse.reshaped(shape), counts)
    }

    /// The distinct slices of `axis` in ascending order, compared element by element from the first.
    ///
    /// - Returns: The slices along `axis`; for each of this tensor's the index of its value; and the counts (int64).
    public func unique(axis: Int) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
        let axis = self.axis(axis, "unique")
        let n = shape[axis]
        let rows = detached().movingAxes([axis], to: [0]).reshaped([n, n == 0 ? 0 : elementCount / n])
        let (order, isSame) = rows.lexicographicOrder()
        var (inverse, counts, firsts) = ([Int](repeating: 0, count: n), [Int](), [Int]())
        for (place, row) in order.enumerated() {
            if place == 0 || !isSame(order[place - 1], row) {
                firsts.append(row)
                counts.append(0)
            }
            inverse[row] = firsts.count - 1
            counts[firsts.count - 1] += 1
        }
        let values = detached().indexSelect(axis: axis, indices: Tensor(firsts, device: device))
        return (values, Tensor(inverse, device: device), Tensor(counts, device: device))
    }

    /// The numbers of the rows of a matrix in lexicographic order, and a test for equal rows.
    private func lexicographicOrder() -> (order: [Int], isSame: (Int, Int) -> Bool) {
        func order<T: TensorScalar & Comparable>(_ values: [T]) -> (order: [Int], isSame: (Int, Int) -> Bool) {
            let width = shape[1]
            func row(_ i: Int) -> ArraySlice<T> { values[i * width..<(i + 1) * width] }
            let sorted = (0..<shape[0]).sorted { a, b in
                row(a).lexicographicallyPrecedes(row(b)) || (row(a).elementsEqual(row(b)) && a < b)
            }
            return (sorted, { row($0).elementsEqual(row($1)) })
        }
        return dtype.isFloatingPoint ? order(scalars(as: Double.self)) : order(scalars(as: Int64.self))
    }
}
