// Pools over equal parts of each spatial axis, whatever its length.

extension Tensor {
    /// The mean over `output` parts of each spatial axis.
    ///
    /// *Shape*: (N, C, spatial…) gives (N, C, output…).
    public func adaptiveAveragePool(output: [Int]) -> Tensor {
        let spatial = checkAdaptive(output, "adaptiveAveragePool")
        if output.allSatisfy({ $0 == 1 }) { return mean(axes: Array(2..<rank), keepsAxes: true) }
        // Parts of one length are a plain pool; else each part is narrowed out, axis by axis.
        if zip(spatial, output).allSatisfy({ $0 % $1 == 0 }) {
            let kernel = zip(spatial, output).map { $0 / $1 }
            return averagePool(kernel: kernel, Window(stride: kernel))
        }
        var result = self
        for (i, parts) in output.enumerated() where parts != spatial[i] {
            result = .concatenated(
                Tensor.parts(spatial[i], parts).map {
                    result.narrowed(axis: i + 2, start: $0.lowerBound, count: $0.count).mean(
                        axes: [i + 2], keepsAxes: true)
                }, axis: i + 2)
        }
        return result
    }

    /// The largest element of `output` parts of each spatial axis, and its index (int64, flat within the channel's plane).
    ///
    /// *Shape*: (N, C, spatial…) gives (N, C, output…).
    public func adaptiveMaxPool(output: [Int]) -> (values: Tensor, indices: Tensor) {
        let spatial = checkAdaptive(output, "adaptiveMaxPool")
        let x = detached()
        let plane = spatial.reduce(1, *)
        let numbers = Tensor.arange(plane, device: device).reshaped(Shape([1, 1] + spatial))
        var places: [Tensor] = []
        func visit(_ cell: Tensor, _ numbers: Tensor, _ axis: Int) {
            guard axis < spatial.count else {
                let place = cell.flattened(from: 2).argmax(axis: 2, keepsAxis: true)
                return places.append(numbers.flattened().take(place))
            }
            for part in Tensor.parts(spatial[axis], output[axis]) {
                visit(
                    cell.narrowed(axis: axis + 2, start: part.lowerBound, count: part.count),
                    numbers.narrowed(axis: axis + 2, start: part.lowerBound, count: part.count), axis + 1)
            }
        }
        let result = Shape([shape[0], shape[1]] + output)
        visit(x, numbers, 0)
        let indices = places.isEmpty ? Tensor.zeros(result, dtype: .int64) : Tensor.concatenated(places, axis: 2)
        let values = flattened(from: 2).gather(axis: 2, indices: indices.reshaped([shape[0], shape[1], -1]))
        return (values.reshaped(result), indices.reshaped(result))
    }

    private func checkAdaptive(_ output: [Int], _ operation: StaticString) -> [Int] {
        let spatial = Array(shape.dropFirst(2))
        guard output.count == spatial.count, !output.isEmpty, output.allSatisfy({ $0 >= 1 }) else {
            fail("\(operation)", "an output of \(output) for an input of shape \(shape)")
        }
        return spatial
    }

    /// The beginnings and ends of `count` parts of an axis; neighbours share an element where it does not divide.
    private static func parts(_ length: Int, _ count: Int) -> [Range<Int>] {
        (0..<count).map { $0 * length / count..<(($0 + 1) * length + count - 1) / count }
    }
}
