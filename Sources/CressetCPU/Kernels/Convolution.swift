import CKernels
import CressetBackend

extension CPUBackend {
    /// `out = convolution(x, weight) + bias (+ addend)`, then the epilogue.
    ///
    /// `x`, `out` and `addend` are channels-last; `weight` is (output channels, input channels / groups, kernel…) in
    /// row-major or channels-last order, and may be float32 if the others are bfloat16. `addend` may be `out` itself.
    package func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, weightIsFixed: Bool, into out: Operand
    ) {
        if out.elementCount == 0 { return }
        if x.dtype == .float64 {
            directConvolution(
                x, weight: weight, bias: bias, geometry: geometry, addend: addend, epilogue: epilogue, into: out)
            if epilogue != .relu, case .pointwise(let op, let a, let b) = epilogue {
                unary(op, out, a: a, b: b, into: out)
            }
            return
        }
        if addend == nil,
            depthwiseConvolution(
                x, weight: weight, bias: bias, geometry: geometry, epilogue: epilogue, weightIsFixed: weightIsFixed,
                into: out)
        {
            return
        }
        if needsWidening(x) {
            let weight = widened(weight, keepsCopy: weightIsFixed)
            inFloat32([x, bias, addend], results: [out]) { inputs, results in
                convolution(
                    inputs[0]!, weight: weight, bias: inputs[1], geometry: geometry, addend: inputs[2],
                    epilogue: epilogue, weightIsFixed: weightIsFixed, into: results[0]!)
            }
            return
        }
        if (bias?.dtype ?? .float32) == .float32, addend.map({ $0.isChannelsLast && $0.dtype == .float32 }) ?? true,
            let winograd = WinogradConvolution(
                .forward, x: x, weight: weight, out: out, geometry: geometry, weightIsFixed: weightIsFixed)
        {
            winograd.run(x, weight: weight, bias: bias, addend: addend, epilogue: epilogue, into: out)
            return
        }
        let addsInPlace = addend?.pointer == out.pointer
        withEpilogue(epilogue, of: out, isRepeatable: !addsInPlace) {
            plannedConvolution(
                x, weight: weight, bias: bias, geometry: geometry, addend: addend, addsInPlace: addsInPlace,
                epilogue: $0, weightIsFixed: weightIsFixed, into: out)
        }
    }

    private func plannedConvolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        addsInPlace: Bool, epilogue: Epilogue, weightIsFixed: Bool, into out: Operand
    ) {
        var key = PlanKey()
        key.append(0)
        key.append(x)
        key.append(weight)
        key.append(out)
        key.append(geometry)
        key.append(bias.map { Int($0.dtype.rawValue) } ?? -1)
        key.append(epilogue)
        key.append(addend == nil ? 0 : addsInPlace ? 1 : 2)
        let plan = convolutionPlans.plan(for: key) {
            ConvolutionPlan(
                forward: x, weight: weight, bias: bias, geometry: geometry, addend: addend, addsInPlace: addsInPlace,
                epilogue: epilogue, out: out)
        }
        plan.withPacked(weight, keepsCopy: weightIsFixed) { weight in
            switch (bias, addsInPlace ? nil : addend) {
            case (nil, nil): plan.primitive.run([x.pointer, weight, out.pointer])
            case (let bias?, nil): plan.primitive.run([x.pointer, weight, out.pointer, bias.pointer])
            case (nil, let addend?): plan.primitive.run([x.pointer, weight, out.pointer, addend.pointer])
            case (let bias?, let addend?):
                plan.primitive.run([x.pointer, weight, out.pointer, bias.pointer, addend.pointer])
            }
        }
    }

    /// The gradient with respect to the input.
    package func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, weightIsFixed: Bool,
        into out: Operand
    ) {
        if out.elementCount == 0 { return }
        if gradient.elementCount == 0 {
            clear(out)
            return
        }
        if gradient.dtype == .float64 {
            directConvolutionInputGradient(gradient, weight: weight, geometry: geometry, into: out)
            return
        }
        if depthwiseConvolutionInputGradient(gradient, weight: weight, geometry: geometry, into: out) { return }
        if needsWidening(gradient) {
            inFloat32([gradient, weight], results: [out]) { inputs, results in
                convolutionInputGradient(
                    inputs[0]!, weight: inputs[1]!, geometry: geometry, weightIsFixed: false, into: results[0]!)
            }
            return
        }
        if let winograd = WinogradConvolution(
            .inputGradient, x: out, weight: weight, out: gradient, geometry: geometry, weightIsFixed: weightIsFixed)
        {
            winograd.run(gradient, weight: weight, into: out)
            return
        }
        var key = PlanKey()
        key.append(1)
        key.append(gradient)
        key.append(weight)
        key.append(out)
        key.append(geometry)
        let plan = convolutionPlans.plan(for: key) {
            ConvolutionPlan(inputGradient: out, weight: weight, geometry: geometry, gradient: gradient)
        }
        plan.withPacked(weight, keepsCopy: weightIsFixed) { plan.primitive.run([gradient.pointer, $0, out.pointer]) }
    }

    /// The gradients with respect to the weight and, if requested, the bias.
    ///
    /// Both may be float32 if `gradient` and `x` are bfloat16; sums are in float32 either way.
    package func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?
    ) {
        if gradient.elementCount == 0 || x.elementCount == 0 {
            clear(weight)
            if let bias { clear(bias) }
            return
        }
        if gradient.dtype == .float64 {
            directConvolutionWeightGradient(gradient, x, geometry: geometry, weight: weight, bias: bias)
            return
        }
        if depthwiseConvolutionWeightGradient(gradient, x, geometry: geometry, weight: weight, bias: bias) { return }
        if needsWidening(gradient) {
            inFloat32([gradient, x], results: [weight, bias]) { inputs, results in
                convolutionWeightGradient(
                    inputs[0]!, inputs[1]!, geometry: geometry, weight: results[0]!, bias: results[1])
            }
            return
        }
        if bias?.dtype != .bfloat16,
            let winograd = WinogradConvolution(.weightGradient, x: x, weight: weight, out: gradient, geometry: geometry)
        {
            winograd.runWeightGradient(gradient, x, into: weight)
            if let bias { sumChannels(of: gradient, into: bias) }
            return
        }
        var key = PlanKey()
        key.append(2)
        key.append(gradient)
        key.append(x)
        key.append(weight)
        key.append(geometry)
        key.append(bias.map { Int($0.dtype.rawValue) } ?? -1)
        let plan = convolutionPlans.plan(for: key) {
            ConvolutionPlan(weightGradient: weight, bias: bias, geometry: geometry, gradient: gradient, x: x)
        }
        plan.withUnpacked(weight) { weight in
            if let bias {
                plan.primitive.run([gradient.pointer, x.pointer, weight, bias.pointer])
            } else {
                plan.primitive.run([gradient.pointer, x.pointer, weight])
            }
        }
    }

    /// A sum for each channel.
    private func sumChannels(of gradient: Operand, into bias: Operand) {
        var sums = bias
        sums.shape = [1, bias.elementCount, 1, 1]
        sums.strides = [0, bias.strides[0], 0, 0]
        reduce(.sum, gradient, axes: [0, 2, 3], into: sums)
    }

    /// Sets every byte of a dense tensor to 0.
    func clear(_ operand: Operand) {
        operand.pointer.initializeMemory(
            as: UInt8.self, repeating: 0, count: operand.elementCount * operand.dtype.itemSize)
    }
}

extension PlanKey {
    /// A tensor: its type, lengths and strides.
    @inline(__always)
    mutating func append(_ operand: Operand) {
        append(Int(operand.dtype.rawValue) << 8 | operand.shape.count)
        for axis in 0..<operand.shape.count {
            append(operand.shape[axis])
            append(operand.strides[axis])
        }
    }

    /// What is applied to the result.
    @inline(__always)
    mutating func append(_ epilogue: Epilogue) {
        switch epilogue {
        case .none: append(-1)
        case .pointwise(let op, let a, let b):
            append(Int(op.rawValue))
            append(Int(bitPattern: UInt(a.bitPattern)))
            append(Int(bitPattern: UInt(b.bitPattern)))
        }
    }

    /// A convolution's geometry; the kernel's lengths are in the weight's shape.
    @inline(__always)
    mutating func append(_ geometry: ConvolutionGeometry) {
        append(geometry.groups)
        let window = geometry.window
        for axis in 0..<window.stride.count {
            append(window.stride[axis])
            append(window.dilation[axis])
            append(window.paddingBefore[axis])
            append(window.paddingAfter[axis])
        }
    }
}
