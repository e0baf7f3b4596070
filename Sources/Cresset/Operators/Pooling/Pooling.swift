// Pools over one to three spatial axes; results are channels-last.

extension Tensor {
    /// The largest element of each window and its index (int64, flat within the channel's plane).
    ///
    /// *Shape*: (N, C, spatial…) gives (N, C, windows…). Padding never wins; NaN always does.
    ///
    /// - Parameters:
    ///   - kernel: The lengths of the window.
    ///   - window: Stride, padding, dilation and groups.
    ///   - ceilMode: Whether windows that extend past the end are included.
    public func maxPool(kernel: [Int], _ window: Window, ceilMode: Bool = false) -> (values: Tensor, indices: Tensor) {
        let (values, indices) = maxPool(kernel, window, ceilMode, indices: .int64)
        return (values, indices!)
    }

    /// ``maxPool(kernel:_:ceilMode:)`` without the indices: they take half the memory, or none.
    ///
    /// - Parameters:
    ///   - kernel: The lengths of the window.
    ///   - window: Stride, padding, dilation and groups.
    ///   - ceilMode: Whether windows that extend past the end are included.
    public func maxPooled(kernel: [Int], _ window: Window, ceilMode: Bool = false) -> Tensor {
        maxPool(kernel, window, ceilMode, indices: Tensor.records(self) ? .int32 : nil).values
    }

    private func maxPool(
        _ kernel: [Int], _ window: Window, _ ceilMode: Bool, indices type: DType?
    ) -> (values: Tensor, indices: Tensor?) {
        let (geometry, lengths) = poolGeometry(kernel, window, ceilMode, "maxPool")
        return maxPool(geometry, lengths, indices: type)
    }

    func maxPool(_ geometry: WindowGeometry, _ lengths: [Int], indices type: DType?) -> (
        values: Tensor, indices: Tensor?
    ) {
        let x = self
        let result = Shape([x.shape[0], x.shape[1]] + lengths)
        let out = Tensor.uninitialized(result, strides: result.channelsLastStrides, dtype: dtype, device: device)
        let indices = type.map {
            Tensor.uninitialized(result, strides: result.channelsLastStrides, dtype: $0, device: device)
        }
        backend.maxPool(
            x.detached().channelsLast().operand, window: geometry, indices: indices?.operand, into: out.operand)
        let original = x.shape
        guard let indices else { return (out, nil) }
        return (out.recorded("maxPool", x) { $0.maxPoolGradient(indices, geometry, shape: original) }, indices)
    }

    private func maxPoolGradient(_ indices: Tensor, _ geometry: WindowGeometry, shape: Shape) -> Tensor {
        let gradient = self
        if recordsGradients {
            let (n, c) = (shape[0], shape[1])
            let flat = Tensor.zeros([n, c, shape.dropFirst(2).reduce(1, *)], dtype: dtype, device: device)
            return flat.scatterAdd(axis: 2, indices: indices.reshaped([n, c, -1]), gradient.reshaped([n, c, -1]))
                .reshaped(shape)
        }
        let out = Tensor.uninitialized(shape, strides: shape.channelsLastStrides, dtype: dtype, device: device)
        backend.maxPoolGradient(
            gradient.channelsLast().operand, indices: indices.operand, window: geometry, into: out.operand)
        return out
    }

    /// The mean of each window.
    ///
    /// - Parameters:
    ///   - kernel: The lengths of the window.
    ///   - window: Stride, padding, dilation and groups.
    ///   - ceilMode: Whether windows that extend past the end are included.
    ///   - countsPadding: Whether zeros of the padding are counted in the mean.
    ///   - divisor: Replaces the number of elements, if given.
    public func averagePool(
        kernel: [Int], _ window: Window, ceilMode: Bool = false, countsPadding: Bool = true, divisor: Int? = nil
    ) -> Tensor {
        // The pool over volumes is one of the operators that autocast keeps in float32.
        if rank == 5, autocastRaised.dtype != dtype {
            return autocastRaised.averagePool(
                kernel: kernel, window, ceilMode: ceilMode, countsPadding: countsPadding, divisor: divisor)
        }
        let (geometry, lengths) = poolGeometry(kernel, window, ceilMode, "averagePool")
        return averagePool(geometry, lengths, countsPadding, divisor)
    }

    func averagePool(
        _ geometry: WindowGeometry, _ lengths: [Int], _ countsPadding: Bool, _ divisor: Int?
    ) -> Tensor {
        let x = self
        let result = Shape([x.shape[0], x.shape[1]] + lengths)
        let out = Tensor.uninitialized(result, strides: result.channelsLastStrides, dtype: dtype, device: device)
        backend.averagePool(
            x.detached().channelsLast().operand, window: geometry, countsPadding: countsPadding, divisor: divisor,
            into: out.operand)
        let original = x.shape
        return out.recorded("averagePool", x) {
            $0.averagePoolGradient(geometry, original, lengths, countsPadding, divisor)
        }
    }

    func averagePoolGradient(
        _ geometry: WindowGeometry, _ shape: Shape, _ lengths: [Int], _ countsPadding: Bool, _ divisor: Int?
    ) -> Tensor {
        let out = Tensor.uninitialized(shape, strides: shape.channelsLastStrides, dtype: dtype, device: device)
        backend.averagePoolGradient(
            channelsLast().detached().operand, window: geometry, countsPadding: countsPadding, divisor: divisor,
            into: out.operand)
        return out.recorded("averagePoolGradient", self) {
            $0.averagePool(geometry, lengths, countsPadding, divisor)
        }
    }

    /// The geometry of a pool and the number of its windows; in ceil mode the last may extend beyond the padding.
    private func poolGeometry(
        _ kernel: [Int], _ window: Window, _ ceilMode: Bool, _ operation: String
    ) -> (WindowGeometry, [Int]) {
        guard rank >= 3 && rank <= 5, kernel.count == 1 || kernel.count == rank - 2, dtype.isFloatingPoint else {
            fail(
                operation, "an input of \(dtype) and shape \(shape) does not fit a kernel of \(kernel)",
                hint: "the input needs a batch axis, a channel axis and one to three spatial axes")
        }
        let kernel = kernel.count == 1 ? [Int](repeating: kernel[0], count: rank - 2) : kernel
        let geometry = window.geometry(kernel: kernel, operation).window
        for i in kernel.indices where geometry.paddingBefore[i] * 2 > kernel[i] {
            fail(operation, "padding \(geometry.paddingBefore) is more than half of the kernel \(kernel)")
        }
        let spatial = Shape(shape.dropFirst(2))
        var reached = geometry
        if ceilMode { for i in kernel.indices { reached.paddingAfter[i] += geometry.stride[i] - 1 } }
        var lengths = required { () throws(ShapeError) in
            Array(try reached.outputLengths(spatial, operation: operation))
        }
        // The last window must start inside.
        for i in kernel.indices where ceilMode {
            if (lengths[i] - 1) * geometry.stride[i] >= spatial[i] + geometry.paddingBefore[i] { lengths[i] -= 1 }
        }
        return (geometry, lengths)
    }
}
