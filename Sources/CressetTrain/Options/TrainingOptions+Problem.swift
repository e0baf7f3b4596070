import CressetVision

// Which values options may have.

extension TrainingOptions {
    /// The most epochs that a run can be asked for: nobody sees the end of so many.
    static let largestEpochCount = 1_000_000_000

    /// The first option that cannot be used, as a usage failure, or nil.
    public var problem: Failure? {
        if epochs < 1 { return usage("\(OptionName.epochs) must be 1 or more, got \(epochs)") }
        if epochs > TrainingOptions.largestEpochCount {
            return usage("\(OptionName.epochs) must be at most \(TrainingOptions.largestEpochCount), got \(epochs)")
        }
        if let imageSize, !Preprocessing.croppedSides.contains(imageSize) {
            return usage(
                "\(OptionName.imageSize) must be from 1 to \(Preprocessing.croppedSides.upperBound), got \(imageSize)")
        }
        if let share = validationShare, !(share > 0 && share < 1) {
            return usage("\(OptionName.validationShare) must be between 0 and 1, got \(share)")
        }
        return stepProblem ?? scheduleProblem ?? layerProblem ?? pictureProblem ?? endProblem
            ?? TrainingOptions.problem(batchSize: batchSize, workers: workers, maxBad: maxBad)
    }

    private var stepProblem: Failure? {
        if let rate = learningRate, !(rate >= 0) || !rate.isFinite {
            return usage("\(OptionName.learningRate) must be 0 or more, got \(rate)")
        }
        if !(0...1).contains(momentum) { return usage("\(OptionName.momentum) must be from 0 to 1, got \(momentum)") }
        if let decay = weightDecay {
            if !(decay >= 0) || !decay.isFinite {
                return usage("\(OptionName.weightDecay) must be 0 or more, got \(decay)")
            }
            if decay > 0, !optimizer.hasWeightDecay {
                return usage("\(optimizer.rawValue) has no weight decay", "leave out \(OptionName.weightDecay)")
            }
        }
        if !(1...1_000_000).contains(accumulatedBatches) {
            return usage("\(OptionName.accumulatedBatches) must be from 1 to 1000000, got \(accumulatedBatches)")
        }
        if let norm = largestNorm, !(norm > 0) || !norm.isFinite {
            return usage("\(OptionName.largestNorm) must be above 0, got \(norm)")
        }
        if let decay = averageDecay, !(decay > 0 && decay < 1) {
            return usage("\(OptionName.averageDecay) must be between 0 and 1, got \(decay)")
        }
        return nil
    }

    private var scheduleProblem: Failure? {
        if stepSize < 1 { return usage("\(OptionName.stepSize) must be 1 or more, got \(stepSize)") }
        if !(gamma > 0) || !gamma.isFinite { return usage("\(OptionName.gamma) must be above 0, got \(gamma)") }
        if !(warmupEpochs >= 0) || !warmupEpochs.isFinite {
            return usage("\(OptionName.warmupEpochs) must be 0 or more, got \(warmupEpochs)")
        }
        if warmupEpochs > 0, warmupEpochs >= Double(epochs) {
            return usage(
                "\(OptionName.warmupEpochs) must be less than the number of epochs, \(epochs), got \(warmupEpochs)")
        }
        if warmupEpochs > 0, scheduler == .onecycle {
            return usage("onecycle has a warm-up of its own", "leave out \(OptionName.warmupEpochs)")
        }
        return nil
    }

    private var layerProblem: Failure? {
        if let frozenEpochs, frozenEpochs < 0 {
            return usage("\(OptionName.frozenEpochs) must be 0 or more, got \(frozenEpochs)")
        }
        if let layerDecay, !(layerDecay > 0 && layerDecay <= 1) {
            return usage("\(OptionName.layerDecay) must be above 0 and at most 1, got \(layerDecay)")
        }
        if freezesBody, let frozenEpochs, frozenEpochs > 0 {
            return usage(
                "\(OptionName.freezesBody) trains the last layer alone in all epochs, \(OptionName.frozenEpochs) in the first",
                "leave one of them out")
        }
        if freezesBody, let layerDecay, layerDecay < 1 {
            return usage(
                "\(OptionName.layerDecay) has no effect with \(OptionName.freezesBody)", "leave one of them out")
        }
        return nil
    }

    private var pictureProblem: Failure? {
        for (name, alpha) in [(OptionName.mixUp, mixUp), (.cutMix, cutMix)]
        where !(alpha == 0 || (0.01...100).contains(alpha)) {
            return usage("\(name) must be 0, for none, or from 0.01 to 100, got \(alpha)")
        }
        if (mixUp > 0 || cutMix > 0), batchSize == 1 {
            return usage(
                "\(mixUp > 0 ? OptionName.mixUp : .cutMix) mixes the pictures of a batch, which has only one",
                "use \(OptionName.batchSize.set(to: "2")) or more")
        }
        if let problem = TrainingOptions.problem(truncated: truncated, rejectsSuspect: rejectsSuspect) {
            return problem
        }
        if !(0..<1).contains(labelSmoothing) {
            return usage("\(OptionName.labelSmoothing) must be 0 or more and below 1, got \(labelSmoothing)")
        }
        return nil
    }

    private var endProblem: Failure? {
        if let patience, patience < 1 { return usage("\(OptionName.patience) must be 1 or more, got \(patience)") }
        if let timeLimit, TimeLimit(timeLimit) == nil {
            return usage("\(OptionName.timeLimit) must be a time such as 90s, 30m, 2h or 1h30m, got \(timeLimit)")
        }
        return nil
    }

    private func usage(_ message: String, _ hint: String? = nil) -> Failure {
        Failure(message, hint: hint, kind: .usage)
    }

    /// Why these cannot be combined, as a usage failure, or nil.
    ///
    /// - Parameters:
    ///   - truncated: What becomes of files that end before their pictures do.
    ///   - rejectsSuspect: Whether pictures that look damaged are skipped.
    package static func problem(
        truncated: ImageReadingOptions.TruncationRule?, rejectsSuspect: Bool?
    ) -> Failure? {
        guard truncated == .pad, rejectsSuspect == true else { return nil }
        return Failure(
            "\(OptionName.rejectsSuspect) skips the pictures that \(OptionName.truncated.set(to: "pad")) keeps",
            hint: "leave one of them out", kind: .usage)
    }

    /// The first option of those for reading pictures that cannot be used, as a usage failure, or nil.
    package static func problem(batchSize: Int?, workers: Int, maxBad: String?) -> Failure? {
        func usage(_ message: String) -> Failure { Failure(message, kind: .usage) }
        if let batchSize, !(1...1_000_000).contains(batchSize) {
            return usage("\(OptionName.batchSize) must be from 1 to 1000000, got \(batchSize)")
        }
        if let maxBad, BadPictureLimit(maxBad) == nil {
            return usage("\(OptionName.maxBad) must be a share such as 1% or 0.01, from 0 to 100%, got \(maxBad)")
        }
        if !(0...64).contains(workers) { return usage("\(OptionName.workers) must be from 0 to 64, got \(workers)") }
        return nil
    }
}
