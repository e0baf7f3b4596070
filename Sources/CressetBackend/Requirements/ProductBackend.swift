/// Matrix products and convolutions, with what follows them in the same pass; part of ``Backend``.
package protocol ProductBackend: Sendable {
    // MARK: Products

    /// `out = a b` for the last two axes, batched over the others (equal, or stride 0); `bias` has one element per
    /// column.
    ///
    /// - Parameters:
    ///   - a: Its first number.
    ///   - b: Its second number.
    ///   - bias: A number to add for each channel; nil for none.
    ///   - epilogue: The operation that follows in the same pass.
    ///   - out: The destination of the result.
    func matmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand)

    // MARK: Convolution

    /// `out = convolution(x, weight) + bias (+ addend)`, then the epilogue. `x`, `out` and `addend` are channels-last;
    /// `weight` is (output channels, input channels / groups, kernel…) in row-major or channels-last order. `addend`
    /// may be `out` itself.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - weight: The filters, (out channels, in channels / groups, lengths of the window).
    ///   - bias: A number for each output channel; nil for none.
    ///   - geometry: The window, and the groups.
    ///   - addend: A tensor that is added before the activation; nil for none.
    ///   - epilogue: The operation that follows in the same pass.
    ///   - weightIsFixed: Whether the weight will not change for a while, so that its copy in the kernel's own layout
    ///     is worth keeping among the derived values of its storage.
    ///   - out: The destination of the result.
    func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, weightIsFixed: Bool, into out: Operand)
    /// The gradient with respect to the input; also a transposed convolution.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - weight: The weights.
    ///   - geometry: The window, and the groups.
    ///   - weightIsFixed: Whether the weight will not change for a while, so that its copy in the kernel's own layout
    ///     is worth keeping among the derived values of its storage.
    ///   - out: The destination of the result.
    func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, weightIsFixed: Bool, into out: Operand)
    /// The gradients with respect to the weight and, if requested, the bias, in one pass over the gradient where the
    /// device can.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - x: The operand.
    ///   - geometry: The window, and the groups.
    ///   - weight: The destination of the weights' gradient.
    ///   - bias: The destination of the bias's gradient; nil if there is no bias.
    func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?)
}
