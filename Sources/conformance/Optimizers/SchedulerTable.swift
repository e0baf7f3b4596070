import CressetOptim
import Glibc

/// Every schedule by PyTorch's name, created from PyTorch's options.
let scheduleTable: [String: @Sendable (JSON) throws -> any Schedule] = [
    "StepLR": { StepLR(stepSize: $0["step_size"]?.integer ?? 1, gamma: $0.number("gamma", 0.1)) },
    "MultiStepLR": {
        MultiStepLR(milestones: $0["milestones"]?.array?.compactMap(\.integer) ?? [], gamma: $0.number("gamma", 0.1))
    },
    "ConstantLR": {
        ConstantLR(factor: $0.number("factor", 1.0 / 3), totalIters: $0["total_iters"]?.integer ?? 5)
    },
    "LinearLR": {
        LinearLR(
            startFactor: $0.number("start_factor", 1.0 / 3), endFactor: $0.number("end_factor", 1),
            totalIters: $0["total_iters"]?.integer ?? 5)
    },
    "ExponentialLR": { ExponentialLR(gamma: $0.number("gamma", 0.1)) },
    "PolynomialLR": {
        PolynomialLR(totalIters: $0["total_iters"]?.integer ?? 5, power: $0.number("power", 1))
    },
    "CosineAnnealingLR": {
        CosineAnnealingLR(tMax: $0["T_max"]?.integer ?? 1, etaMin: $0.number("eta_min", 0))
    },
    "CosineAnnealingWarmRestarts": {
        CosineAnnealingWarmRestarts(
            t0: $0["T_0"]?.integer ?? 1, tMult: $0["T_mult"]?.integer ?? 1, etaMin: $0.number("eta_min", 0))
    },
    "CyclicLR": { options in
        let mode: CyclicLR.Mode =
            switch options["mode"]?.string {
            case "triangular2": .triangular2
            case "exp_range": .expRange(gamma: options.number("gamma", 1))
            default: .triangular
            }
        return CyclicLR(
            baseLR: options.numbers("base_lr"), maxLR: options.numbers("max_lr"),
            stepSizeUp: options["step_size_up"]?.integer ?? 2000, stepSizeDown: options["step_size_down"]?.integer,
            mode: mode, momentumRange: options.momentumRange(0.8...0.9))
    },
    "OneCycleLR": { options in
        OneCycleLR(
            maxLR: options.numbers("max_lr"), totalSteps: options.totalSteps,
            pctStart: options.number("pct_start", 0.3),
            anneal: options["anneal_strategy"]?.string == "linear" ? .linear : .cosine,
            divFactor: options.number("div_factor", 25), finalDivFactor: options.number("final_div_factor", 1e4),
            threePhase: options["three_phase"]?.boolean ?? false, momentumRange: options.momentumRange(0.85...0.95))
    },
    "LambdaLR": { options in
        LambdaLR(try (options["lr_lambda"]?.array ?? []).map { try factor($0.string ?? "") })
    },
    "SequentialLR": { options in
        SequentialLR(
            try (options["schedulers"]?.string ?? "").split(separator: " then ").map { try schedule(String($0)) },
            milestones: options["milestones"]?.array?.compactMap(\.integer) ?? [])
    },
]

extension JSON {
    fileprivate func number(_ key: String, _ value: Double) -> Double { self[key]?.double ?? value }

    /// A number, or one for each group.
    fileprivate func numbers(_ key: String) -> [Double] {
        self[key]?.array?.compactMap(\.double) ?? self[key]?.double.map { [$0] } ?? []
    }

    /// The momentum's range, nil if it does not cycle.
    fileprivate func momentumRange(_ standard: ClosedRange<Double>) -> ClosedRange<Double>? {
        if self["cycle_momentum"]?.boolean == false { return nil }
        return number("base_momentum", standard.lowerBound)...number("max_momentum", standard.upperBound)
    }

    /// The steps of one cycle, whether given as such or in epochs.
    fileprivate var totalSteps: Int {
        self["total_steps"]?.integer
            ?? (self["epochs"]?.integer ?? 1) * (self["steps_per_epoch"]?.integer ?? 1)
    }
}

/// The functions that the cases spell out: `1/(epoch+1)`, or a number to the power of the epoch.
private func factor(_ text: String) throws -> @Sendable (Int) -> Double {
    if text == "1/(epoch+1)" { return { 1 / Double($0 + 1) } }
    guard text.hasSuffix("^epoch"), let base = Double(text.dropLast("^epoch".count)) else {
        throw Failure("unknown function \(text)")
    }
    return { pow(base, Double($0)) }
}

/// The arguments that the cases pass by position.
private let positionalOptions = [
    "StepLR": ["step_size", "gamma"], "MultiStepLR": ["milestones", "gamma"], "ConstantLR": ["factor", "total_iters"],
    "LinearLR": ["start_factor", "end_factor", "total_iters"], "ExponentialLR": ["gamma"],
    "PolynomialLR": ["total_iters", "power"], "CosineAnnealingLR": ["T_max", "eta_min"],
    "CosineAnnealingWarmRestarts": ["T_0", "T_mult", "eta_min"],
]

/// A scheduler as the sequential cases write it: `StepLR(2,gamma=0.5)`.
private func schedule(_ text: String) throws -> any Schedule {
    let name = String(text.prefix { $0 != "(" })
    guard let make = scheduleTable[name], text.hasSuffix(")") else { throw Failure("unknown scheduler \(text)") }
    var arguments = [""]
    var depth = 0
    for character in text.dropFirst(name.count + 1).dropLast() where character != " " {
        depth += character == "[" ? 1 : character == "]" ? -1 : 0
        if character == ",", depth == 0 {
            arguments.append("")
        } else {
            arguments[arguments.count - 1].append(character)
        }
    }
    let members = try arguments.enumerated().map { i, argument -> String in
        let parts = argument.split(separator: "=")
        if parts.count == 2 { return "\"\(parts[0])\":\(parts[1])" }
        guard let names = positionalOptions[name], names.indices.contains(i) else {
            throw Failure("unknown scheduler \(text)")
        }
        return "\"\(names[i])\":\(argument)"
    }
    return try make(JSON(parsing: [UInt8]("{\(members.joined(separator: ","))}".utf8)))
}

/// The rule of the plateau cases.
func plateauRule(_ options: JSON) -> ReduceLROnPlateau.Rule {
    ReduceLROnPlateau.Rule(
        mode: options["mode"]?.string == "max" ? .max : .min, factor: options.number("factor", 0.1),
        patience: options["patience"]?.integer ?? 10, threshold: options.number("threshold", 1e-4),
        thresholdMode: options["threshold_mode"]?.string == "abs" ? .absolute : .relative,
        cooldown: options["cooldown"]?.integer ?? 0, minLR: [options.number("min_lr", 0)],
        epsilon: options.number("eps", 1e-8))
}
