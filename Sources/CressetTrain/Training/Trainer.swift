import CressetData
import CressetNN
import CressetOptim
import CressetVision
import Glibc

/// Trains a classifier: epochs with a training and a validation phase, with the best weights saved as they occur.
///
/// Stochastic gradient descent with momentum, with the learning rate reduced every few epochs: the recipe of PyTorch's
/// transfer-learning tutorial. The run folder is consistent at any moment: weights are replaced atomically, figures are
/// appended row by row.
///
/// A request to stop (see ``StopRequest``) takes effect after the current step.
public final class Trainer {
    /// How a run ended.
    public enum Ending: Sendable, Equatable {
        case finished
        case stopped(StopRequest)
    }

    private let model: any Layer
    private let device: Device
    private let options: TrainingOptions
    private let data: TrainingData
    private let train: DataLoader<ImageFolder>
    private let validation: DataLoader<ImageFolder>
    private let optimizer: SGD
    private let scheduler: Scheduler
    private let folder: RunFolder
    private let metrics: MetricsTable
    private let results: Terminal
    private let progress: Terminal
    /// Whether the last training batch of an epoch is left out: see `TrainingData.leavesOneOver(batchSize:)`.
    private let leavesLastOut: Bool
    /// The names of the pictures already reported.
    private var reported: Set<String> = []
    /// The contents of `run.json`.
    public private(set) var record: RunRecord
    /// Whether weights of this run are in its folder.
    public private(set) var hasWeights = false

    /// A run that is ready to begin; `run.json` and the header of `metrics.csv` have been written.
    ///
    /// - Parameters:
    ///   - model: The network.
    ///   - data: The pictures.
    ///   - record: The contents of `run.json`.
    ///   - folder: The folder for weights and figures.
    ///   - device: where the model is, and where batches go.
    ///   - results: where the lines of each epoch go.
    ///   - progress: where progress bars and reports of bad pictures go.
    public init(
        model: any Layer, data: TrainingData, record: RunRecord, folder: RunFolder, device: Device = .cpu,
        results: Terminal = .standardOutput, progress: Terminal = .standardError
    ) throws {
        self.model = model
        self.device = device
        self.data = data
        self.record = record
        self.folder = folder
        self.results = results
        self.progress = progress
        options = record.options
        leavesLastOut = data.leavesOneOver(batchSize: options.batchSize)
        train = DataLoader(
            data.train, batchSize: options.batchSize, shuffles: true, dropsLast: leavesLastOut,
            workers: options.workers, seed: options.seed, pinsMemory: device != .cpu)
        validation = DataLoader(
            data.validation, batchSize: options.batchSize, workers: options.workers, seed: options.seed,
            pinsMemory: device != .cpu)
        optimizer = try SGD(
            model.parameters, lr: options.learningRate, momentum: options.momentum, weightDecay: options.weightDecay)
        scheduler = Scheduler(optimizer, StepLR(stepSize: options.stepSize, gamma: options.gamma))
        // If two runs have entered one folder, the first file stops one of them.
        metrics = try MetricsTable(creating: folder.metricsPath)
        try record.write(to: folder)
    }

    /// Trains through all epochs; the model then has the best weights.
    ///
    /// *Throws* ``Failure`` if the loss is not a number (NaN or infinite) or a file cannot be written,
    /// `DataLoaderError` if no picture can be read. The best weights so far are in the run folder even then.
    public func run() throws -> Ending {
        do {
            try data.requireSeveralPictures(for: model, record)
            try requireReadableValidation()
            if leavesLastOut { progress.writeLine(TrainingData.noteOnTheLastBatch) }
            for epoch in 1...options.epochs {
                if let stop = try runEpoch(epoch) { return try end(by: stop) }
            }
            if record.best != nil { try model.load(Checkpoint.load(folder.weightsPath)) }
            try setState(.finished)
            return .finished
        } catch {
            // The first error is the one to report.
            try? setState(.failed)
            throw error
        }
    }

