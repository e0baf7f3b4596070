// A layer of long short-term memory as one operator: its steps are too small to be recorded one by one.

/// What a layer of long short-term memory computes with, beside what its inputs contribute to the gates.
package struct LongShortTermLayer: Sendable {
    /// The recurrent matrix, (4 H, H).
    let weight: Tensor
    /// The states before the first step, (N, H).
    let hidden, cell: Tensor
    /// Whether the steps are taken from the last to the first.
    let isReversed: Bool

    /// Nil where the fused kernel does not do it: for other dtypes than float32, and lengths that 16 does not divide.
    package init?(weight: Tensor, hidden: Tensor, cell: Tensor, isReversed: Bool) {
        guard weight.dtype == .float32, hidden.dtype == .float32, cell.dtype == .float32, weight.shape[1] % 16 == 0,
            weight.shape == [4 * weight.shape[1], weight.shape[1]], hidden.shape == cell.shape
        else { return nil }
        self.weight = weight
        self.hidden = hidden
        self.cell = cell
        self.isReversed = isReversed
    }

    /// The outputs of all steps, (T, N, H), and the hidden and cell state after the last.
    ///
    /// - Parameter projected: What the inputs contribute to the gates i, f, g, o: (T, N, 4 H), float32.
    package func callAsFunction(_ projected: Tensor) -> (output: Tensor, hidden: Tensor, cell: Tensor) {
        let inputs = [projected, weight, hidden, cell]
        let isRecorded = recordsGradients && inputs.contains(where: \.requiresGradient)
        let shape: Shape = [projected.shape[0], projected.shape[1], weight.shape[1]]
        let out = Tensor.uninitialized(shape, dtype: .float32, device: projected.device)
        let cells = Tensor.uninitialized(shape, dtype: .float32, device: projected.device)
        let gates =
            isRecorded ? Tensor.uninitialized(projected.shape, dtype: .float32, device: projected.device) : nil
        projected.backend.longShortTerm(
            projected.detached().contiguous().operand, layer: operands, gates: gates?.operand, cells: cells.operand,
            into: out.operand)
        let last = isReversed ? 0 : shape[0] - 1
        let results = [out, out.selected(axis: 0, index: last), cells.selected(axis: 0, index: last)]
        guard let gates else { return (results[0], results[1], results[2]) }
        let recorded = Tensor.recorded("longShortTerm", results: results, inputs) { gradients in
            recordsGradients
                ? composedGradients(gradients, inputs)
                : fusedGradients(gradients, Saved(out: out, gates: gates, cells: cells), inputs)
        }
        return (recorded[0], recorded[1], recorded[2])
    }

    /// What the way back needs of the way there.
    private struct Saved: Sendable {
        let out, gates, cells: Tensor
    }

    private var operands: LongShortTermOperands {
        LongShortTermOperands(
            weight: weight.detached().contiguous().operand, hidden: hidden.detached().contiguous().operand,
            cell: cell.detached().contiguous().operand, isReversed: isReversed)
    }

    private func fusedGradients(_ gradients: [Tensor?], _ saved: Saved, _ inputs: [Tensor]) -> [Tensor?] {
        let (steps, batch, length) = (saved.out.shape[0], saved.out.shape[1], saved.out.shape[2])
        // The kernel changes the gradients of the states in place.
        func ownState(_ gradient: Tensor?) -> Tensor {
            let own = Tensor.zeros([batch, length], device: saved.out.device)
            if let gradient { own.backend.copy(gradient.operand, to: own.operand) }
            return own
        }
        let (hiddenGradient, cellGradient) = (ownState(gradients[1]), ownState(gradients[2]))
        let gateGradient = Tensor.uninitialized(saved.gates.shape, dtype: .float32, device: saved.out.device)
        let gradient = gradients[0]?.contiguous() ?? .zeros(saved.out.shape, device: saved.out.device)
        saved.out.backend.longShortTermGradient(
            gradient.operand, layer: operands, gates: saved.gates.operand, cells: saved.cells.operand,
            hidden: hiddenGradient.operand, cell: cellGradient.operand, into: gateGradient.operand)
        var weightGradient: Tensor?
        if inputs[1].requiresGradient {
            // The state that each step began with.
            let first = hidden.detached().unsqueezed(at: 0)
            let before =
                isReversed
                ? Tensor.concatenated([saved.out.narrowed(axis: 0, start: 1, count: steps - 1), first])
                : Tensor.concatenated([first, saved.out.narrowed(axis: 0, start: 0, count: steps - 1)])
            weightGradient = gateGradient.reshaped([steps * batch, 4 * length]).t
                .matmul(before.reshaped([steps * batch, length]))
        }
        return [gateGradient, weightGradient, hiddenGradient, cellGradient]
    }

    /// The same by recorded operators, for derivatives of derivatives.
    private func composedGradients(_ gradients: [Tensor?], _ inputs: [Tensor]) -> [Tensor?] {
        // Each input as a tensor inside a computation of its own, which its gradient is asked of.
        let own = inputs.map { $0 * 1 }
        var state = (hidden: own[2], cell: own[3])
        var outputs: [Tensor] = []
        let steps = own[0].unstacked(axis: 0)
        for step in isReversed ? steps.reversed() : steps {
            let gates = (step + state.hidden.linear(weight: own[1])).chunked(4, axis: -1)
            state.cell = gates[1].sigmoid() * state.cell + gates[0].sigmoid() * gates[2].tanh()
            state.hidden = gates[3].sigmoid() * state.cell.tanh()
            outputs.append(state.hidden)
        }
        let results = [Tensor.stacked(isReversed ? outputs.reversed() : outputs), state.hidden, state.cell]
        var total = Tensor.zeros([], device: own[0].device)
        for (result, gradient) in zip(results, gradients) {
            if let gradient { total = total + (result * gradient).sum() }
        }
        let wanted = own.filter(\.requiresGradient)
        let found = total.gradients(withRespectTo: wanted, createsGraph: true)
        return own.map { $0.requiresGradient ? found[$0] : nil }
    }
}
