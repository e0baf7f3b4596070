/// Pointwise operators of one argument. Raw values are shared with `CKernels.h`.
package enum UnaryOp: Int32, Sendable, CaseIterable {
    // Sign and rounding: every numeric dtype.
    case negate = 0, absolute, sign, square, floor, ceil, round, trunc
    // Powers, exponentials, logarithms: floating point.
    case squareRoot, reciprocalSquareRoot, reciprocal, exp, exp2, expm1, log, log2, log10, log1p
    // Circular and hyperbolic functions.
    case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh
    // Special functions.
    case sigmoid, erf, erfc, erfinv, lgamma, digamma, logSigmoid
    // Activations; `a` and `b` are the parameters of the call.
    case relu, leakyReLU, elu, gelu, geluTanh, silu, softplus, hardswish, hardsigmoid, mish, selu
    // Clamp to [a, b]; either may be infinite.
    case clamp
    // Predicates: the result is bool.
    case logicalNot, isNaN, isInfinite, isFinite
}

/// Pointwise operators of two arguments of the same dtype. Raw values are shared with `CKernels.h`.
package enum BinaryOp: Int32, Sendable, CaseIterable {
    case add = 0, subtract, multiply, divide
    case floorDivide, truncateDivide, remainder, fmod
    case power, maximum, minimum, fmax, fmin, atan2, hypot, copysign, xlogy
    // The result is bool.
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case logicalAnd, logicalOr, logicalXor
    // Derivatives that would otherwise take several passes: x is the gradient, y the saved tensor (input or result, as
    // named).
    case reluGradient, leakyReLUGradient, sigmoidGradient, tanhGradient, geluGradient, geluTanhGradient, siluGradient
    case eluGradient, softplusGradient, hardswishGradient, hardsigmoidGradient, mishGradient, clampGradient
    // logaddexp(x, y) = log(exp x + exp y) and its base-2 version.
    case logAddExp, logAddExp2
}

extension BinaryOp {
    /// Whether integers have no result where the second argument is zero.
    @inlinable package var needsDivisor: Bool {
        switch self {
        case .floorDivide, .truncateDivide, .remainder, .fmod: true
        default: false
        }
    }

    /// The error for a division of integers by zero.
    ///
    /// - Parameters:
    ///   - dtype: The type that both operands were promoted to.
    ///   - shape: The shape of the result.
    package func divisionByZero(_ dtype: DType, _ shape: Shape?) -> ShapeError {
        let name =
            switch self {
            case .floorDivide: "floorDivided"
            case .truncateDivide: "truncateDivided"
            default: "\(self)"
            }
        return ShapeError(
            name, "integers (\(dtype)\(shape.map { ", shape \($0)" } ?? "")) divided by zero",
            hint: "convert with to(.float32) for infinity and NaN, or choose the divisors with Tensor.select")
    }
}

/// Reductions. Raw values are shared with `CKernels.h`.
package enum ReduceOp: Int32, Sendable, CaseIterable {
    case sum = 0, product, maximum, minimum, any, all
    // The result is int64: the index of the first extreme element of the (single) axis.
    case argmax, argmin
}

/// What a scatter does with the elements it writes to named positions. Raw values are shared with `CKernels.h`.
package enum ScatterOp: Int32, Sendable, CaseIterable {
    /// The last one wins.
    case assign = 0
    case add, multiply, maximum, minimum
}

/// How the windows of a convolution or a pool lie over its input: one value per spatial axis.
package struct WindowGeometry: Sendable, Hashable {
    package var kernel: Shape
    package var stride: Shape
    /// Zeros (or, for a maximum, nothing) added before the first element of each axis…
    package var paddingBefore: Shape
    /// …and after the last; may differ from `paddingBefore` ("same" padding, ceil mode).
    package var paddingAfter: Shape
    /// Distance between the elements a window touches: 1 is dense.
    package var dilation: Shape
    /// Whether the windows of a pool are instead equal parts of each axis, one for each element of the result: part i
    /// of n extends from i · length / n, rounded down, to (i + 1) · length / n, rounded up.
    package var isAdaptive = false

    /// The windows of an adaptive pool over `axes` spatial axes.
    package static func adaptive(axes: Int) -> WindowGeometry {
        let (ones, zeros) = (Shape(repeating: 1, count: axes), Shape(repeating: 0, count: axes))
        var geometry = WindowGeometry(
            kernel: ones, stride: ones, paddingBefore: zeros, paddingAfter: zeros, dilation: ones)
        geometry.isAdaptive = true
        return geometry
    }

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - kernel: The lengths of the window.
    ///   - stride: How far the window moves; one number for all axes or one for each.
    ///   - paddingBefore: The number of elements added before the first.
    ///   - paddingAfter: The number of elements added after the last.
    ///   - dilation: The distance between the elements that the window takes.
    package init(kernel: Shape, stride: Shape, paddingBefore: Shape, paddingAfter: Shape, dilation: Shape) {
        self.kernel = kernel
        self.stride = stride
        self.paddingBefore = paddingBefore
        self.paddingAfter = paddingAfter
        self.dilation = dilation
    }
}

/// A convolution: its windows and the number of independent groups of channels.
package struct ConvolutionGeometry: Sendable, Hashable {
    package var window: WindowGeometry
    package var groups: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - window: The window.
    ///   - groups: The number of independent parts into which the channels are divided.
    package init(window: WindowGeometry, groups: Int) {
        self.window = window
        self.groups = groups
    }
}
