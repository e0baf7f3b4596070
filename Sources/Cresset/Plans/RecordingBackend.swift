import CressetCPU
import Synchronization

/// The CPU, noting every request while a network runs once, so that a plan can repeat them.
///
/// It stands in for the CPU in the task that records, and in no other.
final class RecordingBackend: Backend, @unchecked Sendable {
    // Used by one task at a time: that which records.
    @TaskLocal private static var current: RecordingBackend?
    private static let count = Atomic(0)

    /// The one in whose scope the caller is. Costs nothing while nobody records.
    static var active: RecordingBackend? { count.load(ordering: .relaxed) == 0 ? nil : current }

    let cpu = CPUBackend.shared
    /// The memory that was allocated. None of it is used twice: an address stands for one block.
    private(set) var blocks: [Storage] = []
    private var addresses: Set<UnsafeMutableRawPointer> = []
    private(set) var calls: [PlannedCall] = []
    /// Why the requests cannot be repeated; nil if they can.
    private(set) var problem: String?
    /// Memory that the host read or wrote by itself.
    private(set) var hostAccesses: [UnsafeMutableRawPointer] = []

    /// The result of `body`, every request of which is noted.
    func record<R>(_ body: () throws -> R) rethrows -> R {
        Self.count.add(1, ordering: .relaxed)
        defer { Self.count.subtract(1, ordering: .relaxed) }
        return try Self.$current.withValue(self) { try body() }
    }

    /// Counts memory that exists already as a block: what changes from run to run.
    func adopt(_ storage: Storage) {
        blocks.append(storage)
        addresses.insert(storage.pointer)
    }

    func noteHostAccess(to pointer: UnsafeMutableRawPointer) { hostAccesses.append(pointer) }

    private func note(
        _ reads: [Operand?], _ writes: [Operand], as kind: PlannedCall.Kind = .other, name: StaticString = #function,
        _ make: @escaping @Sendable (_ reads: [Operand?], _ writes: [Operand]) -> Void
    ) {
        make(reads, writes)
        calls.append(
            PlannedCall(
                kind: kind, name: name, reads: reads.map { $0.map(place) }, writes: writes.map(place), make: make))
    }

    /// Without an owner if it is in one of the blocks: a tensor must seem to own its memory alone if nobody else has it.
    private func place(_ operand: Operand) -> Place {
        var operand = operand
        if let storage = operand.storage, addresses.contains(storage.pointer) { operand.storage = nil }
        return Place(operand: operand)
    }

    func noteRandomNumbers() { refuse("it draws random numbers (call eval() first)") }

    private func refuse(_ what: String) { problem = problem ?? what }
}

// MARK: Memory

extension RecordingBackend {
    func allocate(byteCount: Int) -> Storage {
        let storage = cpu.allocate(byteCount: byteCount)
        adopt(storage)
        // What the tensor owns; the memory itself stays at least until the plan is made.
        return Storage(pointer: storage.pointer, byteCount: byteCount) { _, _ in withExtendedLifetime(storage) {} }
    }
    func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage?, to out: Operand) {
        noteHostAccess(to: out.pointer)
        cpu.upload(bytes, of: source, to: out)
    }
    func download(_ x: Operand, into bytes: UnsafeMutableRawBufferPointer) {
        noteHostAccess(to: x.pointer)
        cpu.download(x, into: bytes)
    }
    func synchronize() {}
    func fill(_ out: Operand, with value: Scalar) {
        note([], [out]) { [cpu] in cpu.fill($1[0], with: value) }
    }
    func copy(_ source: Operand, to out: Operand) {
        note([source], [out], as: .copy) { [cpu] in cpu.copy($0[0]!, to: $1[0]) }
    }
}

// MARK: Elements and indices

