/// Pools, whose operands are channels-last; part of ``Backend``.
package protocol PoolBackend: Sendable {
    /// Largest element of each window; NaN is larger than any number. `indices` (int64 or int32, flat within a
    /// channel's plane) receives its position, for callers that need it.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - window: The window.
    ///   - indices: The destination of the index of each maximum.
    ///   - out: The destination of the result.
    func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand?, into out: Operand)
    /// Adds each gradient at the position of its window's largest element; every element of `out` is written.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - indices: The index of each maximum.
    ///   - window: The window.
    ///   - out: The destination of the result.
    func maxPoolGradient(_ gradient: Operand, indices: Operand, window: WindowGeometry, into out: Operand)
    /// Mean of each window. `countsPadding`: zeros of the padding are counted; `divisor` replaces the count if given. A
    /// window may extend beyond the padding after the input (ceil mode); that part is never counted.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - window: The window.
    ///   - countsPadding: Whether padding counts in the mean.
    ///   - divisor: The divisor of the sums; nil for the number of elements.
    ///   - out: The destination of the result.
    func averagePool(
        _ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand)

    /// The gradient of the input of an average pool.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - window: The window.
    ///   - countsPadding: Whether padding counts in the mean.
    ///   - divisor: The divisor of the sums; nil for the number of elements.
    ///   - out: The destination of the result.
    func averagePoolGradient(
        _ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand)
}
