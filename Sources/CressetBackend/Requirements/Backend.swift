/// What a device must be able to do for `Tensor`.
///
/// Shapes have been checked and results allocated before any of these is called: a backend never sees a user's mistake.
/// Unless a requirement says otherwise, operands may have any strides (0 where an axis is broadcast) and a result may
/// have any dense order of its axes.
package protocol Backend: OptimizerBackend {
    // MARK: Memory

    /// Memory for `byteCount` bytes, aligned to 64, with undefined contents.
    func allocate(byteCount: Int) -> Storage
    /// Memory for the elements of a tensor, likewise; the shape and type name it where memory is exhausted.
    ///
    /// - Parameters:
    ///   - shape: The tensor's shape.
    ///   - dtype: The type of its elements.
    func allocate(_ shape: Shape, _ dtype: DType) -> Storage
    /// Copies host bytes to `out`, which is row-major. `source` is the memory that contains the bytes, if a tensor owns
    /// it: it may be read after the call, but before any later request to the backend.
    ///
    /// - Parameters:
    ///   - bytes: The bytes in host memory.
    ///   - source: The bytes in host memory.
    ///   - out: The destination of the result.
    func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage?, to out: Operand)
    /// Copies `x`, which is row-major, to the host, once all earlier requests are done.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - bytes: The bytes in host memory.
    func download(_ x: Operand, into bytes: UnsafeMutableRawBufferPointer)
    /// Waits until all requests so far are done.
    func synchronize()
    /// Sets every element to `value`, converted to the operand's dtype.
    ///
    /// - Parameters:
    ///   - out: The destination of the result.
    ///   - value: The number.
    func fill(_ out: Operand, with value: Scalar)
    /// Copies element by element, converting between any two dtypes; shapes are equal.
    ///
    /// - Parameters:
    ///   - source: Where the values come from.
    ///   - out: The destination of the result.
    func copy(_ source: Operand, to out: Operand)

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

    // MARK: Indexing

    /// Copies `indices` (int64, row-major) to `out` (with the same layout): negative ones are counted from the front,
    /// ignored ones become 0. One that breaks the rule ends the program with ``IndexRule/error(for:)``: at once, or if
    /// the device runs asynchronously, at the next synchronisation; until then a valid index takes its place.
    ///
    /// - Parameters:
    ///   - indices: The indices.
    ///   - rule: Which indices are allowed.
    ///   - out: The destination of the result.
    func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand)

    /// `out[i…][j][k…] = x[i…][index[i…][j][k…]][k…]` along `axis`; the caller has already made negative indices
    /// positive.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - index: The positions along the axis, int64.
    ///   - out: The destination of the result.
    func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand)
    /// The reverse: `out[i…][index[…]][k…] = op(out[i…][index[…]][k…], x[i…][j][k…])`; NaN wins extremes.
    ///
    /// - Parameters:
    ///   - op: The operator.
    ///   - x: The operand.
    ///   - axis: The axis; a negative one counts from the end.
    ///   - index: The positions along the axis, int64.
    ///   - out: The destination of the result.
    func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand)
    /// For each bag of indices, the named rows of a table, (rows, features), combined; `out` is (bags, features).
    /// float32 or float64, row-major. For maxima, `places` (int64, shaped like `out`) receives the row that each
    /// element comes from, -1 in an empty bag.
    ///
    /// - Parameters:
    ///   - table: The rows.
    ///   - bags: Which rows make up each bag.
    ///   - places: The row that each maximum came from.
    ///   - out: The destination of the result.
    func embeddingBag(_ table: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand)
    /// The gradient with respect to the table, from that of the result; every element of `out` is written.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - bags: Which rows make up each bag.
    ///   - places: The row that each maximum came from.
    ///   - out: The destination of the result.
    func embeddingBagGradient(_ gradient: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand)

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
    /// may be `out` itself. `packed` caches the weight in the kernel's own layout between calls: nil if the weight
    /// changes with each.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - weight: The filters, (out channels, in channels / groups, lengths of the window).
    ///   - bias: A number for each output channel; nil for none.
    ///   - geometry: The window, and the groups.
    ///   - addend: A tensor that is added before the activation; nil for none.
    ///   - epilogue: The operation that follows in the same pass.
    ///   - packed: Weights that were already arranged for the kernel; nil for none.
    ///   - out: The destination of the result.
    func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, packed: PackedWeights?, into out: Operand)
    /// The gradient with respect to the input.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - weight: The weights.
    ///   - geometry: The window, and the groups.
    ///   - packed: Weights that were already arranged for the kernel; nil for none.
    ///   - out: The destination of the result.
    func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, packed: PackedWeights?, into out: Operand)
    /// The gradients with respect to the weight and, if requested, the bias.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - x: The operand.
    ///   - geometry: The window, and the groups.
    ///   - weight: The destination of the weights' gradient.
    ///   - bias: The destination of the bias's gradient; nil if there is no bias.
    func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?)

    // MARK: Pools (channels-last)

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
    /// Whether `batchNormalizeGradient` takes a gradient in two parts, and adds them in its own pass over memory.
    var addsGradientParts: Bool { get }
    /// The gradients of ``batchNormalize(_:mean:variance:weight:bias:epsilon:addend:epilogue:mask:into:)``.
    ///
    /// `result` is what it returned, needed for the epilogue's mask only if there was an addend. `usesBatch`: the mean
    /// and variance were those of `x`, so they depend on it. `addendGradient` receives the masked gradient, which
    /// without a mask and a second part is the gradient itself and not requested.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - part: A second tensor of the same type to add to the gradient first; always nil unless `addsGradientParts`.
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

    // MARK: Recurrent networks (float32, row-major)

    /// All steps of a recurrent layer. `projected`, (T, N, gates · H), is the inputs' contribution to the gates; `out`
    /// and `cells` (LSTM only) are (T, N, H) with H a multiple of 16. `gates`, (T, N, 4 H), receives what the gradient
    /// of a layer with several gates needs, if one will be requested.
    ///
    /// - Parameters:
    ///   - projected: The inputs' part of each gate.
    ///   - layer: The layer's weights and first states.
    ///   - gates: The gates of each step.
    ///   - cells: The cells of each step.
    ///   - out: The destination of the result.
    func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand)
    /// The gradients of ``recurrent(_:layer:gates:cells:into:)`` from that of its result, `states`. `hidden` and `cell`
    /// hold the gradients of the last states, and receive those of the first. `recurrent` receives that of the
    /// recurrent matrix's product; it is the memory of `out` except for GRUs.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - layer: The layer's weights and first states.
    ///   - states: The states of each step.
    ///   - gates: The gates of each step.
    ///   - cells: The cells of each step.
    ///   - hidden: The destination of the gradient of the initial state.
    ///   - cell: The destination of the gradient of the initial cell.
    ///   - out: The destination of the result.
    ///   - recurrent: The destination of the recurrent weights' gradient.
    func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand)

    // MARK: Random numbers

    /// How ``random(_:seed:offset:into:)`` distributes numbers over threads.
    var randomGeometry: RandomGeometry { get }
    /// Fills `out`, which is dense, in memory order, with the numbers that PyTorch's generator gives on a GPU with this
    /// geometry for `seed`, starting at `offset`, a multiple of 4. The next call's offset is larger by the geometry's
    /// increment.
    ///
    /// - Parameters:
    ///   - distribution: The distribution to draw from.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - offset: The position in the stream of random numbers.
    ///   - out: The destination of the result.
    func random(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, into out: Operand)
}

/// A number passed along with tensors: stored exactly, whatever its kind.
@frozen
public enum Scalar: Sendable, Hashable {
    case float(Double)
    case integer(Int64)
    case boolean(Bool)

    @inlinable public var doubleValue: Double {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        case .boolean(let value): value ? 1 : 0
        }
    }

    /// Truncates fractions; out-of-range values are clamped, NaN becomes 0.
    @inlinable public var int64Value: Int64 {
        switch self {
        case .float(let value):
            value.isNaN ? 0 : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int64(value)
        case .integer(let value): value
        case .boolean(let value): value ? 1 : 0
        }
    }
}

extension Backend {
    package func allocate(_ shape: Shape, _ dtype: DType) -> Storage {
        allocate(byteCount: shape.elementCount * dtype.itemSize)
    }
}
