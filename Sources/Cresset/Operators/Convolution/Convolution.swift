// Convolution and its two gradients. Each of the three is the derivative of the others, so they can be differentiated
// any number of times. Activations are channels-last, as the kernels need them (docs/architecture.md).

/// The parameters of a convolution or a pool, one number per spatial axis.
public struct Window: Sendable, Hashable {
    public var stride: [Int]
    public var padding: [Int]
    /// Zeros after each axis if their number differs from those before it; otherwise nil.
    public var paddingAfter: [Int]?
    public var dilation: [Int]
    public var groups: Int

    /// - Parameters:
    ///   - stride: Steps between windows; one number stands for every axis.
    ///   - padding: Zeros before and after each axis.
    ///   - dilation: Distance between the elements of a window.
    ///   - groups: Independent groups of channels.
    public init(stride: [Int] = [1], padding: [Int] = [0], dilation: [Int] = [1], groups: Int = 1) {
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
    }

    /// Windows one step apart, padded so that the result is as long as the input; if odd, the extra zero comes after.
    ///
    /// - Parameters:
    ///   - kernel: The lengths of the window.
    ///   - dilation: The distance between the elements that the window takes.
    ///   - groups: The number of independent parts into which the channels are divided.
    public static func same(kernel: [Int], dilation: [Int] = [1], groups: Int = 1) -> Window {
        let dilations = dilation.count == 1 ? [Int](repeating: dilation[0], count: kernel.count) : dilation
        var window = Window(dilation: dilation, groups: groups)
        window.pad(by: zip(kernel, dilations).map { ($0 - 1) * $1 })
        return window
    }

    /// Divides so many zeros an axis into those before it and those after it; if odd, the extra zero comes after.
    package mutating func pad(by total: [Int]) {
        padding = total.map { $0 / 2 }
        paddingAfter = total.map { $0 - $0 / 2 }
    }

    func geometry(kernel: [Int], _ operation: String) -> ConvolutionGeometry {
        func values(_ given: [Int], _ name: String, from least: Int) -> Shape {
            guard given.count == 1 || given.count == kernel.count, given.allSatisfy({ $0 >= least }) else {
                fail(
                    operation,
                    "\(name) \(given) for a kernel of \(kernel): needs one number per axis, each at least \(least)")
            }
            return given.count == 1 ? Shape(repeating: given[0], count: kernel.count) : Shape(given)
        }
        let padding = values(padding, "padding", from: 0)
        return ConvolutionGeometry(
            window: WindowGeometry(
                kernel: Shape(kernel), stride: values(stride, "stride", from: 1), paddingBefore: padding,
                paddingAfter: paddingAfter.map { values($0, "padding", from: 0) } ?? padding,
                dilation: values(dilation, "dilation", from: 1)),
            groups: groups)
    }
}

extension WindowGeometry {
    /// The number of windows along each axis of an input with these lengths.
    ///
    /// - Parameters:
    ///   - input: The lengths of the input's axes.
    ///   - operation: The name used in error messages.
    /// - Throws: ``ShapeError`` if the input, padded, is smaller than a window.
    public func outputLengths(_ input: Shape, operation: String) throws(ShapeError) -> Shape {
        var output = input
        for i in 0..<input.count {
            let room = input[i] + paddingBefore[i] + paddingAfter[i] - dilation[i] * (kernel[i] - 1) - 1
            guard room >= 0 else {
                throw ShapeError(
                    operation, "an input of \(input) is smaller than the kernel of \(kernel) along axis \(i)",
                    hint: "enlarge the input or pad it")
            }
            output[i] = room / stride[i] + 1
        }
        return output
    }
}

extension Tensor {
    /// The convolution (cross-correlation) with `weight`, in one to three spatial axes.
    ///
    /// *Shape*: (N, C, spatial…) with a weight of (M, C / groups, kernel…) and a bias of (M) gives (N, M, windows…).
    /// Traps if channels or groups do not fit.
    ///
    /// - Parameters:
    ///   - weight: The filters, (out channels, in channels / groups, lengths of the window).
    ///   - bias: A number for each output channel; nil for none.
    ///   - window: Stride, padding, dilation and groups.
    public func convolution(weight: Tensor, bias: Tensor? = nil, _ window: Window = Window()) -> Tensor {
        convolution(weight: weight, bias: bias, window, activation: .none)
    }

