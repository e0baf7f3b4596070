import CressetCPU

/// Turns the convolutions of a plan, and linear layers, into ones of integers of 8 bits. Between them, activations stay
/// integers; where a request needs floating point, they are restored.
struct Quantizer {
    private let graph: PlanGraph
    private let ranges: ActivationRanges
    private let uses: BlockUses
    /// The calls that are to compute with integers, with what they compute.
    private var candidates: [Int: ConvolutionTerms]
    /// The calls that the library cannot make with integers.
    private var refused: Set<Int> = []
    /// Blocks that hold integers and nothing else.
    private var integerBlocks: Set<Int> = []
    /// For every block that is needed as integers, one that stands for those that share its scale.
    private var groups = Groups()
    private var scales: [Int: QuantizedScale] = [:]

    init(_ graph: PlanGraph, _ ranges: ActivationRanges) {
        self.graph = graph
        self.ranges = ranges
        uses = BlockUses(graph)
        candidates = [:]
        for (number, call) in graph.calls.enumerated() {
            if let terms = ConvolutionTerms(call, in: graph, uses) { candidates[number] = terms }
        }
    }

    /// The plan's requests with integers.
    mutating func quantized() -> PlanGraph {
        // A convolution that the library lacks stays as it is, which changes what its neighbours hold.
        while true {
            findIntegerBlocks()
            findScales()
            var out = QuantizedGraph(graph)
            guard let failure = write(into: &out) else { return out.graph }
            candidates[failure] = nil
            refused.insert(failure)
        }
    }

    // MARK: What is an integer

    private mutating func findIntegerBlocks() {
        integerBlocks = Set(
            graph.blocks.indices.filter { block in
                uses.isSimple[block] && !graph.blocks[block].isResult && !uses.readers[block].isEmpty
                    && !uses.writers[block].isEmpty
            })
        var hasChanged = true
        while hasChanged {
            let kept = integerBlocks.filter { block in
                uses.readers[block].allSatisfy { reads(integers: block, $0) }
                    && uses.writers[block].allSatisfy { writesIntegers($0) }
            }
            hasChanged = kept.count < integerBlocks.count
            integerBlocks = kept
        }
    }

    private func reads(integers block: Int, _ number: Int) -> Bool {
        if let terms = candidates[number] { return terms.x.block == block || terms.addend?.block == block }
        return passesOn(number) && integerBlocks.contains(graph.calls[number].writes[0].block!)
    }

    private func writesIntegers(_ number: Int) -> Bool {
        if candidates[number] != nil { return true }
        return passesOn(number) && graph.calls[number].reads[0]?.block.map(integerBlocks.contains) ?? false
    }

    /// Whether a call moves numbers without changing them.
    private func passesOn(_ number: Int) -> Bool {
        let call = graph.calls[number]
        guard !refused.contains(number), let source = call.reads.first ?? nil, source.operand.dtype == .float32,
            graph.fills(source)
        else { return false }
        switch call.kind {
        case .maximumPool(let window): return !window.isAdaptive && graph.fills(call.writes[0])
        case .copy: return call.writes[0].operand.dtype == .float32
        default: return false
        }
    }

    private mutating func findScales() {
        groups = Groups()
        for number in graph.calls.indices where candidates[number] == nil && passesOn(number) {
            let call = graph.calls[number]
            if let from = call.reads[0]?.block, let to = call.writes[0].block, integerBlocks.contains(from),
                integerBlocks.contains(to)
            {
                groups.join(from, to)
            }
        }
        scales = [:]
        var members: [Int: [Int]] = [:]
        for block in graph.blocks.indices { members[groups.representative(of: block), default: []].append(block) }
        for (representative, blocks) in members { scales[representative] = ranges.scale(of: blocks) }
    }

    private func scale(_ block: Int) -> QuantizedScale? { scales[groups.representative(of: block)] }

    // MARK: Writing

    /// Writes all calls; the number of one that cannot be written with integers, or nil.
    private func write(into out: inout QuantizedGraph) -> Int? {
        for place in graph.inputs { if let block = place.block { writeInteger(of: block, at: place, into: &out) } }
        for (number, call) in graph.calls.enumerated() {
            if let terms = candidates[number] {
                guard write(terms, call, into: &out) else { return number }
            } else if passesOn(number), let source = call.reads[0]?.block, integerBlocks.contains(source) {
                guard writePassing(call, source, into: &out) else { return number }
            } else {
                out.graph.calls.append(call)
            }
            for place in call.writes {
                guard let block = place.block, uses.writers[block].last == number else { continue }
                writeInteger(of: block, at: place, into: &out)
            }
        }
        return nil
    }

