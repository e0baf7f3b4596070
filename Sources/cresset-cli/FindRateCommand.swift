import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain

/// `cresset find-lr`.
struct FindRateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find-lr",
        abstract: "Try learning rates, and suggest one.",
        discussion: """
            Trains as cresset train with the same options would begin, but with a rate that rises from step to step, from \
            1e-7 to 10, until the loss is four times its least; then the weights are forgotten. The suggestion is a rate \
            in the middle of the longest fall of the smoothed loss (fastai's rule "valley"): the loss falls fast there, \
            and the rates at which it grows are still far away. The same seed gives the same suggestion. \
            Of the options of a run (--config), those that have no use here are left out.

              cresset find-lr pets --model efficientnet_lite0
              cresset train pets --model efficientnet_lite0 --find-lr
              cresset find-lr --config runs/train-1/config.json
            """)

    @OptionGroup var job: PlanOptions

    @Option(help: "How many rates to try; fewer are less reliable.")
    var steps = 100

    @Flag(help: "Print one JSON object, with the loss at each rate.")
    var json = false

    private var options: TrainingOptions {
        var options = TrainingOptions()
        job.apply(to: &options)
        // Schedules begin with the run; this is no part of one.
        options.warmupEpochs = 0
        return options
    }

    func validate() throws {
        if !(20...10_000).contains(steps) { throw ValidationError("--steps must be from 20 to 10000, got \(steps)") }
        if job.recipe.lr != nil { throw ValidationError("--lr is what is looked for; leave it out") }
        guard let problem = options.problem else { return }
        throw ValidationError(problem.message + (problem.hint.map { "; \($0)" } ?? ""))
    }

    func run() throws {
        let plan = try job.plan(options)
        let curve = try plan.showingLearningRateCurve(steps: steps)
        if json {
            try Results.writeLine(Results.json(RateRecord(plan, curve)))
        } else {
            for line in RateReport(plan, curve).lines { try Results.writeLine(line) }
        }
    }
}