    /// The same, then `activation`, in the same pass where the device can.
    package func convolution(weight: Tensor, bias: Tensor?, _ window: Window, activation: Epilogue) -> Tensor {
        let geometry = window.geometry(kernel: Array(weight.shape.dropFirst(2)), "convolution")
        return autocast.convolution(
            weight: weight.autocastWeight, bias: bias?.autocastWeight, geometry, activation: activation)
    }

    func convolution(
        weight: Tensor, bias: Tensor?, _ geometry: ConvolutionGeometry, activation: Epilogue = .none
    ) -> Tensor {
        let x = self
        let inputs = [x, weight] + (bias.map { [$0] } ?? [])
        guard takes(activation, after: .convolution, recording: inputs) else {
            return convolution(weight: weight, bias: bias, geometry).applying(activation)
        }
        let out = convolved(weight, bias, geometry, isFixed: !recordsGradients, activation: activation)
        guard inputs.contains(where: \.requiresGradient), Mode.current.records else { return out }
        // The input itself must not be held: it may be one that is made again.
        let saved = Saved(x)
        @Sendable func gradients(_ gradient: Tensor) -> [Tensor?] {
            let dx =
                saved.requiresGradient
                ? gradient.convolutionInputGradient(weight: weight, shape: saved.shape, geometry) : nil
            let (dw, db) = gradient.convolutionParameterGradients(saved, weight, bias, geometry)
            return [dx, dw, db]
        }
        if activation == .none { return out.recorded("convolution", inputs) { gradients($0) } }
        return out.recordedWithResult("convolution", inputs) { gradients($0.gradient(before: activation, of: $1)) }
    }

    /// A convolution's result, not recorded. `isFixed`: the weight will not change for a while, so its copy in the
    /// kernel's own layout is worth caching.
    private func convolved(
        _ weight: Tensor, _ bias: Tensor?, _ geometry: ConvolutionGeometry, isFixed: Bool, adding addend: Tensor? = nil,
        activation: Epilogue = .none
    ) -> Tensor {
        let result = convolvedShape(weight, bias, geometry)
        require(sameDevice: addend, "convolution")
        let out = Tensor.uninitialized(result, strides: result.channelsLastStrides, dtype: dtype, device: device)
        MultiplyAddCounter.add(convolution: weight, out)
        backend.convolution(
            detached().channelsLast().operand, weight: weight.detached().filterOrder.operand,
            bias: bias?.detached().contiguous().operand, geometry: geometry,
            addend: addend?.detached().channelsLast().operand, epilogue: activation,
            weightIsFixed: isFixed, into: out.operand)
        return out
    }

    /// The shape of a convolution's result.
    private func convolvedShape(_ weight: Tensor, _ bias: Tensor?, _ geometry: ConvolutionGeometry) -> Shape {
        checkConvolution(weight, bias, geometry)
        let lengths = required { () throws(ShapeError) in
            try geometry.window.outputLengths(Shape(shape.dropFirst(2)), operation: "convolution")
        }
        return Shape([shape[0], weight.shape[0]] + Array(lengths))
    }

    private func checkConvolution(_ weight: Tensor, _ bias: Tensor?, _ geometry: ConvolutionGeometry) {
        let groups = geometry.groups
        guard rank == weight.rank, rank >= 3, rank <= 5 else {
            fail(
                "convolution", "an input of shape \(shape) and a weight of shape \(weight.shape) do not fit",
                hint: "both need a batch (or output) axis, a channel axis and one to three spatial axes")
        }
        guard groups >= 1, weight.shape[1] * groups == shape[1], weight.shape[0] % groups == 0 else {
            fail(
                "convolution",
                "an input with \(shape[1]) channels, a weight of shape \(weight.shape) and \(groups) groups",
                hint: "the weight's axis 1 times the groups must be the input's channels, and the groups divide axis 0")
        }
        require(sameDevice: weight, "convolution")
        require(sameDevice: bias, "convolution")
        guard weight.dtype == dtype, dtype.isFloatingPoint else {
            fail(
                "convolution", "cannot combine a \(dtype) input and a \(weight.dtype) weight",
                hint: "convert one with to(_:)")
        }
        if let bias, bias.shape != [weight.shape[0]] || bias.dtype != dtype {
            fail(
                "convolution",
                "a bias of \(bias.dtype) and shape \(bias.shape) does not fit \(weight.shape[0]) channels of \(dtype)")
        }
    }