extension RecordingBackend {
    func unary(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand) {
        note([x], [out]) { [cpu] in cpu.unary(op, $0[0]!, a: a, b: b, into: $1[0]) }
    }
    func binary(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand) {
        note([x, y], [out]) { [cpu] in cpu.binary(op, $0[0]!, $0[1]!, a: a, b: b, into: $1[0]) }
    }
    func select(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand) {
        note([condition, x, y], [out]) { [cpu] in cpu.select($0[0]!, $0[1]!, $0[2]!, into: $1[0]) }
    }
    func reduce(_ op: ReduceOp, _ x: Operand, axes: Shape, into out: Operand) {
        note([x], [out]) { [cpu] in cpu.reduce(op, $0[0]!, axes: axes, into: $1[0]) }
    }
    func softmax(_ x: Operand, axis: Int, logarithm: Bool, emptyIsZero: Bool, into out: Operand) {
        note([x], [out]) { [cpu] in
            cpu.softmax($0[0]!, axis: axis, logarithm: logarithm, emptyIsZero: emptyIsZero, into: $1[0])
        }
    }
    func scan(_ op: ReduceOp, _ x: Operand, axis: Int, into out: Operand) {
        note([x], [out]) { [cpu] in cpu.scan(op, $0[0]!, axis: axis, into: $1[0]) }
    }
    func sort(_ x: Operand, axis: Int, descending: Bool, values: Operand, indices: Operand) {
        note([x], [values, indices]) { [cpu] in
            cpu.sort($0[0]!, axis: axis, descending: descending, values: $1[0], indices: $1[1])
        }
    }
    func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand) {
        note([indices], [out]) { [cpu] in cpu.checkRange($0[0]!, rule, into: $1[0]) }
    }
    func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand) {
        note([x, index], [out]) { [cpu] in cpu.gather($0[0]!, axis: axis, index: $0[1]!, into: $1[0]) }
    }
    func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand) {
        note([x, index], [out]) { [cpu] in cpu.scatter(op, $0[0]!, axis: axis, index: $0[1]!, into: $1[0]) }
    }
    func embeddingBag(_ table: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand) {
        let (padding, mode) = (bags.padding, bags.mode)
        note([table, bags.numbers, bags.starts, bags.weights], [out] + (places.map { [$0] } ?? [])) { [cpu] in
            let bags = EmbeddingBags(numbers: $0[1]!, starts: $0[2]!, weights: $0[3], padding: padding, mode: mode)
            cpu.embeddingBag($0[0]!, bags: bags, places: $1.count > 1 ? $1[1] : nil, into: $1[0])
        }
    }
}

// MARK: Products, pools, normalisation, recurrent layers

extension RecordingBackend {
    func matmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand) {
        note([a, b, bias], [out], as: .product(epilogue)) { [cpu] in
            cpu.matmul($0[0]!, $0[1]!, bias: $0[2], epilogue: epilogue, into: $1[0])
        }
    }
    func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, weightIsFixed: Bool, into out: Operand
    ) {
        note([x, weight, bias, addend], [out], as: .convolution(geometry, epilogue)) { [cpu] in
            cpu.convolution(
                $0[0]!, weight: $0[1]!, bias: $0[2], geometry: geometry, addend: $0[3], epilogue: epilogue,
                weightIsFixed: weightIsFixed, into: $1[0])
        }
    }
    func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, weightIsFixed: Bool, into out: Operand
    ) {
        // Also the transposed convolution.
        note([gradient, weight], [out]) { [cpu] in
            cpu.convolutionInputGradient(
                $0[0]!, weight: $0[1]!, geometry: geometry, weightIsFixed: weightIsFixed, into: $1[0])
        }
    }
    func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand?, into out: Operand) {
        note([x], [out] + (indices.map { [$0] } ?? []), as: indices == nil ? .maximumPool(window) : .other) { [cpu] in
            cpu.maxPool($0[0]!, window: window, indices: $1.count > 1 ? $1[1] : nil, into: $1[0])
        }
    }
    func averagePool(_ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand) {
        note([x], [out]) { [cpu] in
            cpu.averagePool($0[0]!, window: window, countsPadding: countsPadding, divisor: divisor, into: $1[0])
        }
    }
    func batchStatistics(_ x: Operand, mean: Operand, variance: Operand) {
        note([x], [mean, variance]) { [cpu] in cpu.batchStatistics($0[0]!, mean: $1[0], variance: $1[1]) }
    }
    func batchNormalize(
        _ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double,
        addend: Operand?, epilogue: Epilogue, mask: Operand?, into out: Operand
    ) -> Bool {
        if mask != nil { refuse("gradients are recorded") }
        note([x, mean, variance, weight, bias, addend], [out]) { [cpu] in
            _ = cpu.batchNormalize(
                $0[0]!, mean: $0[1]!, variance: $0[2]!, weight: $0[3], bias: $0[4], epsilon: epsilon, addend: $0[5],
                epilogue: epilogue, mask: nil, into: $1[0])
        }
        return false
    }
    func normalize(
        _ x: Operand, parts: PartNormalization, weight: Operand?, bias: Operand?, mean: Operand, scale: Operand,
        into out: Operand
    ) {
        note([x, weight, bias], [out, mean, scale]) { [cpu] in
            cpu.normalize($0[0]!, parts: parts, weight: $0[1], bias: $0[2], mean: $1[1], scale: $1[2], into: $1[0])
        }
    }
    func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand
    ) {
        if gates != nil { refuse("gradients are recorded") }
        let (kind, isReversed) = (layer.kind, layer.isReversed)
        note([projected, layer.weight, layer.bias, layer.hidden, layer.cell], [out] + (cells.map { [$0] } ?? [])) {
            [cpu] in
            let layer = RecurrentOperands(
                kind: kind, weight: $0[1]!, bias: $0[2], hidden: $0[3]!, cell: $0[4], isReversed: isReversed)
            cpu.recurrent($0[0]!, layer: layer, gates: nil, cells: $1.count > 1 ? $1[1] : nil, into: $1[0])
        }
    }
    func supports(_ epilogue: Epilogue, after operation: FusibleOperation) -> Bool {
        cpu.supports(epilogue, after: operation)
    }
}

