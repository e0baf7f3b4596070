/// What a machine must be able to do for `Tensor`.
///
/// Shapes were checked and results allocated before any of these is called: a backend never sees a mistake of the user.
/// Unless a requirement says otherwise, operands may have any strides (0 where an axis is broadcast) and a result may
/// have any dense order of its axes.
public protocol Backend: Sendable {
    // MARK: Memory

    /// Memory for `byteCount` bytes, aligned to 64, contents undefined.
    func allocate(byteCount: Int) -> Storage
    /// Copies bytes of the host to `out`, which is row-major. `source` is the memory that the bytes are part of, if a tensor
    /// owns it: it may be read after the call, but before anything that is asked of the backend later.
    func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage?, to out: Operand)
    /// Copies `x`, which is row-major, to the host, when all that was asked for before is done.
    func download(_ x: Operand, into bytes: UnsafeMutableRawBufferPointer)
    /// Waits until all that was asked for is done.
    func synchronize()
    /// Sets every element to `value`, converted to the operand's dtype.
    func fill(_ out: Operand, with value: Scalar)
    /// Copies element by element, converting between any two dtypes; shapes are equal.
    func copy(_ source: Operand, to out: Operand)

    // MARK: Pointwise

    /// `out = op(x)`; `a` and `b` are the operator's parameters, if it has any.
    func unary(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand)
    /// `out = op(x, y)`; x and y have one dtype and, by strides, the shape of `out`.
    func binary(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand)
    /// `out = condition ? x : y`.
    func select(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand)

    // MARK: Reductions and scans

    /// Reduces the axes on which `out` has length 1 and `x` has not (or that `out` holds with stride 0).
    func reduce(_ op: ReduceOp, _ x: Operand, axes: Shape, into out: Operand)
    /// Softmax, or its logarithm, along one axis; `out` may be the memory of `x`. `emptyIsZero`: what has nothing but minus
    /// infinities gives zeros, not NaN.
    func softmax(_ x: Operand, axis: Int, logarithm: Bool, emptyIsZero: Bool, into out: Operand)
    /// The gradient of ``softmax(_:axis:logarithm:emptyIsZero:into:)`` from its result `y`; `out` may be the memory of
    /// either.
    func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand)
    /// Running sums (or products) along one axis.
    func scan(_ op: ReduceOp, _ x: Operand, axis: Int, into out: Operand)
    /// The order of the elements along one axis, stable; `indices` is int64.
    func sort(_ x: Operand, axis: Int, descending: Bool, values: Operand, indices: Operand)

    // MARK: Indexing

    /// Copies `indices` (int64, row-major) to `out` (like it): those counted from the end as counted from the front, those
    /// ignored as 0. One that breaks the rule ends the program with ``IndexRule/error(for:)``: at once, or where the device
    /// runs behind, when it is next waited for; until then a number that is allowed stands in its place.
    func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand)

    /// `out[i…][j][k…] = x[i…][index[i…][j][k…]][k…]` along `axis`; negative indices were made positive by the caller.
    func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand)
    /// The reverse: `out[i…][index[…]][k…] = op(out[i…][index[…]][k…], x[i…][j][k…])`; NaN wins extremes.
    func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand)
    /// The rows of a table, (rows, features), that each bag of numbers names, put together; `out` is (bags, features).
    /// float32 or float64, row-major. Where the largest elements are wanted, `places` (int64, like `out`) receives the row
    /// each is from, -1 in an empty bag.
    func embeddingBag(_ table: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand)
    /// The gradient with respect to the table, from that of the result; `out` is written whole.
    func embeddingBagGradient(_ gradient: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand)

    // MARK: Products

    /// `out = a b` for the last two axes, batched over the others (equal, or stride 0); `bias` has one element a column.
    func matmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand)

    // MARK: Convolution

    /// `out = convolution(x, weight) + bias (+ addend)`, then the epilogue. `x`, `out` and `addend` are channels-last;
    /// `weight` is (out channels, in channels / groups, kernel…) in row-major or channels-last order. `addend` may be `out`
    /// itself. `packed` keeps the weight in the kernel's own layout between calls: nil where it changes with each.
    func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, packed: PackedWeights?, into out: Operand)
    /// The gradient with respect to the input.
    func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, packed: PackedWeights?, into out: Operand)
    /// The gradients with respect to the weight and, where asked for, the bias.
    func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?)

    // MARK: Pools (channels-last)

    /// Largest element of each window; NaN is larger than any number. `indices` (int64 or int32, flat within a channel's
    /// plane) receives where it was, for callers that want it.
    func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand?, into out: Operand)
    /// Adds each gradient where its window's largest element was; `out` is written whole.
    func maxPoolGradient(_ gradient: Operand, indices: Operand, window: WindowGeometry, into out: Operand)
    /// Mean of each window. `countsPadding`: zeros of the padding take part; `divisor` replaces the count where given. A
    /// window may run past the padding after the input (ceil mode); what lies there never counts.
    func averagePool(
        _ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand)
    func averagePoolGradient(
        _ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand)

    // MARK: Batch normalisation (channels-last)

    /// Mean and biased variance of each channel, float32.
    func batchStatistics(_ x: Operand, mean: Operand, variance: Operand)
    /// Moves running statistics towards those of a batch: `mean += share (batchMean - mean)`, the variance likewise, the batch's
    /// times `correction` first; `counter` (int64, one element), if given, grows by one. All four are of one type, float32 or float64.
    func moveStatistics(
        mean: Operand, variance: Operand, counter: Operand?, batchMean: Operand, batchVariance: Operand, share: Double,
        correction: Double)
    /// `out = epilogue((x - mean) * rsqrt(variance + epsilon) * weight + bias + addend)`.
    func batchNormalize(
        _ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double,
        addend: Operand?, epilogue: Epilogue, into out: Operand)
    /// The gradients of ``batchNormalize(_:mean:variance:weight:bias:epsilon:addend:epilogue:into:)``.
    ///
    /// `result` is what it returned, needed for the epilogue's mask only where there was an addend. `usesBatch`: the
    /// mean and variance were those of `x`, so they depend on it. `addendGradient` receives the masked gradient.
    func batchNormalizeGradient(
        _ gradient: Operand, x: Operand, result: Operand?, mean: Operand, variance: Operand, weight: Operand?,
        bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue, into out: Operand?,
        weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?)

    // MARK: Normalisation of parts of examples (row-major, or channels-last; results are stored as `x` is)

    /// `out = (x - mean) * scale * weight + bias`, where `mean` and `scale` (float64, a number a part) receive each part's
    /// mean and rsqrt(variance + epsilon). Weights and biases have a number for each channel of each group.
    func normalize(
        _ x: Operand, parts: PartNormalization, weight: Operand?, bias: Operand?, mean: Operand, scale: Operand,
        into out: Operand)
    /// The gradients of ``normalize(_:parts:weight:bias:mean:scale:into:)``; those of weights and biases are float64 and
    /// asked for together.
    func normalizeGradient(
        _ gradient: Operand, x: Operand, parts: PartNormalization, weight: Operand?, mean: Operand, scale: Operand,
        into out: Operand, weightGradient: Operand?, biasGradient: Operand?)

    // MARK: Recurrent networks (float32, row-major)

    /// All steps of a recurrent layer. `projected`, (T, N, gates · H), is what the inputs contribute to the gates; `out`
    /// and `cells` (of long short-term memory) are (T, N, H) with H a multiple of 16. `gates`, (T, N, 4 H), receives what
    /// the gradient of a layer with several gates needs, where one will be asked for.
    func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand)
    /// The gradients of ``recurrent(_:layer:gates:cells:into:)`` from that of its result, `states`. `hidden` and `cell`
    /// hold the gradients of the last states, and receive those of the first. `recurrent` receives that of the recurrent
    /// matrix's product; it is the memory of `out` except for gated units.
    func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand)

    // MARK: Random numbers

    /// How ``random(_:seed:offset:into:)`` shares out numbers.
    var randomGeometry: RandomGeometry { get }
    /// Fills `out`, which is dense, in the order of its memory: the numbers that PyTorch's generator of a GPU with this
    /// geometry gives for `seed` from `offset` on, a multiple of 4. The next call's offset is larger by the geometry's
    /// increment.
    func random(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, into out: Operand)

    // MARK: Optimizer steps

    /// One step of an optimizer over every tensor of a group in one pass.
    func step(_ parameters: [StepOperands], _ step: OptimizerStep)
}

/// A number given beside tensors: kept exactly, whatever its kind.
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

    /// Truncates fractions; what does not fit is clamped, NaN is 0.
    @inlinable public var int64Value: Int64 {
        switch self {
        case .float(let value):
            value.isNaN ? 0 : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int64(value)
        case .integer(let value): value
        case .boolean(let value): value ? 1 : 0
        }
    }
}
