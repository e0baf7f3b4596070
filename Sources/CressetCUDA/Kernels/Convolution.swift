import CCUDA
import CressetBackend

/// The key of a weight in the order that cuDNN's kernels read: one copy serves all plans.
private struct ChannelsLastFilter: Hashable, Sendable {
    let weight: StorageView
    let dtype: DType
}

extension CUDABackend {
    /// `out = convolution(x, weight) + bias (+ addend)`, then the epilogue: computed by cuDNN if it has a plan, fused
    /// where possible; otherwise by our own kernels.
    package func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, weightIsFixed: Bool, into out: Operand
    ) {
        if out.elementCount == 0 { return }
        let bias = bias.map { aligned($0, x.dtype) }
        guard usesCudnn(x), x.elementCount > 0, weight.elementCount > 0 else {
            let (weight, addend) = (converted(weight, x.dtype), addend.map { converted($0, x.dtype) })
            directConvolution(
                x, weight: weight, bias: bias, geometry: geometry, addend: addend, epilogue: epilogue, into: out)
            return withExtendedLifetime((weight, bias, addend)) {}
        }
        // Not in place: an engine may write before it has read everything stored there.
        let addend = addend.map {
            $0.pointer == out.pointer ? copied($0, dtype: $0.dtype, strides: $0.strides) : aligned($0, x.dtype)
        }
        let source = aligned(x, x.dtype)
        let filter = filter(weight, x.dtype, isFixed: weightIsFixed)
        withAlignedResult(out) { out in
            runForward(source, weight, filter, bias, geometry, addend, epilogue, into: out)
        }
        withExtendedLifetime((bias, addend, source, filter)) {}
    }

    private func runForward(
        _ x: Operand, _ weight: Operand, _ filter: Operand, _ bias: Operand?, _ geometry: ConvolutionGeometry,
        _ addend: Operand?, _ epilogue: Epilogue, into out: Operand
    ) {
        var problem = ConvolutionProblem(
            .forward, x.dtype, x: x.shape, weight: weight.shape, out: out.shape, geometry: geometry,
            allowsTF32: allowsTF32InConvolutions)
        var pointers = ConvolutionPointers(x: x.pointer, weight: filter.pointer, out: out.pointer)
        if bias != nil || addend != nil || epilogue != .none {
            // Engines fuse nothing without a bias.
            (problem.hasBias, problem.hasAddend, problem.isRectified) = (true, addend != nil, epilogue == .relu)
            let zeros = bias == nil ? zeros(out.shape[1], out.dtype) : nil
            (pointers.bias, pointers.addend) = (bias?.pointer ?? zeros?.pointer, addend?.pointer)
            let isDone = withExtendedLifetime(zeros) { convolutionPlans.run(problem, pointers, on: self) }
            if isDone { return }
            (pointers.bias, pointers.addend) = (nil, nil)
        }
        if convolutionPlans.run(problem.plain, pointers, on: self) {
            if problem.isPlain { return }
            finish(
                out.pointer, out.dtype, rows: out.elementCount / out.shape[1], columns: out.shape[1],
                bias: bias?.pointer, addend: addend?.pointer, epilogue: epilogue)
        } else {
            directConvolution(
                x, weight: filter, bias: bias, geometry: geometry, addend: addend, epilogue: epilogue, into: out)
        }
    }

    /// The gradient with respect to the input.
    package func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, weightIsFixed: Bool, into out: Operand
    ) {
        if out.elementCount == 0 { return }
        if gradient.elementCount == 0 { return clear(out) }
        guard usesCudnn(gradient) else {
            let weight = converted(weight, gradient.dtype)
            directConvolutionInputGradient(gradient, weight: weight, geometry: geometry, into: out)
            return withExtendedLifetime(weight) {}
        }
        let problem = ConvolutionProblem(
            .inputGradient, gradient.dtype, x: out.shape, weight: weight.shape, out: gradient.shape, geometry: geometry,
            allowsTF32: allowsTF32InConvolutions)
        let source = aligned(gradient, gradient.dtype)
        let filter = filter(weight, gradient.dtype, isFixed: weightIsFixed)
        withAlignedResult(out) { out in
            let pointers = ConvolutionPointers(x: out.pointer, weight: filter.pointer, out: source.pointer)
            if convolutionPlans.run(problem, pointers, on: self) { return }
            directConvolutionInputGradient(source, weight: filter, geometry: geometry, into: out)
        }
        withExtendedLifetime((source, filter)) {}
    }

    /// The gradients with respect to the weight and, if requested, the bias.
    package func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?
    ) {
        if gradient.elementCount == 0 || x.elementCount == 0 {
            clear(weight)
            if let bias { clear(bias) }
            return
        }
        let results = [weight] + (bias.map { [$0] } ?? [])
        if results.contains(where: { $0.dtype != gradient.dtype }) {
            // Sums in the wider of the two types, rounded to the other.
            let wide = DType.float32
            let inputs = (converted(gradient, wide), converted(x, wide))
            let wideResults = results.map { operand -> Operand in
                operand.dtype == wide ? operand : empty(operand.shape, wide, operand.filterStrides)
            }
            convolutionWeightGradient(
                inputs.0, inputs.1, geometry: geometry, weight: wideResults[0], bias: wideResults.dropFirst().first)
            for (wide, result) in zip(wideResults, results) where wide.dtype != result.dtype {
                launchCopy(wide, to: result)
            }
            return withExtendedLifetime((inputs, wideResults)) {}
        }
        if let bias { convolutionBiasGradient(gradient, into: bias) }
        let problem = ConvolutionProblem(
            .weightGradient, gradient.dtype, x: x.shape, weight: weight.shape, out: gradient.shape, geometry: geometry,
            allowsTF32: allowsTF32InConvolutions)
        guard usesCudnn(gradient) else {
            return directConvolutionWeightGradient(gradient, x, geometry: geometry, weight: weight)
        }
        let sources = (gradient: aligned(gradient, gradient.dtype), x: aligned(x, gradient.dtype))
        let isDirect = weight.isChannelsLast && weight.alignmentClass == 4
        let filter = isDirect ? weight : empty(weight.shape, weight.dtype, weight.shape.channelsLastStrides)
        let pointers = ConvolutionPointers(
            x: sources.x.pointer, weight: filter.pointer, out: sources.gradient.pointer)
        if convolutionPlans.run(problem, pointers, on: self) {
            if !isDirect { launchCopy(filter, to: weight) }
        } else {
            directConvolutionWeightGradient(sources.gradient, sources.x, geometry: geometry, weight: weight)
        }
        withExtendedLifetime((sources, filter)) {}
    }

    // MARK: Operands as cuDNN wants them

    private func usesCudnn(_ operand: Operand) -> Bool { libraries.cudnn != nil && operand.dtype != .float64 }

    private func converted(_ operand: Operand, _ dtype: DType) -> Operand {
        operand.dtype == dtype ? operand : copied(operand, dtype: dtype, strides: operand.strides)
    }

    /// The operand at an address that is a multiple of 16, which plans assume.
    private func aligned(_ operand: Operand, _ dtype: DType) -> Operand {
        operand.dtype == dtype && operand.alignmentClass == 4
            ? operand : copied(operand, dtype: dtype, strides: operand.strides)
    }

    private func withAlignedResult(_ out: Operand, _ body: (Operand) -> Void) {
        if out.alignmentClass == 4 { return body(out) }
        let result = empty(out.shape, out.dtype, out.activationStrides)
        body(result)
        launchCopy(result, to: out)
        withExtendedLifetime(result) {}
    }

    private func empty(_ shape: Shape, _ dtype: DType, _ strides: Shape) -> Operand {
        let storage = allocate(shape, dtype)
        return Operand(pointer: storage.pointer, dtype: dtype, shape: shape, strides: strides, storage: storage)
    }

    /// A weight in channels-last order.
    private func filter(_ weight: Operand, _ dtype: DType, isFixed: Bool) -> Operand {
        if weight.isChannelsLast && weight.dtype == dtype && weight.alignmentClass == 4 { return weight }
        func converted() -> Operand { copied(weight, dtype: dtype, strides: weight.shape.channelsLastStrides) }
        // Memory that a captured graph writes is filled only when the graph runs, and lives no longer than the graph.
        guard isFixed, let storage = weight.storage, !isCapturing else { return converted() }
        let key = ChannelsLastFilter(weight: StorageView(weight, in: storage), dtype: dtype)
        let copy = storage.derivedValues.value(for: key) { converted().storage! }
        return Operand(
            pointer: copy.pointer, dtype: dtype, shape: weight.shape, strides: weight.shape.channelsLastStrides,
            storage: copy)
    }

    private func zeros(_ count: Int, _ dtype: DType) -> Operand {
        let operand = empty([count], dtype, [1])
        clear(operand)
        return operand
    }
}