// MARK: What a plan cannot have

extension RecordingBackend {
    private var training: String { "it trains" }

    func moveStatistics(
        mean: Operand, variance: Operand, counter: Operand?, batchMean: Operand, batchVariance: Operand, share: Double,
        correction: Double
    ) {
        refuse("it moves the running statistics of a normalisation (call eval() first)")
        cpu.moveStatistics(
            mean: mean, variance: variance, counter: counter, batchMean: batchMean, batchVariance: batchVariance,
            share: share, correction: correction)
    }
    var randomGeometry: RandomGeometry { cpu.randomGeometry }
    func random(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, into out: Operand) {
        noteRandomNumbers()
        cpu.random(distribution, seed: seed, offset: offset, into: out)
    }
    func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?
    ) {
        refuse(training)
        cpu.convolutionWeightGradient(gradient, x, geometry: geometry, weight: weight, bias: bias)
    }
    func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand) {
        refuse(training)
        cpu.softmaxGradient(gradient, y, axis: axis, logarithm: logarithm, into: out)
    }
    func embeddingBagGradient(_ gradient: Operand, bags: EmbeddingBags, places: Operand?, into out: Operand) {
        refuse(training)
        cpu.embeddingBagGradient(gradient, bags: bags, places: places, into: out)
    }
    func maxPoolGradient(_ gradient: Operand, indices: Operand, window: WindowGeometry, into out: Operand) {
        refuse(training)
        cpu.maxPoolGradient(gradient, indices: indices, window: window, into: out)
    }
    func averagePoolGradient(
        _ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand
    ) {
        refuse(training)
        cpu.averagePoolGradient(gradient, window: window, countsPadding: countsPadding, divisor: divisor, into: out)
    }
    func batchNormalizeMaskSize(_ x: Operand) -> Int? { nil }
    func batchNormalizeGradient(
        _ gradient: Operand, part: Operand?, x: Operand, result: Operand?, mask: Operand?, mean: Operand,
        variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue,
        into out: Operand?, weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?
    ) {
        refuse(training)
        cpu.batchNormalizeGradient(
            gradient, part: part, x: x, result: result, mask: mask, mean: mean, variance: variance, weight: weight,
            bias: bias, epsilon: epsilon, usesBatch: usesBatch, epilogue: epilogue, into: out,
            weightGradient: weightGradient, biasGradient: biasGradient, addendGradient: addendGradient)
    }
    func normalizeGradient(
        _ gradient: Operand, x: Operand, parts: PartNormalization, weight: Operand?, mean: Operand, scale: Operand,
        into out: Operand, weightGradient: Operand?, biasGradient: Operand?
    ) {
        refuse(training)
        cpu.normalizeGradient(
            gradient, x: x, parts: parts, weight: weight, mean: mean, scale: scale, into: out,
            weightGradient: weightGradient, biasGradient: biasGradient)
    }
    func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand
    ) {
        refuse(training)
        cpu.recurrentGradient(
            gradient, layer: layer, states: states, gates: gates, cells: cells, hidden: hidden, cell: cell, into: out,
            recurrent: recurrent)
    }
    func step(_ parameters: [StepOperands], _ step: OptimizerStep) {
        refuse(training)
        cpu.step(parameters, step)
    }
    func step(_ parameters: [StepOperands], _ step: SkippableStep) {
        refuse(training)
        cpu.step(parameters, step)
    }
    func unscale(_ tensors: [Operand], by scale: Operand, noting found: Operand) {
        refuse(training)
        cpu.unscale(tensors, by: scale, noting: found)
    }
    func sumSquares(_ tensors: [Operand], into sums: Operand) {
        refuse(training)
        cpu.sumSquares(tensors, into: sums)
    }
    func scale(_ tensors: [Operand], by factor: Operand) {
        refuse(training)
        cpu.scale(tensors, by: factor)
    }
    func adaptScale(_ scale: Operand, tracker: Operand, found: Operand, _ rule: ScaleRule) {
        refuse(training)
        cpu.adaptScale(scale, tracker: tracker, found: found, rule)
    }
}
