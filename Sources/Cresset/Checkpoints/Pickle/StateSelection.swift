/// Finds the state dict in the contents of a pickle.
///
/// Training scripts save dictionaries of many things; the weights are then under a name such as `state_dict`.
struct StateSelection {
    private let machine: PickleMachine
    /// For each storage of the machine, its index among those of the checkpoint.
    private let storageIndices: [Int]

    /// Names under which weights are found, the most likely first.
    private static let usualNames = [
        "state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "params", "module",
        "model_ema", "state_dict_ema", "ema_state_dict", "ema", "generator", "backbone",
    ]
    /// Whether each dictionary of the machine contains tensors, as far as that is known.
    private var holdsTensors: [UInt32: Bool] = [:]

    init(_ machine: PickleMachine, storageIndices: [Int]) {
        self.machine = machine
        self.storageIndices = storageIndices
    }

    /// Puts the entries of the state dict in `root` into `raw`.
    mutating func fill(_ raw: inout RawCheckpoint, from root: PickleValue.Reference) throws(CheckpointError) {
        var reference = root
        // Two levels down are enough: {"checkpoint": {"state_dict": …}}.
        for _ in 0..<3 {
            guard let pairs = pairs(reference) else { throw refusal(of: reference) }
            guard let inner = try nested(pairs, &raw) else { break }
            reference = inner
        }
        guard let pairs = pairs(reference) else { throw refusal(of: reference) }
        try add(pairs, to: &raw)
        guard !raw.entries.isEmpty || (pairs.isEmpty && reference == root) else {
            let found = raw.skipped.isEmpty ? "it is empty" : "it holds " + summary(raw.skipped)
            throw CheckpointError(
                .notWeights, "has no tensors in its dictionary: \(found)", hint: CheckpointError.saveStateDict)
        }
    }

    private typealias Pairs = [(key: PickleValue.Reference, value: PickleValue.Reference)]

    private func pairs(_ reference: PickleValue.Reference) -> Pairs? {
        guard case .dictionary(let index) = machine.value(reference) else { return nil }
        return machine.dictionaries[Int(index)]
    }

    private func isTensor(_ reference: PickleValue.Reference) -> Bool {
        switch machine.value(reference) {
        case .tensor, .unreadableTensor: true
        default: false
        }
    }

    private mutating func hasTensors(_ reference: PickleValue.Reference) -> Bool {
        guard case .dictionary(let index) = machine.value(reference) else { return false }
        // Many names may refer to one long dictionary.
        if let known = holdsTensors[index] { return known }
        let result = machine.dictionaries[Int(index)].contains { isTensor($0.value) }
        holdsTensors[index] = result
        return result
    }

    /// The dictionary inside `pairs` that contains the weights, if `pairs` itself does not.
    private mutating func nested(
        _ pairs: Pairs, _ raw: inout RawCheckpoint
    ) throws(CheckpointError) -> PickleValue.Reference? {
        var byName: [String: PickleValue.Reference] = [:]
        for pair in pairs where self.pairs(pair.value) != nil || isObject(pair.value) {
            if let name = machine.shortString(pair.key) { byName[name] = pair.value }
        }
        var choice = Self.usualNames.first { byName[$0].map { hasTensors($0) } ?? false }
        if choice == nil, !pairs.contains(where: { isTensor($0.value) }) {
            let module = Self.usualNames.first { byName[$0].map { isObject($0) } ?? false }
            if let module { throw refusal(of: byName[module]!, under: module) }
            let candidates = byName.filter { self.pairs($0.value) != nil }.keys.sorted()
            let full = candidates.filter { hasTensors(byName[$0]!) }
            guard full.count <= 1 else {
                throw CheckpointError(
                    .unsupported, "holds several dictionaries of tensors: \(summary(full))",
                    hint: "save the one you need: torch.save(checkpoint[\"\(printable(full[0]))\"], \"weights.pth\")")
            }
            choice =
                full.first ?? Self.usualNames.first { candidates.contains($0) }
                ?? (candidates.count == 1 ? candidates[0] : nil)
        }
        guard let choice else { return nil }
        for pair in pairs {
            if raw.skipped.count >= 1000 { break }
            guard let name = machine.shortString(pair.key), name != choice else { continue }
            raw.skipped.append("\(printable(name)) (\(kind(pair.value)))")
        }
        raw.nesting.append(choice)
        return byName[choice]
    }

    private func add(_ pairs: Pairs, to raw: inout RawCheckpoint) throws(CheckpointError) {
        // Names may be repeated again and again.
        var budget = 4 * machine.text.count + (1 << 20)
        for pair in pairs {
            guard let name = machine.string(pair.key), name.utf8.count <= 1 << 16 else { continue }
            budget -= name.utf8.count
            guard budget >= 0 else { throw CheckpointError(.corrupt, "its names take too much memory") }
            switch machine.value(pair.value) {
            case .tensor(let index):
                guard raw.entries.count < RawCheckpoint.entryLimit else {
                    throw CheckpointError(.corrupt, "it has more than \(RawCheckpoint.entryLimit) tensors")
                }
                let tensor = machine.tensors[Int(index)]
                raw.entries.append(
                    RawCheckpoint.Entry(
                        name: name, dtype: tensor.dtype, shape: tensor.shape, strides: tensor.strides,
                        byteOffset: tensor.byteOffset, storage: storageIndices[tensor.storage],
                        isNegated: tensor.isNegated))
            case .unreadableTensor(let index): throw machine.faults[Int(index)].error(for: name)
            default:
                if raw.skipped.count < 1000 { raw.skipped.append("\(printable(name)) (\(kind(pair.value)))") }
            }
        }
    }

    private func isObject(_ reference: PickleValue.Reference) -> Bool {
        if case .opaque = machine.value(reference) { return true }
        return false
    }

    private func refusal(of reference: PickleValue.Reference, under name: String? = nil) -> CheckpointError {
        let place = name.map { " under \"\(printable($0))\"" } ?? ""
        switch machine.value(reference) {
        case .opaque(let index):
            return CheckpointError(
                .unsupported,
                "holds a whole Python object\(place), \(printable(machine.names[Int(index)])), not a state dict, and"
                    + " making one would run its code", hint: CheckpointError.saveStateDict)
        default:
            return CheckpointError(
                .notWeights, "holds \(kind(reference))\(place), not a state dict", hint: CheckpointError.saveStateDict)
        }
    }

    private func summary(_ names: [String]) -> String {
        names.prefix(8).map { printable($0) }.joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    }

    /// What a value is, for a message.
    private func kind(_ reference: PickleValue.Reference) -> String {
        switch machine.value(reference) {
        case .none: "None"
        case .bool, .int, .long, .float: "a number"
        case .text, .bytes: "a string"
        case .tuple, .list: "a list"
        case .dictionary: "a dictionary"
        case .set: "a set"
        case .global: "a class"
        case .storage: "a storage"
        case .tensor, .unreadableTensor: "a tensor"
        case .array: "a NumPy array"
        case .emptyParameter: "an empty parameter"
        case .opaque(let index): printable(machine.names[Int(index)])
        }
    }
}
