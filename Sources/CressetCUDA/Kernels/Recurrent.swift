import CCUDA
import CressetBackend

// A step is a matrix product and one kernel for the rest.
extension CUDABackend {
    /// All steps of a recurrent layer.
    package func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand
    ) {
        let walk = RecurrentWalk(layer, projected: projected, states: out, gates: gates, cells: cells)
        if walk.isEmpty { return }
        let kernel = kernel("recurrent_forward", layer.kind)
        withTemporary(byteCount: walk.batch * walk.width * 4) { memory in
            let product = walk.matrix(memory, walk.width)
            var parameters = cresset_recurrent_step()
            parameters.product = Int64(Int(bitPattern: memory))
            parameters.bias = walk.address(layer.bias, 0)
            parameters.count = Int32(walk.batch * walk.length)
            parameters.length = Int32(walk.length)
            for step in 0..<walk.steps {
                let (before, time) = (walk.time(step - 1), walk.time(step))
                let state = step == 0 ? layer.hidden : walk.rows(out, before)
                matmul(state, walk.transposedWeight, bias: nil, epilogue: .none, into: product)
                parameters.projected = walk.address(projected, time)
                parameters.hidden_before = walk.address(state, 0)
                parameters.cells_before = step == 0 ? walk.address(layer.cell, 0) : walk.address(cells, before)
                parameters.hidden = walk.address(out, time)
                parameters.cells = walk.address(cells, time)
                parameters.gates = walk.address(gates, time)
                launch(kernel, grid: walk.blocks, block: 128, parameters)
            }
        }
    }

    /// The gradients of a recurrent layer.
    package func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand
    ) {
        let walk = RecurrentWalk(layer, projected: out, states: states, gates: gates, cells: cells)
        mustHold(
            [gradient, hidden, recurrent].allSatisfy(\.isContiguous) && cell?.isContiguous ?? true,
            "recurrent: gradients must be row-major")
        if walk.isEmpty { return }
        let kernel = kernel("recurrent_backward", layer.kind)
        // In GRUs part of the gradient bypasses the matrix: it waits in `hidden` for the product.
        let isGated = layer.kind == .gated
        withTemporary(byteCount: isGated ? walk.batch * walk.length * 4 : 0) { memory in
            let product = isGated ? walk.matrix(memory, walk.length) : hidden
            var parameters = cresset_recurrent_back_step()
            parameters.hidden_gradient = walk.address(hidden, 0)
            parameters.cell_gradient = walk.address(cell, 0)
            parameters.count = Int32(walk.batch * walk.length)
            parameters.length = Int32(walk.length)
            for step in (0..<walk.steps).reversed() {
                let (before, time) = (walk.time(step - 1), walk.time(step))
                parameters.gradient = walk.address(gradient, time)
                parameters.hidden_before = step == 0 ? walk.address(layer.hidden, 0) : walk.address(states, before)
                parameters.cells_before = step == 0 ? walk.address(layer.cell, 0) : walk.address(cells, before)
                parameters.hidden = walk.address(states, time)
                parameters.cells = walk.address(cells, time)
                parameters.gates = walk.address(gates, time)
                parameters.projected_gradient = walk.address(out, time)
                parameters.recurrent_gradient = walk.address(recurrent, time)
                launch(kernel, grid: walk.blocks, block: 128, parameters)
                matmul(walk.rows(recurrent, time), layer.weight, bias: nil, epilogue: .none, into: product)
                if isGated { parameters.product = Int64(Int(bitPattern: memory)) }
            }
            if isGated {
                launch(self.kernel("recurrent_finish", layer.kind), grid: walk.blocks, block: 128, parameters)
            }
        }
    }

    private func kernel(_ entry: StaticString, _ kind: RecurrentKind) -> Kernel {
        kernel(.recurrent, entry, variant: Int(kind.rawValue), defines: ["KIND=\(kind.rawValue)"])
    }
}

/// The lengths of a recurrent layer, and where the parts of its steps are.
private struct RecurrentWalk {
    let steps: Int
    let batch: Int
    let length: Int
    /// The columns of the gates together.
    let width: Int
    let isReversed: Bool
    /// (H, gates · H), the transposed recurrent matrix.
    let transposedWeight: Operand

    init(_ layer: RecurrentOperands, projected: Operand, states: Operand, gates: Operand?, cells: Operand?) {
        for operand in [projected, layer.weight, layer.hidden, states, layer.bias, layer.cell, gates, cells] {
            mustHold(
                operand.map { $0.isContiguous && $0.dtype == .float32 } ?? true,
                "recurrent: operands must be row-major and float32")
        }
        (steps, batch, length) = (states.shape[0], states.shape[1], states.shape[2])
        width = layer.kind.gates * length
        isReversed = layer.isReversed
        transposedWeight = Operand(
            pointer: layer.weight.pointer, dtype: .float32, shape: [length, width], strides: [1, length],
            storage: layer.weight.storage)
        mustHold(batch * length <= Int(Int32.max), "recurrent: \(batch) sequences of \(length) units are too many")
    }

    var isEmpty: Bool { steps * batch * length == 0 }
    var blocks: Int { (batch * length + 127) / 128 }

    /// The time index of step number `step`.
    func time(_ step: Int) -> Int { isReversed ? steps - 1 - step : step }

    /// A matrix with one row per sequence.
    func matrix(_ pointer: UnsafeMutableRawPointer, _ columns: Int, storage: Storage? = nil) -> Operand {
        Operand(
            pointer: pointer, dtype: .float32, shape: [batch, columns], strides: [columns, 1], storage: storage)
    }

    /// The rows of one step of (T, N, columns).
    func rows(_ operand: Operand, _ time: Int) -> Operand {
        let columns = operand.shape[2]
        return matrix(operand.pointer + time * batch * columns * 4, columns, storage: operand.storage)
    }

    /// The address of the rows of one step; 0 if there is no such operand.
    func address(_ operand: Operand?, _ time: Int) -> Int64 {
        guard let operand else { return 0 }
        let rows = operand.shape.count == 3 ? batch * operand.shape[2] : 0
        return Int64(Int(bitPattern: operand.pointer + time * rows * 4))
    }
}
