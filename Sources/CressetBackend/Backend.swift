/// What a device must be able to do for `Tensor`.
///
/// Shapes have been checked and results allocated before any of these is called: a backend never sees a user's mistake.
/// Unless a requirement says otherwise, operands may have any strides (0 where an axis is broadcast) and a result may
/// have any dense order of its axes.
public protocol Backend: Sendable {
    // MARK: Memory

    /// Memory for `byteCount` bytes, aligned to 64, with undefined contents.
    func allocate(byteCount: Int) -> Storage
    /// Copies host bytes to `out`, which is row-major. `source` is the memory that contains the bytes, if a tensor owns
    /// it: it may be read after the call, but before any later request to the backend.
    func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage?, to out: Operand)
    /// Copies `x`, which is row-major, to the host, once all earlier requests are done.
    func download(_ x: Operand, into bytes: UnsafeMutableRawBufferPointer)
    /// Waits until all requests so far are done.
    func synchronize()
    /// Sets every element to `value`, converted to the operand's dtype.
    func fill(_ out: Operand, with value: Scalar)
    /// Copies element by element, converting between any two dtypes; shapes are equal.
    func copy(_ source: Operand, to out: Operand)

    // MARK: Pointwise

    /// `out = op(x)`; `a` and `b` are the operator's parameters, if it has any.
    func unary(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand)
    /// `out = op(x, y)`; x and y have the same dtype and, through their strides, the shape of `out`.
    func binary(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand)
    /// `out = condition ? x : y`.
    func select(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand)

    // MARK: Reductions and scans

    /// Reduces the axes on which `out` has length 1 and `x` does not (or on which `out` has stride 0).
    func reduce(_ op: ReduceOp, _ x: Operand, axes: Shape, into out: Operand)
    /// Softmax, or its logarithm, along one axis; `out` may be the memory of `x`. `emptyIsZero`: rows that contain
    /// only minus infinities give zeros, not NaN.
    func softmax(_ x: Operand, axis: Int, logarithm: Bool, emptyIsZero: Bool, into out: Operand)
    /// The gradient of ``softmax(_:axis:logarithm:emptyIsZero:into:)`` from its result `y`; `out` may be the memory of
    /// either.
    func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand)
    /// Running sums (or products) along one axis.
    func scan(_ op: ReduceOp, _ x: Operand, axis: Int, into out: Operand)
    /// The order of the elements along one axis, stable; `indices` is int64.
    func sort(_ x: Operand, axis: Int, descending: Bool, values: Operand, indices: Operand)

    // MARK: Indexing

    /// Copies `indices` (int64, row-major) to `out` (with the same layout): negative ones are counted from the front,
    /// ignored ones become 0. One that breaks the rule ends the program with ``IndexRule/error(for:)``: at once, or if
    /// the device runs asynchronously, at the next synchronisation; until then a valid index takes its place.
    func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand)

    /// `out[i…][j][k…] = x[i…][index[i…][j][k…]][k…]` along `axis`; the caller has already made negative indices
    /// positive.
    func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand)
    /// The reverse: `out[i…][index[…]][k…] = op(out[i…][index[…]][k…], x[i…][j][k…])`; NaN wins extremes.
    func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand)
    /// For each bag of indices, the named rows of a table, (rows, features), combined; `out` is (bags, features).
    /// float32 or float64, row-major. For maxima, `places` (int64, shaped like `out`) receives the row that each
    /// element comes from, -1 in an empty bag.
    func embeddingBag(_ table: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand)
    /// The gradient with respect to the table, from that of the result; every element of `out` is written.
    func embeddingBagGradient(_ gradient: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand)

    // MARK: Products

    /// `out = a b` for the last two axes, batched over the others (equal, or stride 0); `bias` has one element per
    /// column.
    func matmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand)

    // MARK: Convolution

    /// `out = convolution(x, weight) + bias (+ addend)`, then the epilogue. `x`, `out` and `addend` are channels-last;
    /// `weight` is (output channels, input channels / groups, kernel…) in row-major or channels-last order. `addend`
    /// may be `out` itself. `packed` caches the weight in the kernel's own layout between calls: nil if the weight
    /// changes with each.
    func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, packed: PackedWeights?, into out: Operand)
    /// The gradient with respect to the input.
    func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, packed: PackedWeights?, into out: Operand)
    /// The gradients with respect to the weight and, if requested, the bias.
    func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?)

    // MARK: Pools (channels-last)

    /// Largest element of each window; NaN is larger than any number. `indices` (int64 or int32, flat within a
    /// channel's plane) receives its position, for callers that need it.
    func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand?, into out: Operand)
    /// Adds each gradient at the position of its window's largest element; every element of `out` is written.
    func maxPoolGradient(_ gradient: Operand, indices: Operand, window: WindowGeometry, into out: Operand)
    /// Mean of each window. `countsPadding`: zeros of the padding are counted; `divisor` replaces the count if given. A
    /// window may extend beyond the padding after the input (ceil mode); that part is never counted.
    func averagePool(
        _ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand)
    func averagePoolGradient(
        _ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand)

    // MARK: Batch normalisation (channels-last)

    /// Mean and biased variance of each channel, float32.
    func batchStatistics(_ x: Operand, mean: Operand, variance: Operand)
    /// Moves running statistics towards those of a batch: `mean += share (batchMean - mean)`, and likewise the
    /// variance, after the batch's is multiplied by `correction`; `counter` (int64, one element), if given, is
    /// incremented. All four have the same type, float32 or float64.
    func moveStatistics(
        mean: Operand, variance: Operand, counter: Operand?, batchMean: Operand, batchVariance: Operand, share: Double,
        correction: Double)
    /// `out = epilogue((x - mean) * rsqrt(variance + epsilon) * weight + bias + addend)`.
    func batchNormalize(
        _ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double,
        addend: Operand?, epilogue: Epilogue, into out: Operand)
    /// The gradients of ``batchNormalize(_:mean:variance:weight:bias:epsilon:addend:epilogue:into:)``.
    ///
    /// `result` is what it returned, needed for the epilogue's mask only if there was an addend. `usesBatch`: the mean
    /// and variance were those of `x`, so they depend on it. `addendGradient` receives the masked gradient.
    func batchNormalizeGradient(
        _ gradient: Operand, x: Operand, result: Operand?, mean: Operand, variance: Operand, weight: Operand?,
        bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue, into out: Operand?,
        weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?)

    // MARK: Normalisation of parts of examples (row-major, or channels-last; results are stored as `x` is)

    /// `out = (x - mean) * scale * weight + bias`, where `mean` and `scale` (float64, one number per part) receive each
    /// part's mean and rsqrt(variance + epsilon). Weights and biases have one number for each channel of each group.
    func normalize(
        _ x: Operand, parts: PartNormalization, weight: Operand?, bias: Operand?, mean: Operand, scale: Operand,
        into out: Operand)
    /// The gradients of ``normalize(_:parts:weight:bias:mean:scale:into:)``; those of weights and biases are float64
    /// and requested together.
    func normalizeGradient(
        _ gradient: Operand, x: Operand, parts: PartNormalization, weight: Operand?, mean: Operand, scale: Operand,
        into out: Operand, weightGradient: Operand?, biasGradient: Operand?)

    // MARK: Recurrent networks (float32, row-major)

    /// All steps of a recurrent layer. `projected`, (T, N, gates · H), is the inputs' contribution to the gates; `out`
    /// and `cells` (LSTM only) are (T, N, H) with H a multiple of 16. `gates`, (T, N, 4 H), receives what the gradient
    /// of a layer with several gates needs, if one will be requested.
    func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand)
    /// The gradients of ``recurrent(_:layer:gates:cells:into:)`` from that of its result, `states`. `hidden` and `cell`
    /// hold the gradients of the last states, and receive those of the first. `recurrent` receives that of the
    /// recurrent matrix's product; it is the memory of `out` except for GRUs.
    func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand)

    // MARK: Random numbers

    /// How ``random(_:seed:offset:into:)`` distributes numbers over threads.
    var randomGeometry: RandomGeometry { get }
    /// Fills `out`, which is dense, in memory order, with the numbers that PyTorch's generator gives on a GPU with this
    /// geometry for `seed`, starting at `offset`, a multiple of 4. The next call's offset is larger by the geometry's
    /// increment.
    func random(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, into out: Operand)

    // MARK: Optimizer steps

    /// One step of an optimizer over every tensor of a group in one pass.
    func step(_ parameters: [StepOperands], _ step: OptimizerStep)
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
