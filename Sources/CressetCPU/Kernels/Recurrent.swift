import CKernels
import CressetBackend

extension CPUBackend {
    /// All steps of a layer of long short-term memory.
    public func longShortTerm(
        _ projected: Operand, layer: LongShortTermOperands, gates: Operand?, cells: Operand, into out: Operand
    ) {
        var layer = cresset_lstm(layer, gates: gates, cells: cells)
        cresset_lstm_forward(&layer, projected.floats, out.floats)
    }

    /// The gradients of a layer of long short-term memory.
    public func longShortTermGradient(
        _ gradient: Operand, layer: LongShortTermOperands, gates: Operand, cells: Operand, hidden: Operand,
        cell: Operand, into out: Operand
    ) {
        var layer = cresset_lstm(layer, gates: gates, cells: cells)
        cresset_lstm_gradient(&layer, gradient.floats, hidden.floats, cell.floats, out.floats)
    }
}

extension cresset_lstm {
    fileprivate init(_ layer: LongShortTermOperands, gates: Operand?, cells: Operand) {
        precondition(
            cells.isContiguous && layer.weight.isContiguous && layer.hidden.isContiguous && layer.cell.isContiguous,
            "longShortTerm: operands must be row-major")
        self.init(
            steps: Int64(cells.shape[0]), batch: Int64(cells.shape[1]), hidden: Int64(cells.shape[2]),
            reversed: layer.isReversed, weight: layer.weight.floats, first_hidden: layer.hidden.floats,
            first_cell: layer.cell.floats, gates: gates?.floats, cells: cells.floats)
    }
}

extension Operand {
    fileprivate var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
}
