import Cresset

/// How `torch.optim` writes the options of a group.
enum PyTorchOptions {
    /// Pairs in PyTorch that are two options here.
    private static let pairs: [(key: String, first: String, second: String)] = [
        ("betas", "beta1", "beta2"), ("etas", "eta_minus", "eta_plus"),
        ("step_sizes", "step_size_min", "step_size_max"),
    ]
    /// Booleans in PyTorch.
    private static let truths: Set = ["amsgrad", "centered", "decoupled_weight_decay", "maximize", "nesterov"]
    /// Integers in PyTorch.
    private static let counts: Set = ["history_size", "max_eval", "max_iter"]
    /// Numbers in both.
    private static let numbers: Set = [
        "alpha", "dampening", "eps", "initial_accumulator_value", "lambd", "lr", "lr_decay", "momentum",
        "momentum_decay", "rho", "t0", "tolerance_change", "tolerance_grad", "weight_decay",
    ]
    /// How PyTorch computes a step, which is not an option here, with PyTorch's defaults.
    private static let implementation: [(key: String, value: CheckpointValue)] = [
        ("foreach", .none), ("capturable", false), ("differentiable", false), ("fused", .none),
    ]

    /// The options of one of PyTorch's groups by their names here.
    ///
    /// How a step is computed (`foreach`, `fused`, …), `initial_lr` and whatever else scripts store in a group are
    /// ignored: no step depends on them.
    static func options(
        of group: CheckpointValue
    ) throws(OptimizerError) -> (known: [String: Double], others: [String: Double]) {
        var (options, others): ([String: Double], [String: Double]) = ([:], [:])
        for pair in group.pairs ?? [] {
            guard let key = pair.key.text else { continue }
            if let names = pairs.first(where: { $0.key == key }) {
                guard let items = pair.value.items, items.count == 2, let first = items[0].number,
                    let second = items[1].number
                else { throw .stateMismatch("its \(key) are not two numbers") }
                (options[names.first], options[names.second]) = (first, second)
            } else if key == "line_search_fn" {
                options["strong_wolfe"] = try strongWolfe(pair.value)
            } else if truths.contains(key) || counts.contains(key) || numbers.contains(key) {
                guard let number = pair.value.number else { throw .stateMismatch("its \(key) is not a number") }
                options[key] = number
            } else if !implementation.contains(where: { $0.key == key }), let number = pair.value.number,
                number.isFinite
            {
                others[printable(key)] = number
            }
        }
        return (options, others)
    }

    private static func strongWolfe(_ value: CheckpointValue) throws(OptimizerError) -> Double {
        switch value {
        case .none: return 0
        case .text("strong_wolfe"): return 1
        default: throw .stateMismatch("its line search is neither None nor strong_wolfe")
        }
    }

    /// The group of `optimizer` as PyTorch would save it for `options`; parameters are left out.
    static func group(_ options: [String: Double], of optimizer: String?) -> [CheckpointValue.Pair] {
        var left = options
        var result: [CheckpointValue.Pair] = []
        for (key, first, second) in pairs {
            guard let one = left.removeValue(forKey: first), let two = left.removeValue(forKey: second) else {
                continue
            }
            result.append((.text(key), .tuple([.double(one), .double(two)])))
        }
        if let searches = left.removeValue(forKey: "strong_wolfe") {
            result.append(("line_search_fn", searches != 0 ? "strong_wolfe" : .none))
        }
        for (key, value) in left.sorted(by: { $0.key < $1.key }) {
            let isTruth = truths.contains(key)
            let count = counts.contains(key) ? Int(exactly: value) : nil
            result.append((.text(key), isTruth ? .bool(value != 0) : count.map { .int($0) } ?? .double(value)))
        }
        switch optimizer {
        case "Adam": result.append(("decoupled_weight_decay", false))
        case "AdamW": result.append(("decoupled_weight_decay", true))
        default: break
        }
        let keys = implementationKeys(of: optimizer)
        return result + implementation.filter { keys.contains($0.key) }.map { (key: .text($0.key), value: $0.value) }
    }

    private static func implementationKeys(of optimizer: String?) -> [String] {
        switch optimizer {
        case "SGD", "Adagrad": ["foreach", "differentiable", "fused"]
        case "Adam", "AdamW": ["foreach", "capturable", "differentiable", "fused"]
        case "Adadelta", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop", "ASGD":
            [
                "foreach", "capturable", "differentiable",
            ]
        default: []
        }
    }

    /// The optimizer these options belong to, which PyTorch does not record; nil if old versions leave several
    /// possibilities.
    ///
    /// - Parameters:
    ///   - keys: The keys of a group.
    ///   - isDecoupled: Its `decoupled_weight_decay`, if it has one.
    ///   - memories: The names of the parameters' state.
    static func optimizer(keys: Set<String>, isDecoupled: Bool?, memories: Set<String>) -> String? {
        let signs = [
            ("max_iter", "LBFGS"), ("etas", "Rprop"), ("lambd", "ASGD"), ("rho", "Adadelta"), ("lr_decay", "Adagrad"),
            ("centered", "RMSprop"), ("nesterov", "SGD"), ("momentum_decay", "NAdam"),
        ]
        if let sign = signs.first(where: { keys.contains($0.0) }) { return sign.1 }
        guard keys.contains("betas") else { return nil }
        if keys.contains("amsgrad") { return isDecoupled.map { $0 ? "AdamW" : "Adam" } }
        if !keys.contains("weight_decay") { return "SparseAdam" }
        if memories.contains("exp_inf") { return "Adamax" }
        return isDecoupled != nil || memories.contains("exp_avg_sq") ? "RAdam" : nil
    }
}
