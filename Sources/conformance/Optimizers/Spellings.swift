/// A row of the page "From PyTorch" for an optimizer or a schedule.
struct Spelling {
    let torch: String
    let swift: String
}

let optimizerRows = [
    Spelling(torch: "SGD", swift: "try SGD(parameters, lr: 0.1, momentum: 0.9, weightDecay: 1e-4, nesterov: true)"),
    Spelling(torch: "Adadelta", swift: "try Adadelta(parameters, lr: 1, rho: 0.9)"),
    Spelling(torch: "Adagrad", swift: "try Adagrad(parameters, lr: 0.01, lrDecay: 0)"),
    Spelling(
        torch: "Adam", swift: "try Adam(parameters, lr: 1e-3, betas: (0.9, 0.999), epsilon: 1e-8, amsgrad: false)"),
    Spelling(torch: "AdamW", swift: "try AdamW(parameters, lr: 1e-3, weightDecay: 0.01)"),
    Spelling(torch: "Adamax", swift: "try Adamax(parameters, lr: 2e-3)"),
    Spelling(torch: "ASGD", swift: "try ASGD(parameters, lr: 0.01)"),
    Spelling(
        torch: "LBFGS",
        swift: "let optimizer = try LBFGS(parameters, lineSearch: .strongWolfe); try optimizer.step { loss() }"),
    Spelling(torch: "NAdam", swift: "try NAdam(parameters, lr: 2e-3, momentumDecay: 4e-3)"),
    Spelling(torch: "RAdam", swift: "try RAdam(parameters, lr: 1e-3)"),
    Spelling(torch: "RMSprop", swift: "try RMSprop(parameters, lr: 0.01, alpha: 0.99, centered: false)"),
    Spelling(torch: "Rprop", swift: "try Rprop(parameters, lr: 0.01, etas: (0.5, 1.2), stepSizes: (1e-6, 50))"),
    Spelling(torch: "SparseAdam", swift: "try SparseAdam(parameters, lr: 1e-3)"),
]

let scheduleRows = [
    Spelling(torch: "LambdaLR", swift: "LambdaLR { 1 / Double($0 + 1) }"),
    Spelling(torch: "MultiplicativeLR", swift: "MultiplicativeLR { _ in 0.95 }"),
    Spelling(torch: "StepLR", swift: "StepLR(stepSize: 30, gamma: 0.1)"),
    Spelling(torch: "MultiStepLR", swift: "MultiStepLR(milestones: [30, 80], gamma: 0.1)"),
    Spelling(torch: "ConstantLR", swift: "ConstantLR(factor: 1.0 / 3, totalIters: 5)"),
    Spelling(torch: "LinearLR", swift: "LinearLR(startFactor: 1.0 / 3, totalIters: 5)"),
    Spelling(torch: "ExponentialLR", swift: "ExponentialLR(gamma: 0.95)"),
    Spelling(torch: "PolynomialLR", swift: "PolynomialLR(totalIters: 5, power: 1)"),
    Spelling(torch: "CosineAnnealingLR", swift: "CosineAnnealingLR(tMax: 100, etaMin: 0)"),
    Spelling(torch: "CosineAnnealingWarmRestarts", swift: "CosineAnnealingWarmRestarts(t0: 10, tMult: 2)"),
    Spelling(torch: "CyclicLR", swift: "CyclicLR(baseLR: 0.01, maxLR: 0.1, stepSizeUp: 2000, mode: .triangular2)"),
    Spelling(torch: "OneCycleLR", swift: "OneCycleLR(maxLR: 0.1, totalSteps: 1000)"),
    Spelling(
        torch: "ReduceLROnPlateau",
        swift: "let plateau = ReduceLROnPlateau(optimizer, .init(patience: 10)); plateau.step(loss().item())"),
    Spelling(torch: "SequentialLR", swift: "SequentialLR([warmUp, decay], milestones: [5])"),
    Spelling(torch: "ChainedScheduler", swift: "ChainedScheduler([warmUp, decay])"),
    Spelling(torch: "SWALR", swift: "SWALR(swaLR: 0.05, annealEpochs: 10)"),
]
