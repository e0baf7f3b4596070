import CressetOptim
import Foundation

/// Every schedule by PyTorch's name, made from PyTorch's options.
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
            mode: mode)
    },
    "OneCycleLR": { options in
        OneCycleLR(
            maxLR: options.numbers("max_lr"), totalSteps: options["total_steps"]?.integer ?? 1,
            pctStart: options.number("pct_start", 0.3),
            anneal: options["anneal_strategy"]?.string == "linear" ? .linear : .cosine,
            divFactor: options.number("div_factor", 25), finalDivFactor: options.number("final_div_factor", 1e4),
            threePhase: options["three_phase"]?.boolean ?? false)
    },
    "LambdaLR": { options in
        LambdaLR(try (options["lr_lambda"]?.array ?? []).map { try factor($0.string ?? "") })
    },
    "SequentialLR": { options in
        SequentialLR(
            try (options["schedulers"]?.string ?? "").components(separatedBy: " then ").map(schedule),
            milestones: options["milestones"]?.array?.compactMap(\.integer) ?? [])
    },
]

extension JSON {
    fileprivate func number(_ key: String, _ value: Double) -> Double { self[key]?.double ?? value }

    /// A number, or one for each group.
    fileprivate func numbers(_ key: String) -> [Double] {
        self[key]?.array?.compactMap(\.double) ?? self[key]?.double.map { [$0] } ?? []
    }
}

/// The functions that the cases write out.
private func factor(_ text: String) throws -> @Sendable (Int) -> Double {
    switch text {
    case "1/(epoch+1)": return { 1 / Double($0 + 1) }
    case "0.95^epoch": return { pow(0.95, Double($0)) }
    default: throw Failure("unknown function \(text)")
    }
}

/// A scheduler as the sequential cases write it.
private func schedule(_ text: String) throws -> any Schedule {
    switch text {
    case "LinearLR(0.1,total_iters=4)": return LinearLR(startFactor: 0.1, totalIters: 4)
    case "CosineAnnealingLR(T_max=12)": return CosineAnnealingLR(tMax: 12)
    default: throw Failure("unknown scheduler \(text)")
    }
}

/// The rule of the plateau cases.
func plateauRule(_ options: JSON) -> ReduceLROnPlateau.Rule {
    ReduceLROnPlateau.Rule(
        mode: options["mode"]?.string == "max" ? .max : .min, factor: options.number("factor", 0.1),
        patience: options["patience"]?.integer ?? 10, threshold: options.number("threshold", 1e-4),
        thresholdMode: options["threshold_mode"]?.string == "abs" ? .absolute : .relative,
        cooldown: options["cooldown"]?.integer ?? 0, minLR: [options.number("min_lr", 0)])
}
