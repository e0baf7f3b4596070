import COneDNN
import CressetBackend

/// A compiled convolution (or one of its gradients), and the conversion between the weight's layout and the one the
/// primitive requires.
///
/// Activations stay channels-last: blocked ones gain nothing on AVX-512. Weights are blocked.
final class ConvolutionPlan: Sendable {
    let primitive: Primitive
    /// From the weight to the primitive's layout; for the weight's gradient, back. Nil if both are the same.
    private let conversion: Primitive?
    private let packedByteCount: Int

    private init(
        descriptor: dnnl_primitive_desc_t, weightQuery: dnnl_query_t, weight: MemoryDescriptor, isGradient: Bool,
        arguments: (MemoryDescriptor) -> [(index: Int32, descriptor: MemoryDescriptor)]
    ) {
        let packed = MemoryDescriptor(copying: dnnl_primitive_desc_query_md(descriptor, weightQuery, 0))
        primitive = Primitive(descriptor: descriptor, arguments: arguments(packed))
        packedByteCount = packed.byteCount
        conversion =
            packed == weight
            ? nil : isGradient ? Primitive(reordering: packed, to: weight) : Primitive(reordering: weight, to: packed)
    }

    // MARK: Kinds

    convenience init(
        forward x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        addsInPlace: Bool, epilogue: Epilogue, out: Operand
    ) {
        let source = MemoryDescriptor(activation: x)
        let result = MemoryDescriptor(activation: out)
        let biasDescriptor = bias.map { MemoryDescriptor(lengths: [$0.elementCount], strides: [1], dtype: $0.dtype) }
        let addendDescriptor = addsInPlace ? nil : addend.map(MemoryDescriptor.init(activation:))
        let attributes = PrimitiveAttributes()
        if let addendDescriptor {
            attributes.appendAddition(of: addendDescriptor)
        } else if addsInPlace {
            attributes.appendSum()
        }
        attributes.append(epilogue)
        let descriptor = Self.forward(
            source, weight, x.dtype, biasDescriptor, geometry, result, attributes)
        self.init(
            descriptor: descriptor, weightQuery: dnnl_query_weights_md,
            weight: MemoryDescriptor(weight: weight, groups: geometry.groups), isGradient: false
        ) { packed in
            var arguments = [
                (index: DNNL_ARG_SRC_0, descriptor: source), (index: DNNL_ARG_WEIGHTS_0, descriptor: packed),
                (index: DNNL_ARG_DST_0, descriptor: result),
            ]
            if let biasDescriptor { arguments.append((DNNL_ARG_BIAS, biasDescriptor)) }
            if let addendDescriptor {
                arguments.append((DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1, addendDescriptor))
            }
            return arguments
        }
    }

    convenience init(inputGradient out: Operand, weight: Operand, geometry: ConvolutionGeometry, gradient: Operand) {
        let result = MemoryDescriptor(activation: out)
        let source = MemoryDescriptor(activation: gradient)
        let lengths = MemoryDescriptor.weightLengths(weight.shape, groups: geometry.groups)
        let any = MemoryDescriptor(anyLayout: lengths, dtype: gradient.dtype)
        let attributes = PrimitiveAttributes()
        let hint = Self.forward(result, weight, gradient.dtype, nil, geometry, source, attributes)
        defer { dnnl_primitive_desc_destroy(hint) }
        let window = OneDNNWindow(geometry.window)
        var descriptor: dnnl_primitive_desc_t?
        OneDNN.check(
            dnnl_convolution_backward_data_primitive_desc_create(
                &descriptor, OneDNN.engine, dnnl_convolution_direct, result.handle, any.handle, source.handle,
                window.stride, window.dilation, window.paddingBefore, window.paddingAfter, hint, attributes.handle),
            "convolution's input gradient")
        self.init(
            descriptor: descriptor!, weightQuery: dnnl_query_weights_md,
            weight: MemoryDescriptor(weight: weight, groups: geometry.groups), isGradient: false
        ) { packed in
            [(DNNL_ARG_DIFF_DST_0, source), (DNNL_ARG_WEIGHTS_0, packed), (DNNL_ARG_DIFF_SRC_0, result)]
        }
    }

    convenience init(
        weightGradient weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, gradient: Operand, x: Operand
    ) {
        let source = MemoryDescriptor(activation: x)
        let gradientDescriptor = MemoryDescriptor(activation: gradient)
        let lengths = MemoryDescriptor.weightLengths(weight.shape, groups: geometry.groups)
        let any = MemoryDescriptor(anyLayout: lengths, dtype: weight.dtype)
        let biasDescriptor = bias.map { MemoryDescriptor(lengths: [$0.elementCount], strides: [1], dtype: $0.dtype) }
        let attributes = PrimitiveAttributes()
        let hint = Self.forward(source, weight, x.dtype, nil, geometry, gradientDescriptor, attributes)
        defer { dnnl_primitive_desc_destroy(hint) }
        let window = OneDNNWindow(geometry.window)
        var descriptor: dnnl_primitive_desc_t?
        OneDNN.check(
            dnnl_convolution_backward_weights_primitive_desc_create(
                &descriptor, OneDNN.engine, dnnl_convolution_direct, source.handle, any.handle, biasDescriptor?.handle,
                gradientDescriptor.handle, window.stride, window.dilation, window.paddingBefore, window.paddingAfter,
                hint, attributes.handle),
            "convolution's weight gradient")
        self.init(
            descriptor: descriptor!, weightQuery: dnnl_query_diff_weights_md,
            weight: MemoryDescriptor(weight: weight, groups: geometry.groups), isGradient: true
        ) { packed in
            var arguments = [
                (index: DNNL_ARG_DIFF_DST_0, descriptor: gradientDescriptor),
                (index: DNNL_ARG_SRC_0, descriptor: source), (index: DNNL_ARG_DIFF_WEIGHTS_0, descriptor: packed),
            ]
            if let biasDescriptor { arguments.append((DNNL_ARG_DIFF_BIAS, biasDescriptor)) }
            return arguments
        }
    }

