/// Pointwise operators, reductions, scans and sorting; part of ``Backend``.
package protocol ElementBackend: Sendable {
    // MARK: Pointwise

    /// `out = op(x)`; `a` and `b` are the operator's parameters, if it has any.
    ///
    /// - Parameters:
    ///   - op: The operator.
    ///   - x: The operand.
    ///   - a: Its first number.
    ///   - b: Its second number.
    ///   - out: The destination of the result.
    func unary(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand)
    /// `out = op(x, y)`; x and y have the same dtype and, through their strides, the shape of `out`.
    ///
    /// - Parameters:
    ///   - op: The operator.
    ///   - x: The operand.
    ///   - y: The second operand; the shapes broadcast.
    ///   - a: Its first number.
    ///   - b: Its second number.
    ///   - out: The destination of the result.
    func binary(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand)
    /// The same for numbers that all three have in the same order without gaps, if the backend has a shorter way to it.
    ///
    /// - Parameters:
    ///   - op: The operator.
    ///   - dtype: The type of both operands.
    ///   - result: The type of the result.
    ///   - count: How many numbers there are.
    ///   - x: The first operand.
    ///   - y: The second operand.
    ///   - a: Its first number.
    ///   - b: Its second number.
    ///   - out: The destination of the result.
    /// - Returns: Whether it was computed; if not, the caller must describe the operands.
    func binary(
        _ op: BinaryOp, _ dtype: DType, result: DType, count: Int, _ x: UnsafeRawPointer, _ y: UnsafeRawPointer,
        a: Double, b: Double, into out: UnsafeMutableRawPointer
    ) -> Bool
    /// `out = condition ? x : y`.
    ///
    /// - Parameters:
    ///   - condition: Where true, the first operand is used, elsewhere the second.
    ///   - x: The values used where the condition holds.
    ///   - y: The values used elsewhere.
    ///   - out: The destination of the result.
    func select(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand)

    // MARK: Reductions and scans

    /// Reduces the axes on which `out` has length 1 and `x` does not (or on which `out` has stride 0).
    ///
    /// - Parameters:
    ///   - op: The operator.
    ///   - x: The operand.
    ///   - axes: The axes; negative ones count from the end.
    ///   - out: The destination of the result.
    func reduce(_ op: ReduceOp, _ x: Operand, axes: Shape, into out: Operand)
    /// Softmax, or its logarithm, along one axis; `out` may be the memory of `x`. `emptyIsZero`: rows that contain
    /// only minus infinities give zeros, not NaN.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - logarithm: Whether to compute the logarithm.
    ///   - emptyIsZero: Whether a slice of negative infinities becomes zeros.
    ///   - out: The destination of the result.
    func softmax(_ x: Operand, axis: Int, logarithm: Bool, emptyIsZero: Bool, into out: Operand)
    /// The gradient of ``softmax(_:axis:logarithm:emptyIsZero:into:)`` from its result `y`; `out` may be the memory of
    /// either.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - y: The result of the forward pass.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - logarithm: Whether to compute the logarithm.
    ///   - out: The destination of the result.
    func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand)
    /// Running sums (or products) along one axis.
    ///
    /// - Parameters:
    ///   - op: The operator.
    ///   - x: The operand.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - out: The destination of the result.
    func scan(_ op: ReduceOp, _ x: Operand, axis: Int, into out: Operand)
    /// The order of the elements along one axis, stable; `indices` is int64.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - descending: Whether the largest comes first.
    ///   - values: The destination of the sorted elements.
    ///   - indices: The destination of their original positions.
    func sort(_ x: Operand, axis: Int, descending: Bool, values: Operand, indices: Operand)
}

extension ElementBackend {
    package func binary(
        _ op: BinaryOp, _ dtype: DType, result: DType, count: Int, _ x: UnsafeRawPointer, _ y: UnsafeRawPointer,
        a: Double, b: Double, into out: UnsafeMutableRawPointer
    ) -> Bool { false }
}
