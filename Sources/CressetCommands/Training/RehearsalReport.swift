import Cresset
import CressetTrain

/// What `cresset train --dry-run` prints.
package struct RehearsalReport {
    private let rehearsal: Rehearsal
    private let plan: TrainingPlan

    /// Creates one.
    ///
    /// - Parameters:
    ///   - rehearsal: What was done without a trace.
    ///   - plan: What is to be trained.
    package init(_ rehearsal: Rehearsal, of plan: TrainingPlan) {
        self.rehearsal = rehearsal
        self.plan = plan
    }

    /// The lines on what would be done; those on what was found are written to `progress`.
    ///
    /// - Parameters:
    ///   - results: Where the lines about the run go.
    ///   - progress: Where warnings and reports of bad pictures go.
    package func write(to results: Terminal = .standardOutput, progress: Terminal = .standardError) {
        let options = plan.options
        RunHeading(rehearsal.record, folder: rehearsal.folder, plan.data, plan.model.parameterCount, note: plan.note)
            .write(to: results, progress: progress)
        let rate = options.learningRate.map { " \($0.general(3))" } ?? ""
        results.writeLine(
            "would   \(options.epochs.counted("epoch")) of \(rehearsal.stepCount.counted("step")), "
                + "\(options.optimizer.rawValue)\(rate), schedule \(options.scheduler?.rawValue ?? "step"); weights and state take "
                + "\((Double(rehearsal.byteCount) / 0x1p20).fixed(1)) MiB")
        results.writeLine(
            "loss    \(rehearsal.firstLoss.fixed(4)) for the first batch; nothing was learnt or written")
    }
}
