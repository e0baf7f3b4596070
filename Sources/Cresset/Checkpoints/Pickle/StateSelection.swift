/// Finds the state dict in what a pickle holds.
///
/// Training scripts save dictionaries of many things; the weights are then under a name such as `state_dict`.
struct StateSelection {
    private let machine: PickleMachine
    /// For each storage of the machine, its index among those of the checkpoint.
    private let storageIndices: [Int]

    /// Names under which weights are found, the likeliest first.
    private static let usualNames = [
        "state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "params", "module",
        "model_ema", "state_dict_ema", "ema_state_dict", "ema", "generator", "backbone",
    ]
    private static let nameBudget = 1 << 28

    init(_ machine: PickleMachine, storageIndices: [Int]) {
        self.machine = machine
        self.storageIndices = storageIndices
    }

    /// Puts the entries of the state dict in `root` into `raw`.
    func fill(_ raw: inout RawCheckpoint, from root: PickleValue.Reference) throws(CheckpointError) {
        var reference = root
        // Two steps down are enough: {"checkpoint": {"state_dict": …}}.
        for _ in 0..<3 {
            guard let pairs = pairs(reference) else { throw refusal(of: reference) }
            guard let inner = try nested(pairs, &raw.skipped) else { break }
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

    private func hasTensors(_ reference: PickleValue.Reference) -> Bool {
        pairs(reference)?.contains { isTensor($0.value) } ?? false
    }

    /// The dictionary inside `pairs` that holds the weights, if they do not hold them themselves.
    private func nested(_ pairs: Pairs, _ skipped: inout [String]) throws(CheckpointError) -> PickleValue.Reference? {
        var byName: [String: PickleValue.Reference] = [:]
        for pair in pairs { if let name = machine.shortString(pair.key) { byName[name] = pair.value } }
        var choice = Self.usualNames.first { byName[$0].map(hasTensors) ?? false }
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
            guard let name = machine.shortString(pair.key), name != choice, skipped.count < 1000 else { continue }
            skipped.append("\(printable(name)) (\(kind(pair.value)))")
        }
        return byName[choice]
    }

    private func add(_ pairs: Pairs, to raw: inout RawCheckpoint) throws(CheckpointError) {
        var budget = Self.nameBudget
        for pair in pairs {
            guard let name = machine.string(pair.key), name.utf8.count <= 1 << 16 else { continue }
            budget -= name.utf8.count
            guard budget >= 0 else { throw CheckpointError(.corrupt, "its names take too much memory") }
            switch machine.value(pair.value) {
            case .tensor(let index):
                let tensor = machine.tensors[Int(index)]
                raw.entries.append(
                    RawCheckpoint.Entry(
                        name: name, dtype: tensor.dtype, shape: tensor.shape, strides: tensor.strides,
                        byteOffset: tensor.byteOffset, storage: storageIndices[tensor.storage]))
            case .unreadableTensor(let index):
                throw CheckpointError(
                    .unsupported,
                    "entry \(printable(name)) is a tensor of a kind that is not read: "
                        + printable(machine.names[Int(index)]),
                    hint: "convert it to a dense tensor of a common dtype before saving")
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
        case .emptyParameter: "an empty parameter"
        case .opaque(let index): printable(machine.names[Int(index)])
        }
    }
}
