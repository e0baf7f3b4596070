// Pools over one to three spatial axes; results are channels-last.

extension Tensor {
    /// The largest element of each window and its index (int64, flat within the channel's plane).
    ///
    /// *Shape*: (N, C, spatial…) gives (N, C, windows…). Padding never wins. NaN wins.
    public func maxPool(kernel: [Int], _ window: Window, ceilMode: Bool = false) -> (values: Tensor, indices: Tensor) {
        let geometry = poolGeometry(kernel, window, ceilMode, "maxPool")
        let lengths = required { () throws(ShapeError) in
            try geometry.outputLengths(Shape(shape.dropFirst(2)), operation: "maxPool")
        }
        let x = self
        let result = Shape([x.shape[0], x.shape[1]] + Array(lengths))
        let out = Tensor.uninitialized(result, strides: result.channelsLastStrides, dtype: dtype, device: device)
        let indices = Tensor.uninitialized(result, strides: result.channelsLastStrides, dtype: .int64, device: device)
        backend.maxPool(x.detached().channelsLast().operand, window: geometry, indices: indices.operand, into: out.operand)
        let original = x.shape
        return (out.recorded("maxPool", x) { $0.maxPoolGradient(indices, shape: original) }, indices)
    }

    private func maxPoolGradient(_ indices: Tensor, shape: Shape) -> Tensor {
        let gradient = self
        if recordsGradients {
            let (n, c) = (shape[0], shape[1])
            let flat = Tensor.zeros([n, c, shape.dropFirst(2).reduce(1, *)], dtype: dtype, device: device)
            return flat.scatterAdd(axis: 2, indices: indices.reshaped([n, c, -1]), gradient.reshaped([n, c, -1]))
                .reshaped(shape)
        }
        let out = Tensor.filled(
            shape, strides: shape.channelsLastStrides, .integer(0), dtype: dtype, device: device)
        backend.maxPoolGradient(gradient.channelsLast().operand, indices: indices.operand, into: out.operand)
        return out
    }

    /// The mean of each window.
    ///
    /// - Parameters:
    ///   - countsPadding: Whether zeros of the padding take part in the mean.
    ///   - divisor: Takes the place of the number of elements, where given.
    public func averagePool(
        kernel: [Int], _ window: Window, ceilMode: Bool = false, countsPadding: Bool = true, divisor: Int? = nil
    ) -> Tensor {
        let geometry = poolGeometry(kernel, window, ceilMode, "averagePool")
        let lengths = required { () throws(ShapeError) in
            try geometry.outputLengths(Shape(shape.dropFirst(2)), operation: "averagePool")
        }
        // Where ceil mode reaches past the padding, the excess takes no part in any count.
        return averagePool(geometry, Array(lengths), countsPadding, divisor, padding: geometry.paddingBefore)
    }

    private func averagePool(
        _ geometry: WindowGeometry, _ lengths: [Int], _ countsPadding: Bool, _ divisor: Int?, padding: Shape
    ) -> Tensor {
        let x = self
        let result = Shape([x.shape[0], x.shape[1]] + lengths)
        let out = Tensor.uninitialized(result, strides: result.channelsLastStrides, dtype: dtype, device: device)
        backend.averagePool(
            x.detached().channelsLast().operand, window: geometry, countsPadding: countsPadding, divisor: divisor,
            into: out.operand)
        let original = x.shape
        return out.recorded("averagePool", x) {
            $0.averagePoolGradient(geometry, original, lengths, countsPadding, divisor, padding: padding)
        }
    }

    private func averagePoolGradient(
        _ geometry: WindowGeometry, _ shape: Shape, _ lengths: [Int], _ countsPadding: Bool, _ divisor: Int?,
        padding: Shape
    ) -> Tensor {
        let out = Tensor.filled(
            shape, strides: shape.channelsLastStrides, .integer(0), dtype: dtype, device: device)
        backend.averagePoolGradient(
            channelsLast().detached().operand, window: geometry, countsPadding: countsPadding, divisor: divisor,
            into: out.operand)
        return out.recorded("averagePoolGradient", self) {
            $0.averagePool(geometry, lengths, countsPadding, divisor, padding: padding)
        }
    }

    /// The geometry of a pool; ceil mode is padding after the end, as far as a window that starts inside reaches.
    private func poolGeometry(_ kernel: [Int], _ window: Window, _ ceilMode: Bool, _ operation: String) -> WindowGeometry {
        guard rank >= 3 && rank <= 5, kernel.count == 1 || kernel.count == rank - 2, dtype.isFloatingPoint else {
            fail(operation, "an input of shape \(shape) and dtype \(dtype) with a kernel of \(kernel)",
                hint: "the input has a batch axis, a channel axis and one to three spatial axes")
        }
        let kernel = kernel.count == 1 ? [Int](repeating: kernel[0], count: rank - 2) : kernel
        var geometry = window.geometry(kernel: kernel, operation).window
        for i in kernel.indices {
            guard geometry.paddingBefore[i] * 2 <= kernel[i] else {
                fail(operation, "padding \(geometry.paddingBefore) is more than half of the kernel \(kernel)")
            }
            guard ceilMode else { continue }
            let (n, s, p) = (shape[i + 2], geometry.stride[i], geometry.paddingBefore[i])
            let reach = geometry.dilation[i] * (kernel[i] - 1) + 1
            var count = Swift.max(0, n + 2 * p - reach + s - 1) / s + 1
            if (count - 1) * s >= n + p { count -= 1 }  // the last window must start inside
            geometry.paddingAfter[i] = Swift.max(p, (count - 1) * s + reach - n - p)
        }
        return geometry
    }
}