    /// Reads validation pictures up to the first good one.
    ///
    /// If there is none, it is better to say so before an epoch of training than after it.
    private func requireReadableValidation() throws {
        _ = try DataLoader(validation.dataset, seed: options.seed).batches().next()
    }

    private func end(by stop: StopRequest) throws -> Ending {
        // Without a complete epoch there are no best weights: those of the last step, if finite, are better than none.
        if record.best == nil, model.stateDict().nonFiniteNames.isEmpty { try saveWeights() }
        try setState(.interrupted)
        return .stopped(stop)
    }

    private func setState(_ state: RunRecord.State) throws {
        record.state = state
        try record.write(to: folder)
    }

    private func saveWeights() throws {
        try model.save(to: folder.weightsPath, metadata: ["model": record.model.name, "format": "pt"])
        hasWeights = true
    }

    // MARK: One epoch

    private func runEpoch(_ epoch: Int) throws -> StopRequest? {
        let rate = optimizer.learningRate
        let start = ProgressBar.monotonicSeconds()
        let trained = try runPhase("train", epoch, train, trainStep)
        guard let trained else { return StopRequest.current }
        let trainSeconds = ProgressBar.monotonicSeconds() - start
        try reportProblems(train.problems)
        show(epoch, "train", trained, seconds: trainSeconds, remark: "lr " + rate.general(3))
        scheduler.step()

        let validated = try withoutGradients { try runPhase("val", epoch, validation, validationStep) }
        guard let validated else { return StopRequest.current }
        let seconds = ProgressBar.monotonicSeconds() - start
        try reportProblems(validation.problems)
        let isBest = try keepIfBest(epoch, validated)
        show(epoch, "val", validated, seconds: seconds - trainSeconds, remark: isBest ? "best so far" : "")
        try metrics.append(
            MetricsTable.Row(
                epoch: epoch, learningRate: rate, trainLoss: trained.loss, trainAccuracy: trained.accuracy,
                validationLoss: validated.loss, validationAccuracy: validated.accuracy,
                imagesPerSecond: Double(trained.count) / trainSeconds, seconds: seconds))
        for loader in [train, validation] {
            let limit = options.badPictureLimit
            if let problem = limit.problem(of: loader.dataset, found: loader.problems.skipped) { throw problem }
        }
        return epoch < options.epochs ? StopRequest.current : nil
    }

    /// One pass over the data; nil if it was asked to stop before the end.
    private func runPhase(
        _ name: String, _ epoch: Int, _ loader: DataLoader<ImageFolder>,
        _ step: (Batch) throws -> (loss: Tensor, scores: Tensor)
    ) throws -> PhaseFigures? {
        model.train(name == "train")
        var totals = PhaseTotals()
        var bar = ProgressBar("\(counter(epoch)) \(name)", total: loader.batchCount, terminal: progress)
        defer { bar.clear() }
        let batches = loader.batches(epoch: epoch - 1)
        var latest = 0
        while let batch = try batches.next()?.to(device) {
            latest = batch.number
            // Unreadable pictures may also leave a batch of one.
            if name == "train", batch.labels.elementCount == 1, min(options.batchSize, train.dataset.count) > 1 {
                continue
            }
            let (loss, scores) = try step(batch)
            if device == .cpu, !loss.item().isFinite { throw notFinite(loss.item(), name, epoch, latest) }
            totals.add(loss: loss, scores: scores, labels: batch.labels)
            var shown = 0.0
            bar.update(
                to: batch.number + 1,
                note: {
                    // Read only when the bar is drawn, since reading waits for a GPU.
                    shown = totals.figures.loss
                    return "loss=" + shown.fixed(4)
                }())
            guard shown.isFinite else { throw notFinite(shown, name, epoch, latest) }
            if StopRequest.current != nil {
                batches.cancel()
                return nil
            }
        }
        let figures = totals.figures
        if figures.count > 0, !figures.loss.isFinite { throw notFinite(figures.loss, name, epoch, latest) }
        return figures
    }

