import CressetBackend

/// A matrix product whose second matrix stays the same: a copy of it in the layout that is quickest to read.
///
/// A single row then takes as long as reading the matrix once from memory; its own layout takes up to twice as long.
package final class PackedProduct: Sendable {
    /// With the epilogue, and without it.
    private let fused, bare: MatmulPlan
    private let second: Storage
    private let epilogue: Epilogue

    /// Packs `b`; nil if its own layout is as good, or if oneDNN does not compute this type.
    ///
    /// - Parameters:
    ///   - a: The first matrix; only its type and layout count.
    ///   - b: The second matrix.
    ///   - bias: One number for each column; only its type counts.
    ///   - epilogue: The operation that follows in the same pass.
    ///   - out: The result; only its type and layout count.
    package init?(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, out: Operand) {
        guard a.dtype == .float32 || a.dtype == .bfloat16, !CPUBackend.shared.needsWidening(a),
            a.shape[a.shape.count - 1] > 0, out.elementCount > 0
        else { return nil }
        bare = MatmulPlan(a, b, bias: bias, epilogue: .none, out: out, packs: true)
        fused =
            epilogue == .none ? bare : MatmulPlan(a, b, bias: bias, epilogue: epilogue, out: out, packs: true)
        guard fused.packsLike(bare), let second = bare.packed(b) else { return nil }
        self.second = second
        self.epilogue = epilogue
    }

    package func run(_ a: Operand, bias: Operand?, into out: Operand) {
        CPUBackend.shared.withEpilogue(epilogue, of: out) {
            ($0 == .none ? bare : fused).run(a.pointer, second.pointer, bias?.pointer, out.pointer)
        }
    }
}
