import CressetCPU
import Synchronization

/// A network's run on the CPU for one shape of input, prepared once: the requests to the backend, in one piece of memory
/// whose parts are used again as soon as nobody needs them.
///
/// Constants are computed while preparing, and weights are those of that moment. Any number of threads may run it.
package final class InferencePlan: @unchecked Sendable {
    // Its constants are memory that nobody changes.
    private let graph: PlanGraph
    /// Where each block begins in a run's memory.
    private let starts: [Int]
    /// The memory of a run, in bytes.
    package let byteCount: Int
    private let idle = Mutex<[Arena]>([])

    /// The number of requests in a run.
    package var callCount: Int { graph.calls.count }

    convenience init(_ graph: PlanGraph) {
        var graph = graph
        graph.addInPlace()
        graph.packProducts()
        self.init(asItIs: graph)
    }

    /// A plan whose blocks keep what was written into them until they are read for the last time.
    init(asItIs graph: PlanGraph) {
        let layout = ArenaLayout(graph)
        (starts, byteCount) = (layout.starts, layout.byteCount)
        self.graph = graph
    }

    /// Runs `body` once, noting what it computes.
    ///
    /// - Parameters:
    ///   - inputs: What it is called with, on the CPU.
    ///   - body: The network. It must compute the same for any numbers in the inputs.
    /// - Throws: ``PlanError`` if it cannot be repeated.
    package convenience init(_ inputs: [Tensor], _ body: ([Tensor]) -> [Tensor]) throws(PlanError) {
        self.init(try Self.graph(inputs, body))
    }

    static func graph(_ inputs: [Tensor], _ body: ([Tensor]) -> [Tensor]) throws(PlanError) -> PlanGraph {
        let recording = RecordingBackend()
        // Inputs in memory of their own: the caller's may be part of something that stays the same.
        let fixed = inputs.map { $0.detached().cloned() }
        for tensor in fixed { recording.adopt(tensor.body.storage) }
        let results = recording.record { withoutGradients { body(fixed) } }
        return try PlanGraph(recording, inputs: fixed, results: results)
    }

    /// The results for `inputs`, which have the shapes and types of those that it was prepared with.
    package func run(_ inputs: [Tensor]) -> [Tensor] {
        run(inputs) { _, arena in
            for call in arena.calls { call.make(call.reads, call.writes) }
        }
    }

    private func run(_ inputs: [Tensor], _ body: (PlanGraph, Arena) -> Void) -> [Tensor] {
        let arena = idle.withLock { $0.popLast() } ?? Arena(graph, starts, byteCount)
        for (index, input) in inputs.enumerated() { arena.take(input.operand, as: index) }
        body(graph, arena)
        let results = arena.results.map { operand in
            let out = Tensor.uninitialized(operand.shape, strides: operand.strides, dtype: operand.dtype, device: .cpu)
            CPUBackend.shared.copy(operand, to: out.operand)
            return out
        }
        idle.withLock { $0.append(arena) }
        return results
    }

    /// Runs once and shows `observe` every operand that a call has written.
    func run(_ inputs: [Tensor], observing observe: (_ place: Place, _ operand: Operand) -> Void) {
        _ = run(inputs) { graph, arena in
            for (place, operand) in zip(graph.inputs, arena.inputs) { observe(place, operand) }
            for (call, bound) in zip(graph.calls, arena.calls) {
                bound.make(bound.reads, bound.writes)
                for (place, operand) in zip(call.writes, bound.writes) { observe(place, operand) }
            }
        }
    }
}

/// The memory of one run at a time, and the requests in terms of it.
private final class Arena: @unchecked Sendable {
    let storage: Storage
    /// Where the inputs of the current run are.
    private(set) var inputs: [Operand]
    let results: [Operand]
    private(set) var calls: [(reads: [Operand?], writes: [Operand], make: @Sendable ([Operand?], [Operand]) -> Void)]
    /// Where each input is copied to, if it must be.
    private let homes: [Operand]
    /// Which calls read an input, and how far from its beginning; nil if it must be copied, since its memory is written.
    private let readers: [[(call: Int, read: Int, offset: Int)]?]

    init(_ graph: PlanGraph, _ starts: [Int], _ byteCount: Int) {
        storage = CPUBackend.shared.allocate(byteCount: byteCount)
        let base = storage.pointer
        homes = graph.inputs.map { $0.bound(to: base, starts) }
        inputs = homes
        readers = graph.inputs.map { graph.readers(of: $0) }
        results = graph.results.map { $0.bound(to: base, starts) }
        calls = graph.calls.map { call in
            (call.reads.map { $0?.bound(to: base, starts) }, call.writes.map { $0.bound(to: base, starts) }, call.make)
        }
    }