    /// What both the operator and, as a hint, its gradients need.
    private static func forward(
        _ source: MemoryDescriptor, _ weight: Operand, _ dtype: DType, _ bias: MemoryDescriptor?,
        _ geometry: ConvolutionGeometry, _ result: MemoryDescriptor, _ attributes: PrimitiveAttributes
    ) -> dnnl_primitive_desc_t {
        let lengths = MemoryDescriptor.weightLengths(weight.shape, groups: geometry.groups)
        let any = MemoryDescriptor(anyLayout: lengths, dtype: dtype)
        let window = OneDNNWindow(geometry.window)
        var descriptor: dnnl_primitive_desc_t?
        OneDNN.check(
            dnnl_convolution_forward_primitive_desc_create(
                &descriptor, OneDNN.engine, dnnl_forward_training, dnnl_convolution_direct, source.handle, any.handle,
                bias?.handle, result.handle, window.stride, window.dilation, window.paddingBefore,
                window.paddingAfter, attributes.handle),
            "convolution")
        return descriptor!
    }

    // MARK: Weights

    /// Calls `body` with the weight in the primitive's layout; `keepsCopy`: the copy is kept until the weight changes.
    func withPacked(_ weight: Operand, keepsCopy: Bool, _ body: (UnsafeMutableRawPointer) -> Void) {
        guard let conversion else { return body(weight.pointer) }
        if keepsCopy, let storage = weight.storage {
            let key = PackedWeight.Key(plan: ObjectIdentifier(self), offset: weight.pointer - storage.pointer)
            let copy = storage.derivedValues.value(for: key) {
                let copy = PackedWeight(byteCount: packedByteCount, plan: self)
                conversion.run([weight.pointer, copy.storage.pointer])
                return copy
            }
            body(copy.storage.pointer)
            withExtendedLifetime(copy) {}
        } else {
            CPUBackend.withTemporary(byteCount: packedByteCount) {
                conversion.run([weight.pointer, $0])
                body($0)
            }
        }
    }

    /// Calls `body` with memory for a gradient in the primitive's layout, then stores it as `weight`.
    func withUnpacked(_ weight: Operand, _ body: (UnsafeMutableRawPointer) -> Void) {
        guard let conversion else { return body(weight.pointer) }
        CPUBackend.withTemporary(byteCount: packedByteCount) {
            body($0)
            conversion.run([$0, weight.pointer])
        }
    }
}

/// A weight in the layout of one plan.
private final class PackedWeight: Sendable {
    /// The plan knows the weight's type, shape and strides.
    struct Key: Hashable, Sendable {
        let plan: ObjectIdentifier
        let offset: Int
    }

    let storage: Storage
    /// Kept alive, or another plan could take its key.
    let plan: ConvolutionPlan

    init(byteCount: Int, plan: ConvolutionPlan) {
        storage = CPUBackend.shared.allocate(byteCount: byteCount)
        self.plan = plan
    }
}

/// A window in oneDNN's terms, where dense is dilation 0.
struct OneDNNWindow {
    let stride, dilation, paddingBefore, paddingAfter: [Int64]

    init(_ window: WindowGeometry) {
        stride = window.stride.map(Int64.init)
        dilation = window.dilation.map { Int64($0 - 1) }
        paddingBefore = window.paddingBefore.map(Int64.init)
        paddingAfter = window.paddingAfter.map(Int64.init)
    }
}

extension MemoryDescriptor {
    /// A batch of pictures (or of signals, or of volumes).
    convenience init(activation operand: Operand) {
        let strides = operand.isChannelsLast ? operand.shape.channelsLastStrides : operand.strides
        self.init(lengths: Array(operand.shape), strides: Array(strides), dtype: operand.dtype)
    }

    /// A convolution's weight; with several groups the first axis is split into (groups, output channels of one).
    convenience init(weight operand: Operand, groups: Int) {
        let strides =
            operand.isContiguous
            ? operand.shape.rowMajorStrides
            : operand.isChannelsLast ? operand.shape.channelsLastStrides : operand.strides
        var steps = Array(strides)
        if groups > 1 { steps.insert(steps[0] * (operand.shape[0] / groups), at: 0) }
        self.init(
            lengths: Self.weightLengths(operand.shape, groups: groups), strides: steps, dtype: operand.dtype)
    }

    static func weightLengths(_ shape: Shape, groups: Int) -> [Int] {
        groups > 1 ? [groups, shape[0] / groups] + shape.dropFirst() : Array(shape)
    }
}
