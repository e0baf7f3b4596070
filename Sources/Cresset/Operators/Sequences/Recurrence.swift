// A recurrent layer as one operator: its steps are too small to be recorded individually.

/// What a recurrent layer computes with, besides the inputs' contribution to the gates.
package struct RecurrentLayer: Sendable {
    /// One step with recorded operators, for higher derivatives: the next state from the input's contribution, the
    /// previous state, the recurrent matrix and its bias.
    package typealias Step =
        @Sendable (_ projected: Tensor, _ state: [Tensor], _ weight: Tensor, _ bias: Tensor?)
        -> [Tensor]

    let kind: RecurrentKind
    /// The recurrent matrix, (gates · H, H).
    let weight: Tensor
    /// The bias added to its product, for GRUs only.
    let bias: Tensor?
    /// The states before the first step, (N, H): hidden, and for LSTMs cell.
    let state: [Tensor]
    /// Whether the steps are taken from the last to the first.
    let isReversed: Bool
    let step: Step

    /// Nil if the kernel cannot do it: for dtypes other than float32, and lengths that are not a multiple of 16.
    package init?(
        _ kind: RecurrentKind, weight: Tensor, bias: Tensor?, state: [Tensor], isReversed: Bool, step: @escaping Step
    ) {
        let length = weight.shape[1]
        guard length % 16 == 0, weight.shape == [kind.gates * length, length],
            state.count == (kind == .longShortTerm ? 2 : 1), bias == nil || kind == .gated,
            ([weight] + state + [bias].compactMap { $0 }).allSatisfy({ $0.dtype == .float32 })
        else { return nil }
        self.kind = kind
        self.weight = weight
        self.bias = bias
        self.state = state
        self.isReversed = isReversed
        self.step = step
    }

    /// The outputs of all steps, (T, N, H), and the state after the last.
    ///
    /// - Parameter projected: The inputs' contribution to the gates: (T, N, gates · H), float32.
    package func callAsFunction(_ projected: Tensor) -> (outputs: Tensor, state: [Tensor]) {
        let inputs = [projected, weight] + state + [bias].compactMap { $0 }
        for other in inputs { projected.require(sameDevice: other, "recurrent") }
        let isRecorded = recordsGradients && inputs.contains(where: \.requiresGradient)
        let shape: Shape = [projected.shape[0], projected.shape[1], weight.shape[1]]
        func memory(_ shape: Shape) -> Tensor { .uninitialized(shape, dtype: .float32, device: projected.device) }
        let saved = Saved(
            out: memory(shape),
            gates: isRecorded && kind.gates > 1 ? memory([shape[0], shape[1], 4 * shape[2]]) : nil,
            cells: kind == .longShortTerm ? memory(shape) : nil)
        MultiplyAddCounter.add(weight.shape[0], forEach: saved.out)
        projected.backend.recurrent(
            projected.detached().contiguous().operand, layer: operands, gates: saved.gates?.operand,
            cells: saved.cells?.operand, into: saved.out.operand)
        let last = isReversed ? 0 : shape[0] - 1
        let results = [saved.out] + [saved.out, saved.cells].compactMap { $0?.selected(axis: 0, index: last) }
        guard isRecorded else { return (results[0], Array(results.dropFirst())) }
        let recorded = Tensor.recorded("recurrent", results: results, inputs) { gradients in
            recordsGradients ? composedGradients(gradients, inputs) : fusedGradients(gradients, saved, inputs)
        }
        return (recorded[0], Array(recorded.dropFirst()))
    }

    /// What the backward pass needs from the forward pass.
    private struct Saved: Sendable {
        let out: Tensor
        let gates, cells: Tensor?
    }

    private var operands: RecurrentOperands {
        RecurrentOperands(
            kind: kind, weight: weight.detached().contiguous().operand, bias: bias?.detached().contiguous().operand,
            hidden: state[0].detached().contiguous().operand,
            cell: state.count > 1 ? state[1].detached().contiguous().operand : nil, isReversed: isReversed)
    }

    private func fusedGradients(_ gradients: [Tensor?], _ saved: Saved, _ inputs: [Tensor]) -> [Tensor?] {
        let (shape, device) = (saved.out.shape, saved.out.device)
        // The kernel changes the gradients of the states in place.
        let states = state.indices.map { i in
            let own = Tensor.zeros(state[i].shape, device: device)
            if let gradient = gradients[i + 1] { own.backend.copy(gradient.operand, to: own.operand) }
            return own
        }
        let projected = Tensor.uninitialized([shape[0], shape[1], weight.shape[0]], dtype: .float32, device: device)
        let product =
            kind == .gated ? Tensor.uninitialized(projected.shape, dtype: .float32, device: device) : projected
        let gradient = gradients[0]?.contiguous() ?? .zeros(shape, device: device)
        MultiplyAddCounter.add(weight.shape[0], forEach: saved.out)
        saved.out.backend.recurrentGradient(
            gradient.operand, layer: operands, states: saved.out.operand, gates: saved.gates?.operand,
            cells: saved.cells?.operand, hidden: states[0].operand, cell: states.count > 1 ? states[1].operand : nil,
            into: projected.operand, recurrent: product.operand)
        let weightGradient = weight.requiresGradient ? weightGradient(product, saved.out) : nil
        return [projected, weightGradient] + states + (bias == nil ? [] : [product.sum(axes: [0, 1])])
    }

    private func weightGradient(_ product: Tensor, _ out: Tensor) -> Tensor {
        // The state at the start of each step.
        let (steps, first) = (out.shape[0], state[0].detached().unsqueezed(at: 0))
        let before =
            isReversed
            ? Tensor.concatenated([out.narrowed(axis: 0, start: 1, count: steps - 1), first])
            : Tensor.concatenated([first, out.narrowed(axis: 0, start: 0, count: steps - 1)])
        return product.flattened(from: 0, to: 1).t.matmul(before.flattened(from: 0, to: 1))
    }

    /// The same with recorded operators, for higher derivatives.
    private func composedGradients(_ gradients: [Tensor?], _ inputs: [Tensor]) -> [Tensor?] {
        // Each input becomes an intermediate tensor of a separate computation, which is asked for its gradient.
        // Anything older belongs to the enclosing sweep.
        let floor = Node.nextSequence
        let own = inputs.map { $0 * 1 }
        var current = Array(own[2..<2 + state.count])
        let ownBias = bias == nil ? nil : own.last
        var outputs: [Tensor] = []
        let steps = own[0].unstacked(axis: 0)
        for input in isReversed ? steps.reversed() : steps {
            current = step(input, current, own[1], ownBias)
            outputs.append(current[0])
        }
        let results = [Tensor.stacked(isReversed ? outputs.reversed() : outputs)] + current
        var total = Tensor.zeros([], device: own[0].device)
        for (result, gradient) in zip(results, gradients) {
            if let gradient { total = total + (result * gradient).sum() }
        }
        let wanted = own.filter(\.requiresGradient)
        guard let edge = total.body.edge else { return own.map { _ in nil } }
        var sweep = Sweep(wanted: wanted, keepsTape: true, floor: floor)
        sweep.add(.ones(like: total), to: edge)
        sweep.run()
        return own.map { $0.requiresGradient ? sweep.result[$0] : nil }
    }
}
