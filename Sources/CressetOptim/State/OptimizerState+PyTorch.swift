import Cresset

/// The layout of PyTorch's `optimizer.state_dict()`:
/// `{"state": {0: {"step": …, "exp_avg": …}, …}, "param_groups": [{"lr": …, "params": [0, 1, …]}, …]}`.
extension OptimizerState {
    /// The state in a file from `torch.save`: a `state_dict()` itself, or a dictionary that contains one, as training
    /// scripts save it under `optimizer`.
    ///
    /// Parameters are numbered, in the order in which the optimizer received them; their shapes are compared when the
    /// state is loaded. How PyTorch computed its steps (`foreach`, `fused`, `capturable`, `differentiable`) is ignored.
    ///
    /// - Parameter value: The result of `optimizer.state_dict()`.
    /// - Throws: ``OptimizerError/stateMismatch(_:)`` if there is no optimizer, or only an invalid one.
    public init(pytorch value: CheckpointValue) throws(OptimizerError) {
        let saved = try Self.stateDict(in: value)
        guard let groups = saved["param_groups"]?.items, let pairs = saved["state"]?.pairs else {
            throw .stateMismatch("its state and param_groups are not a dictionary and a list")
        }
        var entries: [Int: CheckpointValue] = [:]
        for pair in pairs {
            guard let index = pair.key.int else { throw .stateMismatch("a key of its state is not a number") }
            entries[index] = pair.value
        }
        let name = Self.optimizerName(groups, entries.values.map { $0 })
        var unclaimed = Set(entries.keys)
        self.init(optimizer: name, groups: [])
        for (i, group) in groups.enumerated() {
            guard let items = group["params"]?.items else { throw .stateMismatch("its group \(i) names no parameters") }
            var (options, carried) = try PyTorchOptions.options(of: group)
            // Already implied by the optimizer's name, or without effect.
            if name == "Adam" || name == "AdamW" { options["decoupled_weight_decay"] = nil }
            let given = (group["param_names"]?.items ?? []).map { printable($0.text ?? "", limit: 1000) }
            var names: [String] = []
            var parameters: [Entry?] = []
            for (k, item) in items.enumerated() {
                guard let index = item.int else { throw .stateMismatch("a parameter in group \(i) is not a number") }
                names.append(given.count == items.count && !given[k].isEmpty ? given[k] : "\(index)")
                guard let entry = entries[index] else {
                    parameters.append(nil)
                    continue
                }
                guard unclaimed.remove(index) != nil else { throw .stateMismatch("it has parameter \(index) twice") }
                parameters.append(try Entry(pytorch: entry, "parameter \(index)", isOfLBFGS: name == "LBFGS"))
            }
            self.groups.append(Group(options: options, names: names, parameters: parameters))
            self.groups[i].carried = carried
        }
        if let index = unclaimed.min() { throw .stateMismatch("its parameter \(index) is in no group") }
    }

    private static let usualNames = ["optimizer", "optimizer_state_dict", "optimizer_state", "optim", "opt"]

    /// The dictionary with `state` and `param_groups`: `value` itself, or the one it contains.
    private static func stateDict(in value: CheckpointValue) throws(OptimizerError) -> CheckpointValue {
        func isOne(_ value: CheckpointValue) -> Bool { value["state"] != nil && value["param_groups"] != nil }
        if isOne(value) { return value }
        if let usual = usualNames.lazy.compactMap({ value[$0] }).first(where: isOne) { return usual }
        let found = (value.pairs ?? []).filter { isOne($0.value) }
        if found.count > 1 {
            let names = found.map { printable($0.key.text ?? "?") }.joined(separator: ", ")
            throw .stateMismatch("the file contains several optimizers: \(names)")
        }
        guard let only = found.first else { throw .stateMismatch("the file contains no optimizer") }
        return only.value
    }

    private static func optimizerName(_ groups: [CheckpointValue], _ entries: [CheckpointValue]) -> String? {
        guard let first = groups.first else { return nil }
        func texts(_ value: CheckpointValue) -> [String] { (value.pairs ?? []).compactMap { $0.key.text } }
        return PyTorchOptions.optimizer(
            keys: Set(texts(first)), isDecoupled: first["decoupled_weight_decay"]?.number.map { $0 != 0 },
            memories: Set(entries.prefix(1).flatMap(texts)))
    }
}

extension OptimizerState.Entry {
    fileprivate init(
        pytorch value: CheckpointValue, _ named: String, isOfLBFGS: Bool
    ) throws(OptimizerError) {
        guard let pairs = value.pairs else { throw .stateMismatch("its entry for \(named) is not a dictionary") }
        self.init(count: 0)
        for pair in pairs {
            guard let key = pair.key.text else { continue }
            if key == "step" || key == "n_iter" {
                count = try Self.count(pair.value, named)
            } else if Self.numberNames.contains(key) {
                guard let number = pair.value.number else { throw .stateMismatch("\(key) of \(named) is not a number") }
                numbers[key] = number
            } else if isOfLBFGS, let items = pair.value.items {
                // A list of things that PyTorch recomputes, or of one vector or number per iteration.
                if key != "al" { try add(items, of: key) }
            } else if let tensor = pair.value.tensor {
                tensors[printable(key)] = tensor
            } else if case .none = pair.value {
                continue
            } else {
                throw .stateMismatch("\(printable(key)) of \(named) is not a tensor")
            }
        }
    }

    /// Numbers here, though PyTorch keeps some of them as one-element tensors.
    private static let numberNames: Set = ["eta", "mu", "mu_product", "func_evals", "t", "H_diag", "prev_loss"]

    private static func count(_ value: CheckpointValue, _ named: String) throws(OptimizerError) -> Int {
        guard let number = value.number, let count = Int(exactly: number), count >= 0, count <= 1 << 53 else {
            throw .stateMismatch("the number of steps of \(named) is not a whole number")
        }
        return count
    }

    private mutating func add(_ items: [CheckpointValue], of key: String) throws(OptimizerError) {
        for (i, item) in items.enumerated() {
            if key == "ro", let number = item.number {
                numbers["ro.\(i)"] = number
            } else if let tensor = item.tensor {
                tensors["\(printable(key)).\(i)"] = tensor
            } else {
                throw .stateMismatch("\(printable(key)) \(i) is of the wrong kind")
            }
        }
    }
}

extension Scheduler.State {
    /// The state in PyTorch's `scheduler.state_dict()`, from a scheduler that sets rates by epoch.
    ///
    /// - Parameter value: The result of `scheduler.state_dict()`.
    /// - Throws: ``OptimizerError/stateMismatch(_:)`` if it has no `last_epoch` or `base_lrs`.
    public init(pytorch value: CheckpointValue) throws(OptimizerError) {
        let rates = value["base_lrs"]?.items?.map(\.number)
        guard let epoch = value["last_epoch"]?.int, let rates, !rates.contains(nil) else {
            throw .stateMismatch("the scheduler has no last_epoch or base_lrs")
        }
        self.init(epoch: epoch, baseRates: rates.compactMap { $0 })
    }
}
