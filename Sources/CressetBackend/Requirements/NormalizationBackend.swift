/// Normalisation of channels over a batch, and of parts of each example; part of ``Backend``.
package protocol NormalizationBackend: Sendable {
    // MARK: Batch normalisation (channels-last)

    /// Mean and biased variance of each channel, float32.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - mean: The destination of the mean of each channel.
    ///   - variance: The destination of the variance of each channel.
    func batchStatistics(_ x: Operand, mean: Operand, variance: Operand)
    /// Moves running statistics towards those of a batch: `mean += share (batchMean - mean)`, and likewise the
    /// variance, after the batch's is multiplied by `correction`; `counter` (int64, one element), if given, is
    /// incremented. All four have the same type, float32 or float64.
    ///
    /// - Parameters:
    ///   - mean: The mean of each channel.
    ///   - variance: The variance of each channel.
    ///   - counter: Counts the batches; nil if nothing counts them.
    ///   - batchMean: The mean of the batch.
    ///   - batchVariance: The variance of the batch.
    ///   - share: The weight of the batch's statistics.
    ///   - correction: The factor by which the batch's variance is multiplied.
    func moveStatistics(
        mean: Operand, variance: Operand, counter: Operand?, batchMean: Operand, batchVariance: Operand, share: Double,
        correction: Double)
    /// `out = epilogue((x - mean) * rsqrt(variance + epsilon) * weight + bias + addend)`.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - mean: The mean of each channel.
    ///   - variance: The variance of each channel.
    ///   - weight: The weights.
    ///   - bias: A number to add for each channel; nil for none.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - addend: A tensor that is added before the activation; nil for none.
    ///   - epilogue: The operation that follows in the same pass.
    ///   - mask: Where to record which elements a rectifier let through, `batchNormalizeMaskSize` bytes; nil if no
    ///     gradient will be needed.
    ///   - out: The destination of the result.
    /// - Returns: Whether the mask was recorded.
    func batchNormalize(
        _ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double,
        addend: Operand?, epilogue: Epilogue, mask: Operand?, into out: Operand
    ) -> Bool
    /// The size in bytes of the mask that spares the gradient from reading the result; nil if there is none for `x`.
    ///
    /// - Parameter x: The operand to be normalised.
    func batchNormalizeMaskSize(_ x: Operand) -> Int?
    /// The gradients of ``batchNormalize(_:mean:variance:weight:bias:epsilon:addend:epilogue:mask:into:)``.
    ///
    /// `result` is what it returned, needed for the epilogue's mask only if there was an addend. `usesBatch`: the mean
    /// and variance were those of `x`, so they depend on it. `addendGradient` receives the masked gradient, which
    /// without a mask and a second part is the gradient itself and not requested.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - part: A second tensor of the same type to add to the gradient first; nil for none.
    ///   - x: The operand.
    ///   - result: The result of the forward pass.
    ///   - mask: What the forward pass recorded; nil if it did not.
    ///   - mean: The mean of each channel.
    ///   - variance: The variance of each channel.
    ///   - weight: The weights.
    ///   - bias: A number to add for each channel; nil for none.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///   - usesBatch: Whether mean and variance are computed from the batch, and depend on it.
    ///   - epilogue: The operation that follows in the same pass.
    ///   - out: The destination of the result.
    ///   - weightGradient: The destination of the weights' gradient; nil if it is not needed.
    ///   - biasGradient: The destination of the bias's gradient; nil if it is not needed.
    ///   - addendGradient: The destination of the addend's gradient; nil if it is not needed.
    func batchNormalizeGradient(
        _ gradient: Operand, part: Operand?, x: Operand, result: Operand?, mask: Operand?, mean: Operand,
        variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue,
        into out: Operand?, weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?)

    // MARK: Normalisation of parts of examples (row-major, or channels-last; results are stored as `x` is)

    /// `out = (x - mean) * scale * weight + bias`, where `mean` and `scale` (float64, one number per part) receive each
    /// part's mean and rsqrt(variance + epsilon). Weights and biases have one number for each channel of each group.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - parts: How the tensor is divided for normalising.
    ///   - weight: The weights.
    ///   - bias: A number to add for each channel; nil for none.
    ///   - mean: The mean of each channel.
    ///   - scale: The inverse standard deviation of each part.
    ///   - out: The destination of the result.
    func normalize(
        _ x: Operand, parts: PartNormalization, weight: Operand?, bias: Operand?, mean: Operand, scale: Operand,
        into out: Operand)
    /// The gradients of ``normalize(_:parts:weight:bias:mean:scale:into:)``; those of weights and biases are float64
    /// and requested together.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - x: The operand.
    ///   - parts: How the tensor is divided for normalising.
    ///   - weight: The weights.
    ///   - mean: The mean of each channel.
    ///   - scale: The inverse standard deviation of each part.
    ///   - out: The destination of the result.
    ///   - weightGradient: The destination of the weights' gradient; nil if it is not needed.
    ///   - biasGradient: The destination of the bias's gradient; nil if it is not needed.
    func normalizeGradient(
        _ gradient: Operand, x: Operand, parts: PartNormalization, weight: Operand?, mean: Operand, scale: Operand,
        into out: Operand, weightGradient: Operand?, biasGradient: Operand?)
}