    private func trainStep(_ batch: Batch) -> (loss: Tensor, scores: Tensor) {
        let scores = model(batch.inputs)
        let loss = scores.crossEntropy(batch.labels)
        // A step along a gradient that is not a number would ruin the weights; on a GPU the run does not wait to find
        // out: it ends a little later, with the best weights so far.
        if device != .cpu || loss.item().isFinite { optimizer.step(loss.gradients()) }
        return (loss.detached(), scores)
    }

    private func validationStep(_ batch: Batch) -> (loss: Tensor, scores: Tensor) {
        let scores = model(batch.inputs)
        return (scores.crossEntropy(batch.labels), scores)
    }

    /// The failure for a loss that is infinite or NaN, by the phase in which it occurred.
    private func notFinite(_ loss: Double, _ phase: String, _ epoch: Int, _ batch: Int) -> Failure {
        let place = "epoch \(epoch), batch \(batch + 1)"
        let loss = loss.isNaN ? "NaN" : "\(loss)"
        let kept = record.best == nil ? "" : "; the best weights so far are kept"
        if phase == "val" {
            return Failure(
                "the validation loss is not a finite number (\(loss) in \(place)), though the training loss was one",
                hint: "training has spoiled the weights or the running statistics: try a lower --lr or a larger "
                    + "--batch-size" + kept, status: .trainingFailed)
        }
        if epoch == 1, batch == 0 {
            return Failure(
                "the training loss is not a finite number (\(loss) in \(place)) before any step was taken",
                hint:
                    "the weights that training starts from do not suit the pictures: start from others with --weights",
                status: .trainingFailed)
        }
        return Failure(
            "the training loss is not a finite number (\(loss) in \(place), learning rate \(optimizer.learningRate))",
            hint: "try a lower --lr, a lower --momentum, a larger --batch-size, or other starting weights" + kept,
            status: .trainingFailed)
    }

    /// Saves the weights if no earlier epoch was as accurate (or one was, with a higher loss).
    private func keepIfBest(_ epoch: Int, _ validated: PhaseFigures) throws -> Bool {
        if let best = record.best,
            (best.validationAccuracy, -best.validationLoss) >= (validated.accuracy, -validated.loss)
        {
            return false
        }
        let spoilt = model.stateDict().nonFiniteNames
        guard spoilt.isEmpty else {
            throw Failure(
                "the weights are no longer finite after epoch \(epoch): \(StartingWeights.list(spoilt))",
                hint: "train with a lower --lr" + (hasWeights ? "; the best weights so far are kept" : ""),
                status: .trainingFailed)
        }
        try saveWeights()
        record.best = RunRecord.Best(
            epoch: epoch, validationAccuracy: validated.accuracy, validationLoss: validated.loss)
        try record.write(to: folder)
        return true
    }

    // MARK: What is shown

    private func counter(_ epoch: Int) -> String {
        let total = String(options.epochs)
        return String(repeating: " ", count: total.count - String(epoch).count) + "\(epoch)/\(total)"
    }

    private func show(_ epoch: Int, _ phase: String, _ totals: PhaseFigures, seconds: Double, remark: String) {
        let rate = (Double(totals.count) / max(seconds, 1e-9)).fixed(1).leftPadded(to: 7)
        let figures = "loss \(totals.loss.fixed(4))  acc \(totals.accuracy.fixed(3))  \(rate) img/s  "
        let name = phase + String(repeating: " ", count: 5 - phase.count)
        let end = remark.isEmpty ? "" : "  " + remark
        results.writeLine("\(counter(epoch)) \(name)  \(figures)\(ProgressBar.clock(seconds))\(end)")
    }

    /// Reports pictures that could not be used, each once, and adds them to the record.
    private func reportProblems(_ problems: SampleProblems) throws {
        let new = problems.all.filter { reported.insert($0.name).inserted }
        guard !new.isEmpty else { return }
        for problem in new.prefix(10) {
            progress.writeLine("\(problem.isSkipped ? "skipped" : "suspect"): \(problem)")
        }
        if new.count > 10 { progress.writeLine("… and \(new.count - 10) more, counted in \(folder.recordPath)") }
        record.data.addSkipped(new.filter(\.isSkipped).map(\.description))
        try record.write(to: folder)
    }
}