    /// A weight in one of the two layouts that the kernels read.
    private var filterOrder: Tensor { isContiguous || isChannelsLast ? self : contiguous() }

    /// The gradient of a convolution's input, where `self` is that of its result; also the transposed convolution, whose
    /// weight may be fixed.
    func convolutionInputGradient(
        weight: Tensor, shape: Shape, _ geometry: ConvolutionGeometry, isFixed: Bool = false
    ) -> Tensor {
        let gradient = self
        let out = Tensor.uninitialized(shape, strides: shape.channelsLastStrides, dtype: dtype, device: device)
        MultiplyAddCounter.add(convolution: weight, gradient)
        backend.convolutionInputGradient(
            gradient.detached().channelsLast().operand, weight: weight.detached().filterOrder.operand,
            geometry: geometry, weightIsFixed: isFixed, into: out.operand)
        return out.recorded(
            "convolutionInputGradient", gradient, weight,
            { $0.convolution(weight: weight, bias: nil, geometry) },
            { gradient.convolutionWeightGradient($0, shape: weight.shape, geometry) })
    }

    /// The gradient of a convolution's weight, where `self` is that of its result.
    ///
    /// It is stored with the layout of the weight, `model`, if one is given: row-major or channels-last. `bias` receives
    /// the gradient of the bias, which is not recorded.
    func convolutionWeightGradient(
        _ x: Tensor, shape: Shape, _ geometry: ConvolutionGeometry, like model: Tensor? = nil, bias: Tensor? = nil
    ) -> Tensor {
        let gradient = self
        let strides = model?.isContiguous == false && model?.isChannelsLast == true ? shape.channelsLastStrides : nil
        let out = Tensor.uninitialized(shape, strides: strides, dtype: dtype, device: device)
        MultiplyAddCounter.add(convolution: out, gradient)
        backend.convolutionWeightGradient(
            gradient.detached().channelsLast().operand, x.detached().channelsLast().operand, geometry: geometry,
            weight: out.operand, bias: bias?.operand)
        return out.recorded(
            "convolutionWeightGradient", gradient, x,
            { x.convolution(weight: $0, bias: nil, geometry) },
            { gradient.convolutionInputGradient(weight: $0, shape: x.shape, geometry) })
    }

    /// The gradients of a convolution's weight and bias, where `self` is that of its result: in one pass if both are
    /// needed and neither is recorded.
    private func convolutionParameterGradients(
        _ x: Saved, _ weight: Tensor, _ bias: Tensor?, _ geometry: ConvolutionGeometry
    ) -> (weight: Tensor?, bias: Tensor?) {
        let needsBias = bias?.requiresGradient == true
        if weight.requiresGradient, needsBias, !recordsGradients {
            let db = Tensor.uninitialized([weight.shape[0]], dtype: dtype, device: device)
            return (convolutionWeightGradient(x.value(), shape: weight.shape, geometry, like: weight, bias: db), db)
        }
        return (
            weight.requiresGradient
                ? convolutionWeightGradient(x.value(), shape: weight.shape, geometry, like: weight) : nil,
            needsBias ? sum(axes: [0] + Array(2..<rank)) : nil
        )
    }

    /// Convolution, addition and activation in one pass where the device can, for inference with fixed weights: not
    /// recorded.
    ///
    /// - Parameters:
    ///   - weight: The filters, (out channels, in channels / groups, lengths of the window).
    ///   - bias: A number for each output channel; nil for none.
    ///   - window: Stride, padding, dilation and groups.
    ///   - addend: A tensor that is added before the activation; nil for none.
    ///   - activation: The activation applied last; nil for none.
    package func fusedConvolution(
        weight: Tensor, bias: Tensor?, _ window: Window, adding addend: Tensor?, activation: Epilogue
    ) -> Tensor {
        let geometry = window.geometry(kernel: Array(weight.shape.dropFirst(2)), "convolution")
        let (x, weight, bias) = (autocast, weight.autocastWeight, bias?.autocastWeight)
        if let addend, addend.dtype != x.dtype || addend.shape != x.convolvedShape(weight, bias, geometry) {
            // The sum is broadcast, or of another type.
            return (x.convolved(weight, bias, geometry, isFixed: true) + addend).applying(activation)
        }
        let fused = fuses(activation, after: .convolution) ? activation : .none
        let out = x.convolved(weight, bias, geometry, isFixed: true, adding: addend, activation: fused)
        return fused == activation ? out : out.applying(activation)
    }
}
