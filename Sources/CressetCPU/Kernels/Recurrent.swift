import CKernels
import CressetBackend

extension CPUBackend {
    /// All steps of a recurrent layer.
    package func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand
    ) {
        var layer = cresset_recurrent(layer, gates: gates, cells: cells, states: out)
        cresset_recurrent_forward(&layer, projected.floats, out.floats)
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
            gates: gates?.floats, cells: cells?.floats)
    }
}
