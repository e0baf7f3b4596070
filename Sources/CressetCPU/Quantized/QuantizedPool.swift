import COneDNN
import CressetBackend

/// The largest of each window, of integers of 8 bits.
package final class QuantizedPool: Sendable {
    private let primitive: Primitive

    /// Compiles it for one shape; nil if oneDNN has none for it.
    ///
    /// - Parameters:
    ///   - x: The input's layout, int8 or uint8.
    ///   - window: The windows, which are not adaptive.
    ///   - out: The result's layout, of the same type.
    package init?(_ x: Operand, window: WindowGeometry, out: Operand) {
        if window.isAdaptive { return nil }
        let (source, result) = (MemoryDescriptor(activation: x), MemoryDescriptor(activation: out))
        let terms = OneDNNWindow(window), attributes = PrimitiveAttributes()
        var descriptor: dnnl_primitive_desc_t?
        let status = dnnl_pooling_forward_primitive_desc_create(
            &descriptor, OneDNN.engine, dnnl_forward_inference, dnnl_pooling_max, source.handle, result.handle,
            terms.stride, window.kernel.map(Int64.init), terms.dilation, terms.paddingBefore, terms.paddingAfter,
            attributes.handle)
        guard status == dnnl_success, let descriptor else { return nil }
        primitive = Primitive(
            descriptor: descriptor, arguments: [(DNNL_ARG_SRC_0, source), (DNNL_ARG_DST_0, result)])
    }

    package func run(_ x: Operand, into out: Operand) { primitive.run([x.pointer, out.pointer]) }
}