    /// After the last write to a block of floating-point numbers: the same as integers, if a convolution needs them.
    private func writeInteger(of block: Int, at place: Place, into out: inout QuantizedGraph) {
        guard !integerBlocks.contains(block), out.integers[block] == nil,
            let reader = uses.readers[block].first(where: {
                candidates[$0].map { $0.x.block == block || $0.addend?.block == block } ?? false
            }), let scale = scale(block), let terms = candidates[reader]
        else { return }
        let source = terms.x.block == block ? terms.x : terms.addend!
        let target = out.integers(for: block, like: source, scale)
        out.graph.calls.append(
            PlannedCall(kind: .other, name: "quantize", reads: [source], writes: [target]) {
                scale.quantize($0[0]!, into: $1[0])
            })
    }

    private func writePassing(_ call: PlannedCall, _ source: Int, into out: inout QuantizedGraph) -> Bool {
        guard let scale = scale(source) else { return false }
        let from = out.integers(for: source, like: call.reads[0]!, scale)
        let to = out.integers(for: call.writes[0].block!, like: call.writes[0], scale)
        if case .maximumPool(let window) = call.kind {
            guard let pool = QuantizedPool(from.operand, window: window, out: to.operand) else { return false }
            out.graph.calls.append(
                PlannedCall(kind: .other, name: "maxPool", reads: [from], writes: [to]) {
                    pool.run($0[0]!, into: $1[0])
                })
        } else {
            out.graph.calls.append(
                PlannedCall(kind: .copy, name: "copy", reads: [from], writes: [to], make: call.make))
        }
        return true
    }

    private func write(_ terms: ConvolutionTerms, _ call: PlannedCall, into out: inout QuantizedGraph) -> Bool {
        let result = call.writes[0].block!
        guard let input = scale(terms.x.block!), let output = scale(result) else { return false }
        let isInteger = integerBlocks.contains(result) || terms.addend != nil
        let addendScale = terms.addend.flatMap { scale($0.block!) }
        if terms.addend != nil, addendScale == nil { return false }
        let x = out.integers(for: terms.x.block!, like: terms.x, input)
        let target =
            isInteger
            ? out.integers(for: result, like: terms.out, output)
            : Place(
                operand: terms.out.operand, block: result)
        guard
            let convolution = QuantizedConvolution(
                x.operand, input: input, weight: terms.weight, bias: terms.bias, geometry: terms.geometry,
                addend: addendScale, epilogue: terms.epilogue, out: target.operand, output: isInteger ? output : nil)
        else { return false }
        let addend = terms.addend.map { out.integers(for: $0.block!, like: $0, addendScale!) }
        out.graph.calls.append(
            PlannedCall(
                kind: .convolution(terms.geometry, terms.epilogue), name: "convolution",
                reads: [x, nil, nil, addend], writes: [target]
            ) { reads, writes in
                // The sum is taken in place.
                if let addend = reads[3], addend.pointer != writes[0].pointer {
                    writes[0].pointer.copyMemory(from: addend.pointer, byteCount: addend.elementCount)
                }
                convolution.run(reads[0]!, into: writes[0])
            })
        if isInteger, !integerBlocks.contains(result) {
            out.graph.calls.append(
                PlannedCall(
                    kind: .other, name: "dequantize", reads: [target],
                    writes: [Place(operand: terms.out.operand, block: result)]
                ) { output.dequantize($0[0]!, into: $1[0]) })
        }
        return true
    }
}

/// A plan that is being written, in which some blocks have a second one for integers.
private struct QuantizedGraph {
    var graph: PlanGraph
    private(set) var integers: [Int: Int] = [:]

    init(_ graph: PlanGraph) {
        self.graph = graph
        self.graph.calls = []
    }

