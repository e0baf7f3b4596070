import CKernels
import COneDNN
import CressetBackend

extension CPUBackend {
    package func supports(_ epilogue: Epilogue, after operation: FusibleOperation) -> Bool {
        switch operation {
        case .product, .convolution: epilogue == .none || OneDNNActivation(epilogue) != nil
        case .batchNormalization: NormActivation(epilogue) != nil
        }
    }

    /// A result of oneDNN's with its epilogue; `compute` is called with the epilogue that oneDNN is to apply.
    ///
    /// oneDNN's activations are made of minima and maxima, which drop NaN. They are used all the same, since a pass of
    /// our own over a large result costs up to half of what the convolution does: the processor notes that a maximum
    /// met a NaN, and where it did, the result is computed anew and activated here. The note may be from before: whether a
    /// NaN is there is therefore asked twice, or the last bits of a result would depend on what was computed earlier.
    /// `isRepeatable`: `compute` does not read the result.
    func withEpilogue(
        _ epilogue: Epilogue, of out: Operand, isRepeatable: Bool = true, _ compute: (Epilogue) -> Void
    ) {
        guard case .pointwise(let op, let a, let b) = epilogue else { return compute(.none) }
        // A small pass costs less than asking every thread of the team.
        if isRepeatable && out.elementCount > 4096 && cresset_can_take_invalid() && OneDNNActivation(epilogue) != nil {
            for _ in 0..<2 {
                compute(epilogue)
                if !cresset_take_invalid() { return }
            }
        }
        compute(.none)
        unary(op, out, a: a, b: b, into: out)
    }
}

/// An activation in oneDNN's terms.
struct OneDNNActivation {
    let algorithm: dnnl_alg_kind_t
    var alpha: Float = 0
    var beta: Float = 0

    /// Nil if oneDNN has none that is accurate.
    init?(_ epilogue: Epilogue) {
        guard case .pointwise(let op, let a, let b) = epilogue else { return nil }
        switch op {
        case .relu: algorithm = dnnl_eltwise_relu
        case .leakyReLU: (algorithm, alpha) = (dnnl_eltwise_relu, Float(a))
        case .elu: (algorithm, alpha) = (dnnl_eltwise_elu, Float(a))
        case .clamp: (algorithm, alpha, beta) = (dnnl_eltwise_clip, Float(a), Float(b))
        case .gelu: algorithm = dnnl_eltwise_gelu_erf
        case .geluTanh: algorithm = dnnl_eltwise_gelu_tanh
        case .silu: (algorithm, alpha) = (dnnl_eltwise_swish, 1)
        case .mish: algorithm = dnnl_eltwise_mish
        case .hardswish: (algorithm, alpha, beta) = (dnnl_eltwise_hardswish, 1 / 6, 0.5)
        case .hardsigmoid: (algorithm, alpha, beta) = (dnnl_eltwise_hardsigmoid, 1 / 6, 0.5)
        case .sigmoid: algorithm = dnnl_eltwise_logistic
        case .tanh: algorithm = dnnl_eltwise_tanh
        default: return nil
        }
    }
}

/// An epilogue of batch normalisation: max(x, 0), perhaps with an upper bound, whose derivative follows from the normalised
/// value or from the result; or any other whose gradient is an operator, which is applied while its operands are in a cache.
struct NormActivation {
    /// Whether negative values become 0.
    var rectifies = false
    /// The largest result; NaN for none.
    var ceiling = Double.nan
    /// What else is applied, and the operator that makes its gradient.
    var pointwise: (op: UnaryOp, gradient: BinaryOp)?

    /// Nil if `epilogue` is something else.
    init?(_ epilogue: Epilogue) {
        switch epilogue {
        case .none: break
        case .relu: rectifies = true
        case .pointwise(.clamp, a: 0, let b) where b > 0: (rectifies, ceiling) = (true, b)
        case .pointwise(let op, _, _):
            guard let gradient = epilogue.gradientFromOperand else { return nil }
            pointwise = (op, gradient)
        }
    }
}
