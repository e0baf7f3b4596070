import CKernels
import CressetBackend

/// How a kernel sees a batch of activations (batch, channels, spatial…): channels-last or row-major, without gaps.
///
/// Operands in any other layout are copied for the call.
struct ActivationLayout {
    let shape: Shape
    let dtype: DType
    let isChannelsLast: Bool

    /// The layout that suits `x`: its own, or channels-last if it has neither.
    init(_ x: Operand) {
        shape = x.shape
        dtype = x.dtype
        isChannelsLast = x.isChannelsLast || x.shape.count < 3 || !x.isContiguous
    }

    init(channelsLast shape: Shape, dtype: DType) {
        self.shape = shape
        self.dtype = dtype
        isChannelsLast = true
    }

    func matches(_ operand: Operand) -> Bool {
        isChannelsLast && shape.count >= 3 ? operand.isChannelsLast : operand.isContiguous
    }

    /// Calls `body` with the operand's elements in this layout.
    @inline(__always)
    func read<R>(_ operand: Operand, _ body: (UnsafeMutableRawPointer) -> R) -> R {
        if matches(operand) { return body(operand.pointer) }
        return CPUBackend.withTemporary(byteCount: shape.elementCount * dtype.itemSize) {
            // Row-major over the axes in the order in which they are to be stored.
            var axes = Array(0..<shape.count)
            if isChannelsLast && axes.count >= 3 { axes.append(axes.remove(at: 1)) }
            cresset_make_dense(
                operand.pointer, Int32(axes.count), axes.map { Int64(operand.shape[$0]) },
                axes.map { Int64(operand.strides[$0]) }, Int32(dtype.itemSize), $0)
            return body($0)
        }
    }

    @inline(__always)
    func read<R>(optional operand: Operand?, _ body: (UnsafeMutableRawPointer?) -> R) -> R {
        guard let operand else { return body(nil) }
        return read(operand) { body($0) }
    }
}
