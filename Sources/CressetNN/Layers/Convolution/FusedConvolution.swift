import Cresset

extension Convolution {
    /// Convolution, batch normalisation, an addition and an activation, as in residual networks.
    ///
    /// The result is that of applying the four in sequence. When nothing is recorded for gradients (evaluation without
    /// gradients, or a frozen body) the normalisation is folded into the weights, and everything is one pass over memory
    /// for activations that the device can append: on the CPU all common ones, on a GPU ``ReLU``. Otherwise the
    /// normalisation, the addition and a rectifier are one pass.
    ///
    /// - Parameters:
    ///   - x: The input.
    ///   - norm: A batch normalisation that follows; nil for none.
    ///   - addend: A tensor that is added before the activation; nil for none.
    ///   - activation: The activation applied last; nil for none.
    public func callAsFunction(
        _ x: Tensor, norm: BatchNormalization<axes>?, adding addend: Tensor? = nil, activation: (any Layer)? = nil
    ) -> Tensor {
        guard ForwardHook.current == nil, x.rank == axes + 2, paddingMode == .zeros, let epilogue = activation.epilogue
        else { return inSequence(x, norm, addend, activation) }
        if isFixed(x, norm, addend), x.dtype == weight.value.dtype || autocastDType != nil,
            let (weight, bias) = norm == nil
                ? (self.weight.value, self.bias?.value)
                : norm!.usesBatch ? nil : norm!.folded(into: self.weight, self.bias)
        {
            return x.fusedConvolution(weight: weight, bias: bias, window(over: x), adding: addend, activation: epilogue)
        }
        guard norm == nil, addend == nil else { return inSequence(x, norm, addend, activation) }
        return x.convolution(weight: weight.value, bias: bias?.value, window(over: x), activation: epilogue)
    }

    private func inSequence(
        _ x: Tensor, _ norm: BatchNormalization<axes>?, _ addend: Tensor?, _ activation: (any Layer)?
    ) -> Tensor {
        if let norm { return norm(self(x), adding: addend, activation: activation) }
        let sum = addend.map { self(x) + $0 } ?? self(x)
        return activation?(sum) ?? sum
    }

    /// Whether nothing of a call is recorded for gradients.
    private func isFixed(_ x: Tensor, _ norm: BatchNormalization<axes>?, _ addend: Tensor?) -> Bool {
        !recordsGradients
            || !(x.requiresGradient || addend?.requiresGradient == true || weight.requiresGradient
                || bias?.requiresGradient == true || norm?.hasTrainableParameters == true)
    }
}

extension Convolution: AbsorbingLayer {
    package func absorbing(_ next: ArraySlice<any Layer>) -> (count: Int, call: (Tensor) -> Tensor)? {
        let norm = next.first as? BatchNormalization<axes>
        let activation = next.dropFirst(norm == nil ? 0 : 1).first as? any PointwiseActivation
        let count = (norm == nil ? 0 : 1) + (activation == nil ? 0 : 1)
        return count == 0 ? nil : (count, { self($0, norm: norm, activation: activation) })
    }
}
