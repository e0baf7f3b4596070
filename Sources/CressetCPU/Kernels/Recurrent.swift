import CKernels
import CressetBackend

extension CPUBackend {
    /// All steps of a recurrent layer.
    package func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand
    ) {
        var loops = cresset_recurrent(layer, gates: gates, cells: cells, states: out)
        // Without gradients, the weight will most likely be the same at the next call.
        let packed = gates == nil ? packed(layer, &loops) : nil
        loops.packed = packed.map { UnsafePointer($0.pointer.assumingMemoryBound(to: Float.self)) }
        cresset_recurrent_forward(&loops, projected.floats, out.floats)
        withExtendedLifetime(packed) {}
    }

    /// The recurrent matrix in the kernel's order, kept until it changes; nil if nothing could keep it.
    private func packed(_ layer: RecurrentOperands, _ loops: inout cresset_recurrent) -> Storage? {
        guard let storage = layer.weight.storage else { return nil }
        let key = PackedRecurrentWeight(view: StorageView(layer.weight, in: storage), gates: layer.kind.gates)
        return storage.derivedValues.value(for: key) {
            let count = Int(cresset_recurrent_packed_count(&loops))
            let copy = allocate(byteCount: count * MemoryLayout<Float>.stride)
            cresset_recurrent_pack(&loops, copy.pointer.assumingMemoryBound(to: Float.self))
            return copy
        }
    }

    /// The gradients of a recurrent layer.
    package func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand
    ) {
        var layer = cresset_recurrent(layer, gates: gates, cells: cells, states: states)
        cresset_recurrent_gradient(
            &layer, states.floats, gradient.floats, hidden.floats, cell?.floats, out.floats, recurrent.floats)
    }
}

extension cresset_recurrent {
    fileprivate init(_ layer: RecurrentOperands, gates: Operand?, cells: Operand?, states: Operand) {
        let operands = [layer.weight, layer.hidden, states] + [layer.bias, layer.cell, gates, cells].compactMap { $0 }
        mustHold(operands.allSatisfy(\.isContiguous), "recurrent: operands must be row-major")
        self.init(
            kind: layer.kind.rawValue, steps: Int64(states.shape[0]), batch: Int64(states.shape[1]),
            hidden: Int64(states.shape[2]), reversed: layer.isReversed, weight: layer.weight.floats,
            bias: layer.bias?.floats, first_hidden: layer.hidden.floats, first_cell: layer.cell?.floats,
            gates: gates?.floats, cells: cells?.floats, packed: nil)
    }
}

/// The key of a packed recurrent matrix.
private struct PackedRecurrentWeight: Hashable, Sendable {
    let view: StorageView
    let gates: Int
}
