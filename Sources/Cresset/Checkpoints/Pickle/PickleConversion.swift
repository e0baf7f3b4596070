/// Makes a ``CheckpointValue`` from what a pickle machine has read.
///
/// In the machine, values may refer to each other in any way, even in cycles. Here they are copied into a tree, so its
/// depth and size are bounded: a few bytes can name a list of lists of lists that no memory could hold.
struct PickleConversion {
    private let machine: PickleMachine
    private let tensors: [Tensor]
    private var valuesLeft: Int
    private var textLeft: Int

    /// - Parameter tensors: One for each tensor of the machine.
    init(_ machine: PickleMachine, _ tensors: [Tensor]) {
        self.machine = machine
        self.tensors = tensors
        // Keys and small values are usually shared, though each is used only a few times.
        valuesLeft = 4 * machine.values.count + 4 * machine.tupleItems.count + 100_000
        textLeft = 4 * machine.text.count + (1 << 20)
    }

    mutating func value(
        _ reference: PickleValue.Reference, depth: Int = 0
    ) throws(CheckpointError) -> CheckpointValue {
        guard depth <= CheckpointValue.depthLimit else {
            throw CheckpointError(
                .unsupported, "its values are nested more than \(CheckpointValue.depthLimit) deep")
        }
        valuesLeft -= 1
        guard valuesLeft >= 0 else {
            throw CheckpointError(
                .corrupt, "its repeated lists expand to too many values")
        }
        switch machine.value(reference) {
        case .none, .emptyParameter: return .none
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .float(let value): return .double(value)
        case .text(let text), .bytes(let text):
            textLeft -= Int(text.count)
            guard textLeft >= 0 else { throw CheckpointError(.corrupt, "its repeated texts expand to too much") }
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
        case .array: return .other("a NumPy array")
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
