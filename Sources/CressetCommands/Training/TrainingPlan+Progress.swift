import CressetOptim
import CressetTrain

extension TrainingPlan {
    /// The curve, with a progress bar.
    package func showingLearningRateCurve(steps: Int = 100, terminal: Terminal = .standardError) throws
        -> LearningRateCurve
    {
        var bar = ProgressBar("trying rates", total: steps, terminal: terminal)
        defer { bar.clear() }
        return try learningRateCurve(steps: steps) { bar.update(to: $0) }
    }
}
