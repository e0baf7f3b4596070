import COneDNN
import CressetBackend

/// A convolution of integers of 8 bits, for one shape: products are added up as integers, the sum is scaled, and bias,
/// addend and activation follow in float32.
package final class QuantizedConvolution: Sendable {
    private let primitive: Primitive
    private let weight, scales: Storage
    private let bias: Storage?
    /// Where the scales are, in floats: that of the input, those of the weight, that of the result.
    private let places: (weight: Int, result: Int)
    private let isScaled: Bool

    /// Quantizes a weight and compiles the convolution; nil if oneDNN has no fast one.
    ///
    /// - Parameters:
    ///   - x: The input's layout.
    ///   - input: The input's scale.
    ///   - weight: The weight, float32; its scales are those of its output channels.
    ///   - bias: A number for each output channel, float32; nil for none.
    ///   - geometry: The convolution's geometry.
    ///   - addend: The scale of what the result's memory holds before and is added; nil for nothing.
    ///   - epilogue: What is applied last.
    ///   - out: The result's layout.
    ///   - output: The result's scale; nil for a result in float32.
    package init?(
        _ x: Operand, input: QuantizedScale, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry,
        addend: QuantizedScale?, epilogue: Epilogue, out: Operand, output: QuantizedScale?
    ) {
        if epilogue != .none, OneDNNActivation(epilogue) == nil { return nil }
        var (source, result) = (x, out)
        (source.dtype, result.dtype) = (input.dtype, output?.dtype ?? .float32)
        let quantized = QuantizedWeight(weight)
        let channels = quantized.steps.count
        let descriptors = (
            x: MemoryDescriptor(activation: source), out: MemoryDescriptor(activation: result),
            bias: bias.map { _ in MemoryDescriptor(lengths: [channels], strides: [1], dtype: .float32) }
        )
        let attributes = PrimitiveAttributes()
        attributes.setScales(of: DNNL_ARG_SRC, mask: 0)
        attributes.setScales(of: DNNL_ARG_WEIGHTS, mask: geometry.groups > 1 ? 3 : 1)
        if output != nil { attributes.setScales(of: DNNL_ARG_DST, mask: 0) }
        if let addend { attributes.appendSum(scale: addend.step, dtype: addend.dtype) }
        attributes.append(epilogue)
        guard
            let descriptor = Self.descriptor(
                descriptors.x, quantized.operand, descriptors.bias, geometry, descriptors.out, attributes)
        else { return nil }
        let packed = MemoryDescriptor(copying: dnnl_primitive_desc_query_md(descriptor, dnnl_query_weights_md, 0))
        let one = MemoryDescriptor(lengths: [1], strides: [1], dtype: .float32)
        let each = MemoryDescriptor(lengths: [channels], strides: [1], dtype: .float32)
        var arguments = [
            (index: DNNL_ARG_SRC_0, descriptor: descriptors.x), (DNNL_ARG_WEIGHTS_0, packed),
            (DNNL_ARG_DST_0, descriptors.out), (DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC_0, one),
            (DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS_0, each),
        ]
        if output != nil { arguments.append((DNNL_ARG_ATTR_SCALES | DNNL_ARG_DST_0, one)) }
        if let bias = descriptors.bias { arguments.append((DNNL_ARG_BIAS, bias)) }
        primitive = Primitive(descriptor: descriptor, arguments: arguments)
        self.weight = quantized.packed(into: packed, groups: geometry.groups)
        self.bias = bias.map { Self.copy($0, count: channels) }
        isScaled = output != nil
        // Each on a line of its own, where vectors may begin.
        places = (16, 16 + (channels + 15) / 16 * 16)
        scales = CPUBackend.shared.allocate(byteCount: (places.result + 16) * MemoryLayout<Float>.stride)
        let floats = scales.pointer.assumingMemoryBound(to: Float.self)
        floats[0] = input.step
        for (channel, step) in quantized.steps.enumerated() { floats[places.weight + channel] = step }
        floats[places.result] = output?.step ?? 1
    }

    private static func descriptor(
        _ x: MemoryDescriptor, _ weight: Operand, _ bias: MemoryDescriptor?, _ geometry: ConvolutionGeometry,
        _ out: MemoryDescriptor, _ attributes: PrimitiveAttributes
    ) -> dnnl_primitive_desc_t? {
        let any = MemoryDescriptor(
            anyLayout: MemoryDescriptor.weightLengths(weight.shape, groups: geometry.groups), dtype: .int8)
        let window = OneDNNWindow(geometry.window)
        var descriptor: dnnl_primitive_desc_t?
        let status = dnnl_convolution_forward_primitive_desc_create(
            &descriptor, OneDNN.engine, dnnl_forward_inference, dnnl_convolution_direct, x.handle, any.handle,
            bias?.handle, out.handle, window.stride, window.dilation, window.paddingBefore, window.paddingAfter,
            attributes.handle)
        guard status == dnnl_success, let descriptor else { return nil }
        // The reference implementation is slower than float32.
        if OneDNN.implementation(of: descriptor).hasPrefix("ref") {
            dnnl_primitive_desc_destroy(descriptor)
            return nil
        }
        return descriptor
    }

    private static func copy(_ bias: Operand, count: Int) -> Storage {
        let copy = CPUBackend.shared.allocate(byteCount: count * MemoryLayout<Float>.stride)
        let floats = copy.pointer.assumingMemoryBound(to: Float.self)
        for i in 0..<count { floats[i] = bias.floats[i * bias.strides[0]] }
        return copy
    }

    /// Computes; with an addend, `out` holds it before.
    package func run(_ x: Operand, into out: Operand) {
        let floats = scales.pointer.assumingMemoryBound(to: Float.self)
        let input = UnsafeMutableRawPointer(floats), steps = UnsafeMutableRawPointer(floats + places.weight)
        let result = UnsafeMutableRawPointer(floats + places.result)
        switch (isScaled, bias) {
        case (true, let bias?):
            primitive.run([x.pointer, weight.pointer, out.pointer, input, steps, result, bias.pointer])
        case (true, nil): primitive.run([x.pointer, weight.pointer, out.pointer, input, steps, result])
        case (false, let bias?): primitive.run([x.pointer, weight.pointer, out.pointer, input, steps, bias.pointer])
        case (false, nil): primitive.run([x.pointer, weight.pointer, out.pointer, input, steps])
        }
    }
}

