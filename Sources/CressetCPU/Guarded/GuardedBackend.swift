import CressetBackend

/// The CPU behind memory that nothing but a backend's requirement can touch: what computes here without a fault never
/// reads or writes a device's memory as if it were the host's. For tests.
package final class GuardedBackend: Backend {
    package static let shared = GuardedBackend()

    private let cpu = CPUBackend.shared
    let memory = GuardedMemory()

    private init() {}

    /// How often each requirement has been called so far, by its name: `download(_:into:)` brings numbers to the host.
    package var requests: [String: Int] { memory.requests }

    private func open<R>(_ requirement: StaticString = #function, _ body: () throws -> R) rethrows -> R {
        try memory.open(requirement, body)
    }

    package func allocate(byteCount: Int) -> Storage { memory.allocate(byteCount) }
    package func allocate(_ shape: Shape, _ dtype: DType) -> Storage {
        memory.allocate(shape.elementCount * dtype.itemSize)
    }

    package func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage?, to out: Operand) {
        open { cpu.upload(bytes, of: source, to: out) }
    }
    package func download(_ x: Operand, into bytes: UnsafeMutableRawBufferPointer) {
        open { cpu.download(x, into: bytes) }
    }
    package func synchronize() {
        open { cpu.synchronize() }
    }
    package func fill(_ out: Operand, with value: Scalar) {
        open { cpu.fill(out, with: value) }
    }
    package func copy(_ source: Operand, to out: Operand) {
        open { cpu.copy(source, to: out) }
    }
    package func unary(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand) {
        open { cpu.unary(op, x, a: a, b: b, into: out) }
    }
    package func binary(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand) {
        open { cpu.binary(op, x, y, a: a, b: b, into: out) }
    }
    package func select(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand) {
        open { cpu.select(condition, x, y, into: out) }
    }
    package func reduce(_ op: ReduceOp, _ x: Operand, axes: Shape, into out: Operand) {
        open { cpu.reduce(op, x, axes: axes, into: out) }
    }
    package func softmax(_ x: Operand, axis: Int, logarithm: Bool, emptyIsZero: Bool, into out: Operand) {
        open { cpu.softmax(x, axis: axis, logarithm: logarithm, emptyIsZero: emptyIsZero, into: out) }
    }
    package func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand) {
        open { cpu.softmaxGradient(gradient, y, axis: axis, logarithm: logarithm, into: out) }
    }
    package func scan(_ op: ReduceOp, _ x: Operand, axis: Int, into out: Operand) {
        open { cpu.scan(op, x, axis: axis, into: out) }
    }
    package func sort(_ x: Operand, axis: Int, descending: Bool, values: Operand, indices: Operand) {
        open { cpu.sort(x, axis: axis, descending: descending, values: values, indices: indices) }
    }
    package func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand) {
        open { cpu.checkRange(indices, rule, into: out) }
    }
    package func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand) {
        open { cpu.gather(x, axis: axis, index: index, into: out) }
    }
    package func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand) {
        open { cpu.scatter(op, x, axis: axis, index: index, into: out) }
    }
    package func embeddingBag(_ table: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand) {
        open { cpu.embeddingBag(table, bags: bags, places: places, into: out) }
    }
    package func embeddingBagGradient(_ gradient: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand) {
        open { cpu.embeddingBagGradient(gradient, bags: bags, places: places, into: out) }
    }
    package func matmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand) {
        open { cpu.matmul(a, b, bias: bias, epilogue: epilogue, into: out) }
    }
    package func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, weightIsFixed: Bool, into out: Operand
    ) {
        open {
            cpu.convolution(
                x, weight: weight, bias: bias, geometry: geometry, addend: addend, epilogue: epilogue,
                weightIsFixed: weightIsFixed, into: out)
        }
    }
    package func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, weightIsFixed: Bool, into out: Operand
    ) {
        open {
            cpu.convolutionInputGradient(
                gradient, weight: weight, geometry: geometry, weightIsFixed: weightIsFixed, into: out)
        }
    }
    package func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?
    ) {
        open { cpu.convolutionWeightGradient(gradient, x, geometry: geometry, weight: weight, bias: bias) }
    }
    package func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand?, into out: Operand) {
        open { cpu.maxPool(x, window: window, indices: indices, into: out) }
    }
    package func maxPoolGradient(_ gradient: Operand, indices: Operand, window: WindowGeometry, into out: Operand) {
        open { cpu.maxPoolGradient(gradient, indices: indices, window: window, into: out) }
    }
    package func averagePool(
        _ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand
    ) {
        open { cpu.averagePool(x, window: window, countsPadding: countsPadding, divisor: divisor, into: out) }
    }
    package func averagePoolGradient(
        _ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand
    ) {
        open {
            cpu.averagePoolGradient(gradient, window: window, countsPadding: countsPadding, divisor: divisor, into: out)
        }
    }
    package func batchStatistics(_ x: Operand, mean: Operand, variance: Operand) {
        open { cpu.batchStatistics(x, mean: mean, variance: variance) }
    }
    package func moveStatistics(
        mean: Operand, variance: Operand, counter: Operand?, batchMean: Operand, batchVariance: Operand, share: Double,
        correction: Double
    ) {
        open {
            cpu.moveStatistics(
                mean: mean, variance: variance, counter: counter, batchMean: batchMean, batchVariance: batchVariance,
                share: share, correction: correction)
        }
    }
    package func batchNormalize(
        _ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double,
        addend: Operand?, epilogue: Epilogue, mask: Operand?, into out: Operand
    ) -> Bool {
        open {
            cpu.batchNormalize(
                x, mean: mean, variance: variance, weight: weight, bias: bias, epsilon: epsilon, addend: addend,
                epilogue: epilogue, mask: mask, into: out)
        }
    }
    package func batchNormalizeMaskSize(_ x: Operand) -> Int? {
        cpu.batchNormalizeMaskSize(x)
    }
    package func supports(_ epilogue: Epilogue, after operation: FusibleOperation) -> Bool {
        cpu.supports(epilogue, after: operation)
    }
    package func batchNormalizeGradient(
        _ gradient: Operand, part: Operand?, x: Operand, result: Operand?, mask: Operand?, mean: Operand,
        variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue,
        into out: Operand?, weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?
    ) {
        open {
            cpu.batchNormalizeGradient(
                gradient, part: part, x: x, result: result, mask: mask, mean: mean, variance: variance, weight: weight,
                bias: bias, epsilon: epsilon, usesBatch: usesBatch, epilogue: epilogue, into: out,
                weightGradient: weightGradient, biasGradient: biasGradient, addendGradient: addendGradient)
        }
    }
    package func normalize(
        _ x: Operand, parts: PartNormalization, weight: Operand?, bias: Operand?, mean: Operand, scale: Operand,
        into out: Operand
    ) {
        open { cpu.normalize(x, parts: parts, weight: weight, bias: bias, mean: mean, scale: scale, into: out) }
    }
    package func normalizeGradient(
        _ gradient: Operand, x: Operand, parts: PartNormalization, weight: Operand?, mean: Operand, scale: Operand,
        into out: Operand, weightGradient: Operand?, biasGradient: Operand?
    ) {
        open {
            cpu.normalizeGradient(
                gradient, x: x, parts: parts, weight: weight, mean: mean, scale: scale, into: out,
                weightGradient: weightGradient, biasGradient: biasGradient)
        }
    }
    package func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand
    ) {
        open { cpu.recurrent(projected, layer: layer, gates: gates, cells: cells, into: out) }
    }
    package func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand
    ) {
        open {
            cpu.recurrentGradient(
                gradient, layer: layer, states: states, gates: gates, cells: cells, hidden: hidden, cell: cell,
                into: out, recurrent: recurrent)
        }
    }
    package var randomGeometry: RandomGeometry { cpu.randomGeometry }
    package func random(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, into out: Operand) {
        open { cpu.random(distribution, seed: seed, offset: offset, into: out) }
    }
    package func step(_ parameters: [StepOperands], _ step: OptimizerStep) {
        open { cpu.step(parameters, step) }
    }
    package func step(_ parameters: [StepOperands], _ step: SkippableStep) {
        open { cpu.step(parameters, step) }
    }
    package func unscale(_ tensors: [Operand], by scale: Operand, noting found: Operand) {
        open { cpu.unscale(tensors, by: scale, noting: found) }
    }
    package func sumSquares(_ tensors: [Operand], into sums: Operand) {
        open { cpu.sumSquares(tensors, into: sums) }
    }
    package func scale(_ tensors: [Operand], by factor: Operand) {
        open { cpu.scale(tensors, by: factor) }
    }
    package func adaptScale(_ scale: Operand, tracker: Operand, found: Operand, _ rule: ScaleRule) {
        open { cpu.adaptScale(scale, tracker: tracker, found: found, rule) }
    }
}
