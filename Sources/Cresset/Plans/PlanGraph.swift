import CressetCPU

/// What a network asked of the CPU in one run, reduced to what depends on its input: the requests, and the blocks of
/// memory between them.
struct PlanGraph {
    /// A block of memory.
    struct Block {
        let byteCount: Int
        var isResult = false
    }

    var blocks: [Block]
    var calls: [PlannedCall]
    /// Where the inputs are put.
    let inputs: [Place]
    /// Where the results are.
    var results: [Place]

    /// Takes a recording apart.
    ///
    /// - Throws: ``PlanError`` if requests with other inputs would have to be others.
    init(_ recording: RecordingBackend, inputs: [Tensor], results: [Tensor]) throws(PlanError) {
        if let problem = recording.problem { throw PlanError(problem) }
        let map = BlockMap(recording.blocks)
        var calls = recording.calls
        for i in calls.indices {
            calls[i].reads = calls[i].reads.map { $0.map { map.place($0.operand) } }
            calls[i].writes = calls[i].writes.map { map.place($0.operand) }
        }
        let inputs = inputs.map { map.place($0.operand) }
        let isDynamic = Self.dynamicBlocks(calls, inputs: inputs, count: recording.blocks.count)
        for pointer in recording.hostAccesses {
            if let block = map.block(at: pointer), isDynamic[block] { throw PlanError("it looks at its own numbers") }
        }
        calls.removeAll { call in
            !(call.reads.compactMap { $0 } + call.writes).contains { $0.block.map { isDynamic[$0] } ?? false }
        }
        // The rest keeps the values that it got while recording.
        func settled(_ place: Place) -> Place {
            var place = place
            if let block = place.block, !isDynamic[block] { place.block = nil }
            return place
        }
        for i in calls.indices {
            calls[i].reads = calls[i].reads.map { $0.map(settled) }
            calls[i].writes = calls[i].writes.map(settled)
        }
        if calls.contains(where: { $0.writes.contains { $0.block == nil } }) {
            throw PlanError("it changes a tensor that outlives the call")
        }
        self.calls = calls
        self.inputs = inputs
        self.results = results.map { settled(map.place($0.operand)) }
        blocks = recording.blocks.map { Block(byteCount: $0.byteCount) }
        for place in self.results { if let block = place.block { blocks[block].isResult = true } }
        dropUnusedCalls()
    }

    /// Whether a block depends on the inputs: it is written by a call that reads one that does, or writes another into it.
    private static func dynamicBlocks(_ calls: [PlannedCall], inputs: [Place], count: Int) -> [Bool] {
        var isDynamic = [Bool](repeating: false, count: count)
        for place in inputs { if let block = place.block { isDynamic[block] = true } }
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for call in calls {
                let places = call.reads.compactMap { $0 } + call.writes
                guard places.contains(where: { $0.block.map { isDynamic[$0] } ?? false }) else { continue }
                for case let block? in call.writes.map(\.block) where !isDynamic[block] {
                    isDynamic[block] = true
                    hasChanged = true
                }
            }
        }
        return isDynamic
    }

    private mutating func dropUnusedCalls() {
        var isUsed = blocks.map(\.isResult)
        var kept: [PlannedCall] = []
        for call in calls.reversed() where call.writes.contains(where: { isUsed[$0.block!] }) {
            for case let block? in call.reads.map({ $0?.block }) { isUsed[block] = true }
            for place in call.writes { isUsed[place.block!] = true }
            kept.append(call)
        }
        calls = kept.reversed()
    }

    /// The first and the last call that touches each block; the inputs are there before the first, the results after the
    /// last. Nil for blocks that nothing touches.
    func lifetimes() -> [ClosedRange<Int>?] {
        var lifetimes = [ClosedRange<Int>?](repeating: nil, count: blocks.count)
        func touch(_ block: Int?, _ time: Int) {
            guard let block else { return }
            let known = lifetimes[block] ?? time...time
            lifetimes[block] = min(known.lowerBound, time)...max(known.upperBound, time)
        }
        for place in inputs { touch(place.block, -1) }
        for (time, call) in calls.enumerated() {
            for place in call.reads { touch(place?.block, time) }
            for place in call.writes { touch(place.block, time) }
        }
        for place in results { touch(place.block, calls.count) }
        return lifetimes
    }

    /// Whether an operand is all of its block.
    func fills(_ place: Place) -> Bool {
        guard let block = place.block, place.offset == 0 else { return false }
        let operand = place.operand
        return operand.elementCount * operand.dtype.itemSize == blocks[block].byteCount
            && (operand.isContiguous || operand.isChannelsLast)
    }
}

/// Which block an address lies in.
private struct BlockMap {
    private let sorted: [(start: UInt, end: UInt, block: Int, storage: Storage)]

    init(_ blocks: [Storage]) {
        sorted = blocks.enumerated().filter { $0.element.byteCount > 0 }.map {
            let start = UInt(bitPattern: $0.element.pointer)
            return (start, start + UInt($0.element.byteCount), $0.offset, $0.element)
        }.sorted { $0.start < $1.start }
    }

    private func entry(at address: UInt) -> Int? {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].end <= address { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low].start <= address ? low : nil
    }

    func block(at pointer: UnsafeMutableRawPointer) -> Int? {
        entry(at: UInt(bitPattern: pointer)).map { sorted[$0].block }
    }

    func place(_ operand: Operand) -> Place {
        let address = UInt(bitPattern: operand.pointer)
        guard let entry = entry(at: address) else { return Place(operand: operand) }
        var operand = operand
        operand.storage = sorted[entry].storage
        return Place(operand: operand, block: sorted[entry].block, offset: Int(address - sorted[entry].start))
    }
}

/// Why a network cannot be planned: its calls are not the same for every input.
public struct PlanError: ExplainedError, Sendable, Hashable {
    public let problem: String

    package init(_ problem: String) { self.problem = problem }

    public var explanation: Explanation {
        Explanation(
            "the network cannot be prepared for inference: \(problem)",
            hint: "call it directly, or prepare the parts of it that compute the same for every input")
    }
}
