import CCUDA
import CressetBackend

/// Pointwise operators that have been requested but not launched: one kernel applies them all to each element.
///
/// Elements are numbered by their positions in the memory of the results, which have no gaps, so tensors of different
/// shapes fit together as long as nothing is broadcast.
struct Chain {
    /// Where an operator finds an argument.
    enum Source: Hashable {
        case operand(Int)
        case step(Int)
    }

    /// Something read from memory.
    struct Input: Equatable {
        let pointer: UnsafeMutableRawPointer
        let dtype: DType
        let order: ElementOrder
    }

    struct Step {
        let call: PointwiseCall
        let sources: [Source]
    }

    /// Where a step's value belongs, for as long as somebody holds that memory.
    struct Result {
        let step: Int
        let pointer: UnsafeMutableRawPointer
        let dtype: DType
        let addresses: Range<Int>
        weak var storage: Storage?
        /// Whether a later step writes to the same place.
        var isReplaced = false

        var isWanted: Bool { !isReplaced && storage != nil }
    }

    private(set) var steps: [Step] = []
    private(set) var inputs: [Input] = []
    /// The addresses of `inputs`.
    private var ranges: [Range<Int>] = []
    private(set) var results: [Result] = []
    /// The shape and the results' strides as far as they matter: nil as long as nothing is broadcast.
    private(set) var space: (shape: Shape, strides: Shape)?
    /// The number of elements.
    let count: Int

    init(count: Int) { self.count = count }

    /// Adds an operator on as many elements; false if the chain must be launched first, or, if it is empty, cannot
    /// contain it at all.
    mutating func join(_ call: PointwiseCall) -> Bool {
        var new = self
        guard new.add(call) else { return false }
        self = new
        return true
    }

    private mutating func add(_ call: PointwiseCall) -> Bool {
        let out = call.out
        guard let storage = out.storage, out.hasNoGaps, steps.count < cresset_chain_steps else { return false }
        var sources: [Source] = []
        for operand in call.inputs {
            guard let order = ElementOrder(of: operand, in: out), agrees(order, with: out),
                let source = source(of: operand, order)
            else { return false }
            sources.append(source)
        }
        guard mayWrite(out) else { return false }
        let result = Result(
            step: steps.count, pointer: out.pointer, dtype: out.dtype, addresses: out.addresses, storage: storage)
        for i in results.indices where results[i].addresses == result.addresses { results[i].isReplaced = true }
        results.append(result)
        steps.append(Step(call: call.withoutStorage, sources: sources))
        // A walk has the strides of four orders, the results' among them.
        return inputs.orders.count <= 3 && inputs.count <= cresset_chain_operands
            && results.count(where: \.isWanted) <= cresset_chain_results
    }

    /// Whether an operand's order of elements can be walked together with the others'.
    private mutating func agrees(_ order: ElementOrder, with out: Operand) -> Bool {
        guard case .strides = order else { return true }
        if let space { return space == (out.shape, out.strideKey) }
        space = (out.shape, out.strideKey)
        return true
    }

    /// Where the elements of an operand come from; nil if they have not been written yet, and not element by element.
    private mutating func source(of operand: Operand, _ order: ElementOrder) -> Source? {
        let addresses = operand.addresses
        if let result = results.last(where: { $0.isWanted && $0.addresses.overlaps(addresses) }) {
            let isSame = order == .same && result.pointer == operand.pointer && result.dtype == operand.dtype
            return isSame ? .step(result.step) : nil
        }
        let input = Input(pointer: operand.pointer, dtype: operand.dtype, order: order)
        if let known = inputs.firstIndex(of: input) { return .operand(known) }
        inputs.append(input)
        ranges.append(addresses)
        return .operand(inputs.count - 1)
    }

    /// Whether an operator outside must not be launched before this chain: it would read what has not been written, or
    /// write to what the chain reads or writes.
    func conflicts(with call: PointwiseCall) -> Bool {
        let read = call.inputs.map(\.addresses)
        let written = call.out.addresses
        return ranges.contains { $0.overlaps(written) }
            || results.contains { result in
                result.isWanted && (read + [written]).contains { $0.overlaps(result.addresses) }
            }
    }

    /// Whether every thread overwrites only what it alone has read, and nothing that somebody still wants.
    private func mayWrite(_ out: Operand) -> Bool {
        let addresses = out.addresses
        for (input, range) in zip(inputs, ranges) where range.overlaps(addresses) {
            guard input.order == .same, input.pointer == out.pointer, input.dtype.itemSize == out.dtype.itemSize
            else { return false }
        }
        return results.allSatisfy { !$0.isWanted || !$0.addresses.overlaps(addresses) || $0.addresses == addresses }
    }
}

extension [Chain.Input] {
    /// The orders of elements other than the results' own, by their strides.
    var orders: [Shape] {
        var orders: [Shape] = []
        for input in self {
            if case .strides(let strides) = input.order, !orders.contains(strides) { orders.append(strides) }
        }
        return orders
    }
}
