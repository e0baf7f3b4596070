/// What is applied to each element of a result before it is stored: nothing, or a pointwise operator with its numbers.
package enum Epilogue: Sendable, Hashable {
    case none
    case pointwise(UnaryOp, a: Double, b: Double)

    /// max(x, 0).
    package static var relu: Epilogue { .pointwise(.relu) }

    /// A pointwise operator; `a` and `b` are its parameters, if it has any.
    ///
    /// - Parameters:
    ///   - op: The operator.
    ///   - a: Its first number.
    ///   - b: Its second number.
    package static func pointwise(_ op: UnaryOp, a: Double = 0) -> Epilogue { .pointwise(op, a: a, b: 0) }

    /// The operator that computes the gradient before it of the gradient after it and the operand, with the same numbers; nil
    /// if there is none.
    package var gradientFromOperand: BinaryOp? {
        guard case .pointwise(let op, _, _) = self else { return nil }
        switch op {
        case .leakyReLU: return .leakyReLUGradient
        case .elu: return .eluGradient
        case .gelu: return .geluGradient
        case .geluTanh: return .geluTanhGradient
        case .silu: return .siluGradient
        case .softplus: return .softplusGradient
        case .hardswish: return .hardswishGradient
        case .mish: return .mishGradient
        default: return nil
        }
    }
}

/// The kinds of operators that may take an epilogue.
package enum FusibleOperation: Sendable, Hashable, CaseIterable {
    case product, convolution, batchNormalization
}
