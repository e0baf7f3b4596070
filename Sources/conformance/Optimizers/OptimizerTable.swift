import Cresset
import CressetOptim

/// PyTorch's options as Cresset's.
struct OptimizerOptions {
    let json: JSON

    func number(_ key: String, _ value: Double) -> Double { json[key]?.double ?? value }
    func isOn(_ key: String) -> Bool { json[key]?.boolean ?? false }

    func pair(_ key: String, _ value: (Double, Double)) -> (Double, Double) {
        guard let items = json[key]?.array?.compactMap(\.double), items.count == 2 else { return value }
        return (items[0], items[1])
    }

    var betas: (Double, Double) { pair("betas", (0.9, 0.999)) }
    var weightDecay: Double { number("weight_decay", 0) }
    var maximize: Bool { isOn("maximize") }
}

/// Every optimizer by PyTorch's name, created from groups and PyTorch's options.
let optimizerTable: [String: @Sendable ([ParameterGroup], OptimizerOptions) throws -> any Optimizer] = [
    "SGD": { groups, o in
        try SGD(
            groups, lr: o.number("lr", 1e-3), momentum: o.number("momentum", 0), dampening: o.number("dampening", 0),
            weightDecay: o.weightDecay, nesterov: o.isOn("nesterov"), maximize: o.maximize)
    },
    "Adadelta": { groups, o in
        try Adadelta(
            groups, lr: o.number("lr", 1), rho: o.number("rho", 0.9), epsilon: o.number("eps", 1e-6),
            weightDecay: o.weightDecay, maximize: o.maximize)
    },
    "Adagrad": { groups, o in
        try Adagrad(
            groups, lr: o.number("lr", 1e-2), lrDecay: o.number("lr_decay", 0), weightDecay: o.weightDecay,
            initialAccumulatorValue: o.number("initial_accumulator_value", 0), epsilon: o.number("eps", 1e-10),
            maximize: o.maximize)
    },
    "Adam": { groups, o in
        // With decoupled decay it is AdamW.
        if o.isOn("decoupled_weight_decay") {
            return try AdamW(
                groups, lr: o.number("lr", 1e-3), betas: o.betas, epsilon: o.number("eps", 1e-8),
                weightDecay: o.weightDecay, amsgrad: o.isOn("amsgrad"), maximize: o.maximize)
        }
        return try Adam(
            groups, lr: o.number("lr", 1e-3), betas: o.betas, epsilon: o.number("eps", 1e-8),
            weightDecay: o.weightDecay, amsgrad: o.isOn("amsgrad"), maximize: o.maximize)
    },
    "AdamW": { groups, o in
        try AdamW(
            groups, lr: o.number("lr", 1e-3), betas: o.betas, epsilon: o.number("eps", 1e-8),
            weightDecay: o.number("weight_decay", 1e-2), amsgrad: o.isOn("amsgrad"), maximize: o.maximize)
    },
    "Adamax": { groups, o in
        try Adamax(
            groups, lr: o.number("lr", 2e-3), betas: o.betas, epsilon: o.number("eps", 1e-8),
            weightDecay: o.weightDecay, maximize: o.maximize)
    },
    "NAdam": { groups, o in
        try NAdam(
            groups, lr: o.number("lr", 2e-3), betas: o.betas, epsilon: o.number("eps", 1e-8),
            weightDecay: o.weightDecay, momentumDecay: o.number("momentum_decay", 4e-3),
            decoupledWeightDecay: o.isOn("decoupled_weight_decay"), maximize: o.maximize)
    },
    "RAdam": { groups, o in
        try RAdam(
            groups, lr: o.number("lr", 1e-3), betas: o.betas, epsilon: o.number("eps", 1e-8),
            weightDecay: o.weightDecay, decoupledWeightDecay: o.isOn("decoupled_weight_decay"), maximize: o.maximize)
    },
    "RMSprop": { groups, o in
        try RMSprop(
            groups, lr: o.number("lr", 1e-2), alpha: o.number("alpha", 0.99), epsilon: o.number("eps", 1e-8),
            weightDecay: o.weightDecay, momentum: o.number("momentum", 0), centered: o.isOn("centered"),
            maximize: o.maximize)
    },
    "Rprop": { groups, o in
        try Rprop(
            groups, lr: o.number("lr", 1e-2), etas: o.pair("etas", (0.5, 1.2)),
            stepSizes: o.pair("step_sizes", (1e-6, 50)), maximize: o.maximize)
    },
    "ASGD": { groups, o in
        try ASGD(
            groups, lr: o.number("lr", 1e-2), lambd: o.number("lambd", 1e-4), alpha: o.number("alpha", 0.75),
            t0: o.number("t0", 1e6), weightDecay: o.weightDecay, maximize: o.maximize)
    },
    "SparseAdam": { groups, o in
        try SparseAdam(
            groups, lr: o.number("lr", 1e-3), betas: o.betas, epsilon: o.number("eps", 1e-8), maximize: o.maximize)
    },
    "LBFGS": { groups, o in
        try LBFGS(
            groups, lr: o.number("lr", 1), maxIter: o.json["max_iter"]?.integer ?? 20,
            maxEval: o.json["max_eval"]?.integer, toleranceGrad: o.number("tolerance_grad", 1e-7),
            toleranceChange: o.number("tolerance_change", 1e-9), historySize: o.json["history_size"]?.integer ?? 100,
            lineSearch: o.json["line_search_fn"]?.string == "strong_wolfe" ? .strongWolfe : .none,
            maximize: o.maximize)
    },
]
