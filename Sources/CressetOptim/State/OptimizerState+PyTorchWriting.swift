import Cresset

extension OptimizerState {
    /// The state as PyTorch's `optimizer.state_dict()`, to be loaded there with `optimizer.load_state_dict`.
    ///
    /// ```swift
    /// let run: CheckpointValue = ["model": CheckpointValue(model.stateDict()), "optimizer": optimizer.state.pytorch]
    /// try run.save(to: "run.pth")
    /// ```
    ///
    /// Parameters are numbered through all groups, in order. Options that do not exist here (`foreach`, `fused`, …)
    /// have PyTorch's defaults.
    public var pytorch: CheckpointValue {
        var entries: [CheckpointValue.Pair] = []
        var saved: [CheckpointValue] = []
        var next = 0
        for group in groups {
            for (i, entry) in group.parameters.enumerated() {
                if let entry, let pairs = pairs(of: entry) { entries.append((.int(next + i), .dictionary(pairs))) }
            }
            let indices = (next..<next + group.parameters.count).map { CheckpointValue.int($0) }
            next += indices.count
            saved.append(
                .dictionary(
                    PyTorchOptions.group(group.options, of: optimizer)
                        + group.carried.sorted { $0.key < $1.key }.map { (.text($0.key), .double($0.value)) }
                        + [(key: "params", value: .list(indices))]))
        }
        return ["state": .dictionary(entries), "param_groups": .list(saved)]
    }

    /// What PyTorch would store for a parameter; nil if that is nothing.
    private func pairs(of entry: Entry) -> [CheckpointValue.Pair]? {
        if optimizer == "LBFGS" { return pairsOfLBFGS(entry) }
        var pairs: [CheckpointValue.Pair] = []
        switch optimizer {
        // It counts no steps, and without momentum it stores nothing.
        case "SGD": if entry.tensors.isEmpty { return nil }
        case "SparseAdam": pairs.append(("step", .int(entry.count)))
        default: pairs.append(("step", .tensor(Self.scalar(Double(entry.count)))))
        }
        for (name, value) in entry.numbers.sorted(by: { $0.key < $1.key }) {
            pairs.append((.text(name), .tensor(Self.scalar(value))))
        }
        for (name, tensor) in entry.tensors.sorted(by: { $0.key < $1.key }) {
            pairs.append((.text(name), .tensor(tensor)))
        }
        return pairs
    }

    /// In float32, as PyTorch stores such numbers, if nothing is lost.
    private static func scalar(_ value: Double) -> Tensor {
        let isNarrow = value.isNaN || Double(Float(value)) == value
        return isNarrow ? .full([], Float(value), device: .cpu) : .full([], value, dtype: .float64, device: .cpu)
    }

    private func pairsOfLBFGS(_ entry: Entry) -> [CheckpointValue.Pair] {
        let count = entry.tensors.keys.count { $0.hasPrefix("old_dirs.") }
        func vectors(_ name: String) -> CheckpointValue {
            .list((0..<count).compactMap { entry.tensors["\(name).\($0)"].map { .tensor($0) } })
        }
        var pairs: [CheckpointValue.Pair] = [
            ("n_iter", .int(entry.count)), ("func_evals", .int(Int(entry.numbers["func_evals"] ?? 0))),
            ("old_dirs", vectors("old_dirs")), ("old_stps", vectors("old_stps")),
            ("ro", .list((0..<count).compactMap { entry.numbers["ro.\($0)"].map { .double($0) } })),
        ]
        for name in ["t", "H_diag", "prev_loss"] {
            if let number = entry.numbers[name] { pairs.append((.text(name), .double(number))) }
        }
        for name in ["d", "prev_flat_grad"] {
            if let tensor = entry.tensors[name] { pairs.append((.text(name), .tensor(tensor))) }
        }
        return pairs
    }
}
