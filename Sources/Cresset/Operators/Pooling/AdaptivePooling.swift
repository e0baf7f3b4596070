// Pools over equal parts of each spatial axis, whatever its length.

extension Tensor {
    /// The mean over `output` parts of each spatial axis.
    ///
    /// *Shape*: (N, C, spatial…) gives (N, C, output…).
    public func adaptiveAveragePool(output: [Int]) -> Tensor {
        checkAdaptive(output, "adaptiveAveragePool")
        if output.allSatisfy({ $0 == 1 }) { return mean(axes: Array(2..<rank), keepsAxes: true) }
        guard hasPoolKernel else {
            let means = to(.float32).adaptiveAveragePool(output: output)
            return dtype.isFloatingPoint ? means.to(dtype) : means
        }
        let (parts, original) = (WindowGeometry.adaptive(axes: rank - 2), shape)
        guard isContiguous && !isChannelsLast else { return averagePool(parts, output, false, nil) }
        return detached().averagePoolByAxis(output).recorded("adaptiveAveragePool", self) {
            $0.averagePoolGradient(parts, original, output, false, nil)
        }
    }

    /// Narrows the parts axis by axis, which saves row-major inputs the copy to channels-last.
    private func averagePoolByAxis(_ output: [Int]) -> Tensor {
        var result = self
        for (i, count) in output.enumerated() where count != shape[i + 2] {
            let (axis, length) = (i + 2, shape[i + 2])
            let means = (0..<count).map { part in
                let start = part * length / count
                let end = ((part + 1) * length + count - 1) / count
                return result.narrowed(axis: axis, start: start, count: end - start).mean(axes: [axis], keepsAxes: true)
            }
            result = .concatenated(means, axis: axis)
        }
        return result
    }

    /// The largest element of `output` parts of each spatial axis, and its index (int64, flat within the channel's plane).
    ///
    /// *Shape*: (N, C, spatial…) gives (N, C, output…).
    public func adaptiveMaxPool(output: [Int]) -> (values: Tensor, indices: Tensor) {
        checkAdaptive(output, "adaptiveMaxPool")
        guard hasPoolKernel else {
            let (values, indices) = to(dtype.isFloatingPoint ? .float32 : .float64).adaptiveMaxPool(output: output)
            return (values.to(dtype), indices)
        }
        let (values, indices) = maxPool(.adaptive(axes: rank - 2), output, indices: .int64)
        return (values, indices!)
    }

    private var hasPoolKernel: Bool { dtype == .float32 || dtype == .float64 || dtype == .bfloat16 }

    private func checkAdaptive(_ output: [Int], _ operation: StaticString) {
        let spatial = shape.dropFirst(2)
        guard rank >= 3, rank <= 5, output.count == spatial.count, output.allSatisfy({ $0 >= 1 }),
            spatial.allSatisfy({ $0 >= 1 })
        else {
            fail("\(operation)", "an output of \(output) does not fit an input of shape \(shape)")
        }
    }
}
