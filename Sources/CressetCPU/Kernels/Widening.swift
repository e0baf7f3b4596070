import CKernels
import CressetBackend

/// bfloat16 on processors where oneDNN does not support it: computed in float32 and converted back.
extension CPUBackend {
    /// Whether an operator on this operand must be done in float32.
    @inline(__always)
    func needsWidening(_ operand: Operand) -> Bool { operand.dtype == .bfloat16 && !OneDNN.supportsBFloat16 }

    /// Calls `body` with float32 copies of all operands, then rounds the results into the originals.
    ///
    /// Operands that are float32 are passed unchanged.
    func inFloat32(
        _ inputs: [Operand?], results: [Operand?], _ body: (_ inputs: [Operand?], _ results: [Operand?]) -> Void
    ) {
        let wideInputs = inputs.map { $0.map { WideOperand($0, copiesElements: true) } }
        let wideResults = results.map { $0.map { WideOperand($0, copiesElements: false) } }
        body(wideInputs.map { $0?.operand }, wideResults.map { $0?.operand })
        for result in wideResults { result?.store() }
        withExtendedLifetime(wideInputs) {}
    }
}

/// A float32 tensor of the shape of a bfloat16 one; dense, in the same order if that one is dense.
private final class WideOperand {
    let operand: Operand
    private let original: Operand
    private let storage: Storage?

    init(_ original: Operand, copiesElements: Bool) {
        self.original = original
        guard original.dtype == .bfloat16 else {
            operand = original
            storage = nil
            return
        }
        let storage = CPUBackend.shared.allocate(byteCount: original.elementCount * 4)
        let layout = ActivationLayout(original)
        if copiesElements {
            layout.read(original) {
                cresset_widen_all(
                    $0, Int64(original.elementCount), storage.pointer.assumingMemoryBound(to: Float.self))
            }
        }
        self.storage = storage
        operand = Operand(
            pointer: storage.pointer, dtype: .float32, shape: original.shape,
            strides: layout.isChannelsLast ? original.shape.channelsLastStrides : original.shape.rowMajorStrides)
    }

    /// Rounds the elements to the original.
    func store() {
        guard let storage else { return }
        let count = original.elementCount
        let floats = storage.pointer.assumingMemoryBound(to: Float.self)
        if ActivationLayout(original).matches(original) {
            cresset_narrow_all(floats, Int64(count), original.pointer)
            return
        }
        CPUBackend.withTemporary(byteCount: count * 2) {
            cresset_narrow_all(floats, Int64(count), $0)
            let axes = original.shape.indices.sorted { operand.strides[$0] > operand.strides[$1] }
            cresset_spread(
                $0, Int32(axes.count), axes.map { Int64(original.shape[$0]) },
                axes.map { Int64(original.strides[$0]) }, 2, original.pointer)
        }
    }
}
