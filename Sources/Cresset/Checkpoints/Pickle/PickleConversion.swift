/// Makes a ``CheckpointValue`` of what a pickle machine has read.
///
/// In the machine values may refer to each other in any way, around in a circle too. Here they are copied into a tree, so
/// its depth and size are bounded: a few bytes can name a list of lists of lists that no memory holds.
struct PickleConversion {
    private let machine: PickleMachine
    private let tensors: [Tensor]
    private var valuesLeft: Int
    private var textLeft: Int

    /// - Parameter tensors: One for each tensor of the machine.
    init(_ machine: PickleMachine, _ tensors: [Tensor]) {
        self.machine = machine
        self.tensors = tensors
        // Keys and small values are shared as a rule, though each is used but a few times.
        valuesLeft = 4 * machine.values.count + 4 * machine.tupleItems.count + 100_000
        textLeft = 4 * machine.text.count + (1 << 20)
    }

    mutating func value(
        _ reference: PickleValue.Reference, depth: Int = 0
    ) throws(CheckpointError) -> CheckpointValue {
        guard depth <= CheckpointValue.depthLimit else {
            throw CheckpointError(
                .unsupported, "its values lie more than \(CheckpointValue.depthLimit) deep in each other")
        }
        valuesLeft -= 1
        guard valuesLeft >= 0 else {
            throw CheckpointError(
                .corrupt, "its lists repeat each other to more values than fit")
        }
        switch machine.value(reference) {
        case .none, .emptyParameter: return .none
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .float(let value): return .double(value)
        case .text(let text), .bytes(let text):
            textLeft -= Int(text.count)
            guard textLeft >= 0 else { throw CheckpointError(.corrupt, "its texts repeat to more than fits") }
            return .text(machine.string(text))
        case .tensor(let index): return .tensor(tensors[Int(index)])
        case .list: return .list(try values(machine.items(reference)!, depth))
        case .tuple: return .tuple(try values(machine.items(reference)!, depth))
        case .dictionary(let index):
            var pairs: [CheckpointValue.Pair] = []
            for pair in machine.dictionaries[Int(index)] {
                pairs.append((try value(pair.key, depth: depth + 1), try value(pair.value, depth: depth + 1)))
            }
            return .dictionary(pairs)
        case .long: return .other("an integer of more than 64 bits")
        case .set: return .other("a set")
        case .global: return .other("a class or function")
        case .storage: return .other("a storage")
        case .opaque(let name): return .other(printable(machine.names[Int(name)]))
        case .unreadableTensor(let index):
            let fault = machine.faults[Int(index)]
            if fault.kind == .corrupt { throw fault.error(for: "of its value") }
            return .other("a tensor: \(fault.problem)")
        }
    }

    private mutating func values(
        _ references: ArraySlice<PickleValue.Reference>, _ depth: Int
    ) throws(CheckpointError) -> [CheckpointValue] {
        var result: [CheckpointValue] = []
        for reference in references { result.append(try value(reference, depth: depth + 1)) }
        return result
    }
}
