import CressetBackend

// Activations that another operator may compute in its own pass.

extension Tensor {
    /// Whether this tensor's device computes `epilogue` in the same pass as an operator of this kind.
    package func fuses(_ epilogue: Epilogue, after operation: FusibleOperation) -> Bool {
        epilogue == .none || backend.supports(epilogue, after: operation)
    }

    /// Whether an operator on `inputs` may compute `epilogue` in its own pass: the device can, and a gradient, if one is
    /// recorded, does not need what was there before it.
    func takes(_ epilogue: Epilogue, after operation: FusibleOperation, recording inputs: [Tensor]) -> Bool {
        if epilogue == .none { return true }
        guard dtype.isFloatingPoint, backend.supports(epilogue, after: operation) else { return false }
        return epilogue.followsFromResult || !Mode.current.records || !inputs.contains(where: \.requiresGradient)
    }

    /// What `epilogue` does, as an operator of its own.
    package func applying(_ epilogue: Epilogue) -> Tensor {
        guard case .pointwise(let op, let a, let b) = epilogue else { return self }
        switch op {
        case .relu: return relu()
        case .leakyReLU: return leakyReLU(slope: a)
        case .elu: return elu(alpha: a)
        case .selu: return selu()
        case .gelu: return gelu()
        case .geluTanh: return gelu(approximation: .tanh)
        case .silu: return silu()
        case .mish: return mish()
        case .softplus: return softplus(beta: a, threshold: b)
        case .hardswish: return hardswish()
        case .hardsigmoid: return hardsigmoid()
        case .clamp: return hardtanh(min: a, max: b)
        case .sigmoid: return sigmoid()
        case .tanh: return tanh()
        case .logSigmoid: return logSigmoid()
        default: fail("applying", "\(op) is no activation")
        }
    }

    /// This gradient of a result with `epilogue`, as that of what was there before it. Only for those whose derivative
    /// ``Epilogue/followsFromResult``.
    func gradient(before epilogue: Epilogue, of result: Tensor) -> Tensor {
        guard case .pointwise(let op, let a, let b) = epilogue else { return self }
        switch op {
        case .relu: return rectified(by: result)
        case .clamp: return Tensor.select((result .> a) .& (result .< b), self, 0)
        case .sigmoid:
            return recordsGradients
                ? self * result * (1 - result) : .pointwise(.sigmoidGradient, self, result)
        case .tanh:
            return recordsGradients ? self * (1 - result * result) : .pointwise(.tanhGradient, self, result)
        default: fail("gradient", "the derivative of \(op) does not follow from its result")
        }
    }
}

extension Tensor {
    /// The same from what was there before `epilogue`, of any epilogue, with recorded operators. Traps unless `x` was computed
    /// from something that requires a gradient.
    func gradient(before epilogue: Epilogue, at x: Tensor) -> Tensor {
        let result = x.applying(epilogue)
        if epilogue.followsFromResult { return gradient(before: epilogue, of: result) }
        guard case .unary(let rule) = result.body.edge?.node.rule else {
            fail("gradient", "\(epilogue) was not recorded")
        }
        return rule(self)
    }
}

extension Epilogue {
    /// Whether the derivative can be computed from the result, so that a fused operator need not keep what was there
    /// before it.
    var followsFromResult: Bool {
        switch self {
        case .none, .pointwise(.relu, _, _), .pointwise(.clamp, _, _), .pointwise(.sigmoid, _, _),
            .pointwise(.tanh, _, _):
            true
        default: false
        }
    }
}
