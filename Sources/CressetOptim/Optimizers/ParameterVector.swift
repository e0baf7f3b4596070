import Cresset

/// All parameters as one vector.
struct ParameterVector {
    let parameters: [Parameter]
    /// -1 to maximise the loss: its negative is minimised.
    let sign: Double

    var value: Tensor {
        get { withoutGradients { Tensor.concatenated(parameters.map { $0.value.flattened() }) } }
        nonmutating set {
            var start = 0
            for parameter in parameters {
                let part = newValue.narrowed(axis: 0, start: start, count: parameter.elementCount)
                parameter.value = part.reshaped(parameter.shape).to(parameter.dtype)
                start += parameter.elementCount
            }
        }
    }

    func evaluate(_ loss: () throws -> Tensor) throws -> LossPoint {
        let result = try loss()
        let value = result.detached().item()
        let gradients = result.gradients()
        gradients.require(for: [ParameterGroup(parameters)], "LBFGS")
        let gradient = withoutGradients {
            Tensor.concatenated(
                parameters.map {
                    ($0.requiresGradient ? gradients[$0] : nil)?.flattened()
                        ?? .zeros([$0.elementCount], dtype: $0.dtype, device: $0.device)
                })
        }
        let exact = gradient.dtype == .bfloat16 ? gradient.to(.float32) : gradient
        return LossPoint(value: value * sign, gradient: sign < 0 ? -exact : exact)
    }
}

/// A loss and its gradient.
struct LossPoint {
    var value: Double
    var gradient: Tensor
}

extension Tensor {
    func dot(_ other: Tensor) -> Double { (self * other).sum().item() }
    var largest: Double { elementCount == 0 ? 0 : abs().amax().item() }
}
