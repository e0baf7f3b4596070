import Cresset

extension RecurrentCell {
    /// All steps of one layer and direction with a kernel of the backend; nil if there is none for these tensors.
    ///
    /// The kernel takes sixteen units at a time. Missing units are added with weights of zero: they stay at zero, and
    /// so do the gradients of their weights.
    func fusedWalk(
        _ sequence: Tensor, _ weights: RecurrentTensors, from state: [Tensor], isReversed: Bool
    ) -> (outputs: Tensor, state: [Tensor])? {
        guard sequence.dtype == .float32, weights.input.dtype == .float32, weights.projection == nil else { return nil }
        let length = weights.hidden.shape[1]
        let missing = (16 - length % 16) % 16
        let whole = missing == 0 ? weights : weights.padded(gates: gates, by: missing)
        let cell = self
        let layer = RecurrentLayer(
            kind, weight: whole.hidden, bias: kind == .gated ? whole.hiddenBias : nil,
            state: missing == 0 ? state : state.map { $0.padded([0, missing]) }, isReversed: isReversed
        ) { projected, state, weight, bias in
            cell.step(
                projected, state,
                RecurrentTensors(input: whole.input, hidden: weight, inputBias: nil, hiddenBias: bias, projection: nil))
        }
        guard let walked = layer?(project(sequence, whole)) else { return nil }
        if missing == 0 { return walked }
        func cut(_ x: Tensor) -> Tensor { x.narrowed(axis: -1, start: 0, count: length) }
        return (cut(walked.outputs), walked.state.map(cut))
    }
}

extension RecurrentTensors {
    /// The same with `count` additional units that do nothing.
    fileprivate func padded(gates: Int, by count: Int) -> RecurrentTensors {
        let length = hidden.shape[1]
        func rows(_ x: Tensor) -> Tensor {
            let width = x.elementCount / (gates * length)
            return x.reshaped([gates, length, width]).padded([0, 0, 0, count])
                .reshaped(x.rank == 1 ? [gates * (length + count)] : [gates * (length + count), width])
        }
        return RecurrentTensors(
            input: rows(input), hidden: rows(hidden).padded([0, count]), inputBias: inputBias.map(rows),
            hiddenBias: hiddenBias.map(rows), projection: nil)
    }
}
