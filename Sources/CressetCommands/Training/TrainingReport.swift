import Cresset
import CressetData
import CressetNN
import CressetTrain

/// What `cresset train` prints: what is going to happen, progress bars, two lines per epoch, and what came of it. The lines
/// are in `log.txt` of the run folder, too.
package final class TrainingReport: TrainingObserver {
    private let run: TrainingRun
    private let note: String
    private var results: Terminal
    private var progress: Terminal
    private let log: RunLog
    private var bar: ProgressBar?
    /// The learning rate at the beginning of the epoch.
    private var rate = 0.0

    /// A report on a run.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - note: Where the first weights come from.
    ///   - results: Where the lines about the run go.
    ///   - progress: Where progress bars, warnings and reports of bad pictures go.
    package init(
        _ run: TrainingRun, note: String, results: Terminal = .standardOutput, progress: Terminal = .standardError
    ) {
        self.run = run
        self.note = note
        self.results = results
        self.progress = progress
        let log = RunLog(run.folder)
        self.log = log
        self.results.log = { log.write($0) }
        self.progress.log = { log.write($0) }
    }

    package func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
        switch event {
        case .runBegan: head(loop)
        case .epochBegan(let epoch):
            rate = loop.recipe.optimizer.learningRate
            if epoch == 1, run.data.leavesOneOver(batchSize: run.record.options.batchSize) {
                progress.writeLine(
                    "note: the last training batch would hold a single picture, too few for batch normalisation; it is "
                        + "left out")
            }
        case .phaseBegan(let phase, let epoch, let count):
            bar = ProgressBar("\(counter(epoch)) \(phase.rawValue)", total: count, terminal: progress)
        case .batchEnded(let batch):
            bar?.update(to: batch.number + 1, note: "loss=" + batch.totals.figures.loss.fixed(4))
        case .samplesFailed(let problems):
            bar?.clear()
            skipped(problems.map { "\($0.isSkipped ? "skipped" : "suspect"): \($0)" })
        case .phaseEnded(let result):
            bar?.clear()
            if result.phase == .training { show(result, "lr " + rate.general(3)) }
        case .epochEnded(let epoch):
            if let validation = epoch.validation { show(validation, epoch.isBest ? "best so far" : "") }
        case .runEnded(let ending):
            bar?.clear()
            if case .stopped(let reason) = ending { results.writeLine("ended   \(reason)") }
            foot()
        case .runFailed(let error):
            bar?.clear()
            log.write("failed  \(TerminalText.escaped(Failure(error).message))")
        default: break
        }
    }

    // MARK: Before

    private func head(_ loop: TrainingLoop) {
        RunHeading(run.record, folder: run.folder.path, run.data, loop.task.module.parameterCount, note: note)
            .write(to: results, progress: progress)
    }

    private func skipped(_ lines: [String]) {
        progress.writeFirst(lines, remark: ", counted in \(run.folder.recordPath)")
    }

    // MARK: Epochs

    private func counter(_ epoch: Int) -> String {
        let total = String(run.record.options.epochs)
        return String(epoch).leftPadded(to: total.count) + "/\(total)"
    }

    private func show(_ result: PhaseResult, _ remark: String) {
        let figures = result.figures
        let rate = (Double(figures.count) / max(result.seconds, 1e-9)).fixed(1).leftPadded(to: 7)
        let name = result.phase.rawValue
        let accuracy = (figures["accuracy"] ?? .nan).fixed(3)
        results.writeLine(
            "\(counter(result.epoch)) \(name.rightPadded(to: 5))  "
                + "loss \(figures.loss.fixed(4))  acc \(accuracy)  \(rate) img/s  \(ProgressBar.clock(result.seconds))"
                + (remark.isEmpty ? "" : "  " + remark))
    }

    // MARK: After

    private func foot() {
        let record = run.record
        if let best = record.best {
            results.writeLine(
                "best    epoch \(best.epoch): \((best.validationAccuracy * 1000).rounded() / 10) % of "
                    + "\(best.validationCount ?? record.data.validationCount) validation pictures correct"
                    + (run.data.isChosenByTest ? "; the epoch was chosen by these pictures of test" : ""))
        } else {
            let kept = run.hasWeights ? "the weights of the last step are kept" : "its weights are not finite numbers"
            results.writeLine("stopped before the first epoch was complete; \(kept)")
        }
        let skipped = record.data.totalSkipped
        if skipped > 0 {
            results.writeLine(
                "skipped \(skipped.counted("file")), the first of them listed in \(run.folder.recordPath)"
            )
        }
        let weights = run.hasWeights ? ["model.safetensors"] : []
        let predictions = SystemFiles.exists(run.folder.predictionsPath) ? ["predictions.csv"] : []
        let files = weights + ["run.json", "metrics.csv", "data.csv"] + predictions
        results.writeLine("files   \(run.folder.path): \(files.joined(separator: ", "))")
        if run.hasWeights { results.writeLine("next    cresset predict \(run.folder.path) PICTURE…") }
    }
}