    /// Has an input read where it is; copies it if its layout is another than the plan's.
    func take(_ input: Operand, as index: Int) {
        let home = homes[index]
        precondition(input.shape == home.shape && input.dtype == home.dtype, "a plan's inputs are others")
        var pointer = home.pointer
        if readers[index] != nil && input.strides == home.strides {
            pointer = input.pointer
        } else {
            CPUBackend.shared.copy(input, to: home)
        }
        inputs[index].pointer = pointer
        for reader in readers[index] ?? [] { calls[reader.call].reads[reader.read]?.pointer = pointer + reader.offset }
    }
}

/// Where blocks are in a run's memory: two that are needed at the same time never overlap.
private struct ArenaLayout {
    private(set) var starts: [Int]
    private(set) var byteCount = 0

    init(_ graph: PlanGraph) {
        starts = [Int](repeating: 0, count: graph.blocks.count)
        let lifetimes = graph.lifetimes()
        let order = graph.blocks.indices.filter { lifetimes[$0] != nil }
            .sorted { graph.blocks[$0].byteCount > graph.blocks[$1].byteCount }
        var placed: [(start: Int, end: Int, lifetime: ClosedRange<Int>)] = []
        for block in order {
            let lifetime = lifetimes[block]!, size = (graph.blocks[block].byteCount + 63) / 64 * 64
            // The largest first, each in the lowest gap where it fits.
            var start = 0
            for other in placed where other.lifetime.overlaps(lifetime) {
                if start + size <= other.start { break }
                start = max(start, other.end)
            }
            starts[block] = start
            byteCount = max(byteCount, start + size)
            let place = placed.firstIndex { $0.start >= start } ?? placed.endIndex
            placed.insert((start, start + size, lifetime), at: place)
        }
    }
}

extension PlanGraph {
    /// The calls that read an input, and how far from its beginning; nil if its memory is written, or a result is in it.
    fileprivate func readers(of input: Place) -> [(call: Int, read: Int, offset: Int)]? {
        guard let block = input.block, fills(input), !blocks[block].isResult,
            !calls.contains(where: { $0.writes(block) })
        else { return nil }
        return calls.enumerated().flatMap { index, call in
            call.reads.enumerated().compactMap { read, place in
                place?.block == block ? (index, read, place!.offset) : nil
            }
        }
    }

    /// Lets convolutions add to the memory of what they add, where nobody needs that any more: it is read and written
    /// once instead of twice.
    mutating func addInPlace() {
        for (time, call) in calls.enumerated() {
            guard case .convolution = call.kind, let addend = call.reads[3], let from = addend.block,
                let to = call.writes[0].block, fills(addend), fills(call.writes[0]), from != to,
                addend.operand.hasOrder(of: call.writes[0].operand), !blocks[to].isResult, !blocks[from].isResult,
                call.reads.filter({ $0?.block == from }).count == 1
            else { continue }
            let lifetimes = lifetimes()
            guard let end = lifetimes[from]?.upperBound, let begin = lifetimes[to]?.lowerBound, end == time,
                begin == time, addend.operand.dtype.itemSize == call.writes[0].operand.dtype.itemSize
            else { continue }
            replace(to, by: from)
        }
    }

    /// Keeps constant matrices in the layout that is quickest to read, instead of their own.
    mutating func packProducts() {
        for i in calls.indices {
            guard case .product(let epilogue) = calls[i].kind, let a = calls[i].reads[0], let b = calls[i].reads[1],
                b.block == nil,
                let product = PackedProduct(
                    a.operand, b.operand, bias: calls[i].reads[2]?.operand, epilogue: epilogue,
                    out: calls[i].writes[0].operand)
            else { continue }
            calls[i].reads[1] = nil
            calls[i].make = { product.run($0[0]!, bias: $0[2], into: $1[0]) }
        }
    }

    private mutating func replace(_ old: Int, by new: Int) {
        func moved(_ place: Place) -> Place {
            var place = place
            if place.block == old { place.block = new }
            return place
        }
        for i in calls.indices {
            calls[i].reads = calls[i].reads.map { $0.map(moved) }
            calls[i].writes = calls[i].writes.map(moved)
        }
    }
}