    /// The place of the integers that stand for a block's numbers.
    mutating func integers(for block: Int, like place: Place, _ scale: QuantizedScale) -> Place {
        if integers[block] == nil {
            integers[block] = graph.blocks.count
            graph.blocks.append(PlanGraph.Block(byteCount: graph.blocks[block].byteCount / 4))
        }
        var place = place
        place.operand.dtype = scale.dtype
        place.operand.storage = nil
        place.offset /= 4
        place.block = integers[block]
        return place
    }
}

/// Who writes and reads each block.
private struct BlockUses {
    private(set) var writers, readers: [[Int]]
    /// Whether a block holds float32, and is read only when all of it is written.
    private(set) var isSimple: [Bool]

    init(_ graph: PlanGraph) {
        writers = [[Int]](repeating: [], count: graph.blocks.count)
        readers = writers
        isSimple = [Bool](repeating: true, count: graph.blocks.count)
        for (number, call) in graph.calls.enumerated() {
            for case let place? in call.reads {
                guard let block = place.block else { continue }
                if readers[block].last != number { readers[block].append(number) }
                if place.operand.dtype != .float32 { isSimple[block] = false }
            }
            for place in call.writes {
                guard let block = place.block else { continue }
                if writers[block].last != number { writers[block].append(number) }
                if place.operand.dtype != .float32 || !readers[block].isEmpty { isSimple[block] = false }
            }
        }
        for place in graph.inputs where place.operand.dtype != .float32 {
            if let block = place.block { isSimple[block] = false }
        }
    }
}

/// A convolution with a constant weight, or a linear layer as one of 1 x 1.
private struct ConvolutionTerms {
    let x, out: Place
    let addend: Place?
    let weight: Operand
    let bias: Operand?
    let geometry: ConvolutionGeometry
    let epilogue: Epilogue

    init?(_ call: PlannedCall, in graph: PlanGraph, _ uses: BlockUses) {
        guard let x = call.reads.first ?? nil, let block = x.block, uses.isSimple[block], graph.fills(x),
            let result = call.writes.first, uses.isSimple[result.block!], graph.fills(result)
        else { return nil }
        switch call.kind {
        case .convolution(let geometry, let epilogue):
            guard x.operand.isChannelsLast, result.operand.isChannelsLast, x.operand.shape.count == 4 else {
                return nil
            }
            (self.x, out, self.geometry, self.epilogue) = (x, result, geometry, epilogue)
            weight = call.reads[1]!.operand
            addend = call.reads[3]
        case .product(let epilogue):
            guard x.operand.shape.count == 2, x.operand.isContiguous, result.operand.isContiguous,
                let b = call.reads[1], b.operand.shape.count == 2
            else { return nil }
            (self.x, out, self.epilogue) = (x.asPicture, result.asPicture, epilogue)
            let (shape, strides) = (b.operand.shape, b.operand.strides)
            var weight = b.operand
            weight.shape = [shape[1], shape[0], 1, 1]
            weight.strides = [strides[1], strides[0], 1, 1]
            self.weight = weight
            let (ones, zeros): (Shape, Shape) = ([1, 1], [0, 0])
            geometry = ConvolutionGeometry(
                window: WindowGeometry(
                    kernel: ones, stride: ones, paddingBefore: zeros, paddingAfter: zeros, dilation: ones), groups: 1)
            addend = nil
        default: return nil
        }
        bias = call.reads[2]?.operand
        guard call.reads[1]!.block == nil, weight.dtype == .float32, call.reads[2]?.block == nil,
            bias.map({ $0.dtype == .float32 && $0.shape.count == 1 }) ?? true
        else { return nil }
        if let addend {
            guard let block = addend.block, uses.isSimple[block], graph.fills(addend),
                addend.operand.hasOrder(of: out.operand)
            else { return nil }
        }
    }
}

extension Place {
    /// A matrix as pictures of one pixel.
    fileprivate var asPicture: Place {
        var place = self
        let (rows, columns) = (operand.shape[0], operand.shape[1])
        place.operand.shape = [rows, columns, 1, 1]
        place.operand.strides = place.operand.shape.channelsLastStrides
        return place
    }
}

/// Sets of blocks that grow together.
private struct Groups {
    private var parents: [Int: Int] = [:]

    func representative(of block: Int) -> Int {
        var block = block
        while let parent = parents[block] { block = parent }
        return block
    }

    mutating func join(_ a: Int, _ b: Int) {
        let (a, b) = (representative(of: a), representative(of: b))
        if a != b { parents[a] = b }
    }
}
