import Cresset
import CressetOptim
import CressetTrain

/// A search for a learning rate as JSON; without a field `suggestion` if there is none.
package struct RateRecord: Encodable {
    struct Point: Encodable {
        let learningRate: Double
        let loss: Double
        let smoothedLoss: Double
    }

    let model: String
    let data: String
    let device: String
    let seed: UInt64
    /// The number of rates that were to be tried.
    let steps: Int
    let suggestion: Double?
    let points: [Point]

    /// The record of a curve.
    ///
    /// - Parameters:
    ///   - plan: What the rates were tried on.
    ///   - curve: The losses.
    package init(_ plan: TrainingPlan, _ curve: LearningRateCurve) {
        model = plan.name
        data = plan.data.path.terminalText
        device = "\(plan.device)"
        seed = plan.options.seed
        steps = curve.stepCount
        suggestion = curve.suggestion
        points = curve.points.map {
            Point(learningRate: $0.learningRate, loss: $0.loss, smoothedLoss: $0.smoothedLoss)
        }
    }
}