/// A weight as integers, row-major, with a step for each output channel.
private struct QuantizedWeight {
    let operand: Operand
    let steps: [Float]

    init(_ weight: Operand) {
        let shape = weight.shape
        let storage = CPUBackend.shared.allocate(byteCount: shape.elementCount)
        operand = Operand(
            pointer: storage.pointer, dtype: .int8, shape: shape, strides: shape.rowMajorStrides, storage: storage)
        let count = shape.elementCount / shape[0]
        // Row-major, in float32.
        var row = [Float](repeating: 0, count: count)
        var steps: [Float] = []
        let levels: Float = OneDNN.hasInt8Instructions ? 127 : 63
        for channel in 0..<shape[0] {
            Self.read(weight, channel, into: &row)
            let step = max(row.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude * 256) / levels
            steps.append(step)
            let bytes = (storage.pointer + channel * count).assumingMemoryBound(to: Int8.self)
            for i in 0..<count { bytes[i] = Int8(max(-levels, min(levels, (row[i] / step).rounded(.toNearestOrEven)))) }
        }
        self.steps = steps
    }

    /// The weights of one output channel, in row-major order.
    private static func read(_ weight: Operand, _ channel: Int, into row: inout [Float]) {
        let base = weight.floats + channel * weight.strides[0]
        var position = [Int](repeating: 0, count: weight.shape.count)
        for i in row.indices {
            var offset = 0
            for axis in 1..<weight.shape.count { offset += position[axis] * weight.strides[axis] }
            row[i] = base[offset]
            for axis in stride(from: weight.shape.count - 1, through: 1, by: -1) {
                position[axis] += 1
                if position[axis] < weight.shape[axis] { break }
                position[axis] = 0
            }
        }
    }

    /// The weight in the layout that a primitive wants.
    func packed(into descriptor: MemoryDescriptor, groups: Int) -> Storage {
        let storage = CPUBackend.shared.allocate(byteCount: descriptor.byteCount)
        let conversion = Primitive(reordering: MemoryDescriptor(weight: operand, groups: groups), to: descriptor)
        conversion.run([operand.pointer, storage.pointer])
        return storage
    }
}
