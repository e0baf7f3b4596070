// Transposed convolution: the gradient of a convolution's input, as an operator of its own.

extension Tensor {
    /// The transposed convolution with `weight`: each element spreads the weight over the result.
    ///
    /// *Shape*: (N, C, spatial…) with a weight of (C, M / groups, kernel…) and a bias of (M) gives (N, M, spatial…) with
    /// lengths (in - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1.
    ///
    /// - Parameters:
    ///   - weight: The filters, (in channels, out channels / groups, lengths of the window).
    ///   - bias: A number for each output channel; nil for none.
    ///   - window: Stride, padding, dilation and groups.
    ///   - outputPadding: Additional elements at the end of each axis; fewer than the stride or the dilation.
    public func transposedConvolution(
        weight: Tensor, bias: Tensor? = nil, _ window: Window = Window(), outputPadding: [Int] = [0]
    ) -> Tensor {
        if Mode.current.autocast != nil {
            let (x, weight) = (autocast, weight.autocastWeight)
            return withAutocast(nil) {
                x.transposedConvolution(
                    weight: weight, bias: bias?.to(weight.dtype), window, outputPadding: outputPadding)
            }
        }
        guard rank >= 3, rank <= 5, rank == weight.rank, weight.shape[0] == shape[1], window.groups >= 1,
            shape[1] % window.groups == 0
        else {
            fail(
                "transposedConvolution",
                "an input of shape \(shape) with a weight of shape \(weight.shape) and \(window.groups) groups",
                hint: "the weight's axis 0 must be the input's channels")
        }
        guard weight.dtype == dtype, dtype.isFloatingPoint else {
            fail(
                "transposedConvolution", "cannot combine a \(dtype) input and a \(weight.dtype) weight",
                hint: "convert one with to(_:)")
        }
        require(sameDevice: weight, "transposedConvolution")
        var geometry = window.geometry(kernel: Array(weight.shape.dropFirst(2)), "transposedConvolution")
        let axes = rank - 2
        guard outputPadding.count == 1 || outputPadding.count == axes else {
            fail("transposedConvolution", "output padding \(outputPadding) does not fit \(axes) axes")
        }
        var lengths = [shape[0], weight.shape[1] * window.groups]
        for i in 0..<axes {
            let extra = outputPadding[outputPadding.count == 1 ? 0 : i]
            let w = geometry.window
            guard extra >= 0, extra < Swift.max(w.stride[i], w.dilation[i]) else {
                fail("transposedConvolution", "output padding \(extra) is not less than the stride or the dilation")
            }
            let length =
                (shape[i + 2] - 1) * w.stride[i] - w.paddingBefore[i] - w.paddingAfter[i]
                + w.dilation[i] * (w.kernel[i] - 1) + extra + 1
            guard length > 0 else {
                fail("transposedConvolution", "an input of shape \(shape) would give an axis of length \(length)")
            }
            lengths.append(length)
            // The convolution whose gradient this is must end exactly where the last window does.
            geometry.window.paddingAfter[i] -= extra
        }
        let out = convolutionInputGradient(weight: weight, shape: Shape(lengths), geometry, isFixed: !recordsGradients)
        guard let bias else { return out }
        return out + bias.reshaped(Shape([1, bias.elementCount] + [Int](repeating: 1, count: axes)))
    }

    /// The windows over two spatial axes as columns.
    ///
    /// *Shape*: (N, C, H, W) gives (N, C kernel…, windows); without N in, without N out.
    ///
    /// - Parameters:
    ///   - kernel: The lengths of the window.
    ///   - window: Stride, padding, dilation and groups.
    ///
    /// *Source*: `torch.nn.functional.unfold`.
    public func windowColumns(kernel: [Int], _ window: Window) -> Tensor {
        if rank == 3 { return unsqueezed(at: 0).windowColumns(kernel: kernel, window).squeezed(axis: 0) }
        let kernel = kernel.count == 1 ? [kernel[0], kernel[0]] : kernel
        guard rank == 4, kernel.count == 2 else {
            fail("windowColumns", "an input of shape \(shape) does not fit a kernel of \(kernel)")
        }
        let w = window.geometry(kernel: kernel, "windowColumns").window
        let padded = padded([w.paddingBefore[1], w.paddingAfter[1], w.paddingBefore[0], w.paddingAfter[0]])
        let windows = padded.unfolded(axis: 2, size: kernel[0], step: w.stride[0], dilation: w.dilation[0])
            .unfolded(axis: 3, size: kernel[1], step: w.stride[1], dilation: w.dilation[1])
        let count = windows.shape[2] * windows.shape[3]
        return windows.permuted([0, 1, 4, 5, 2, 3]).reshaped([shape[0], shape[1] * kernel[0] * kernel[1], count])
    }
}
