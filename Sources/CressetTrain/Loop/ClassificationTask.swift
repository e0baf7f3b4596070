import CressetData
import CressetNN

/// Telling classes apart: the cross entropy of a network's scores, and how many of them are right.
///
/// The network maps inputs (N, …) to scores (N, classes); labels are class numbers, int64 (N). A network counts as
/// better with a higher accuracy, or the same and a lower loss. In training, the losses of auxiliary heads are added
/// (`AuxiliaryClassificationModel`).
public struct ClassificationTask: TrainingTask {
    public let network: any Layer
    /// The share, 0 to 1, of each target that is spread evenly over all classes, in training only.
    public var labelSmoothing: Double
    /// The weight of each class in the loss, in training only; nil for equal weights.
    public var classWeights: Tensor?

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - network: The network.
    ///   - labelSmoothing: The share, 0 to 1, of each target that is spread evenly over all classes in training.
    ///   - classWeights: The weight of each class in the training loss, of shape (classes); nil for equal weights.
    public init(_ network: any Layer, labelSmoothing: Double = 0, classWeights: Tensor? = nil) {
        self.network = network
        self.labelSmoothing = labelSmoothing
        self.classWeights = classWeights
    }

    public var module: any Module { network }
    public var scoreNames: [String] { ["accuracy"] }

    public func assess(_ batch: Batch, in phase: Phase) -> Assessment {
        guard phase == .training else { return Self.assess(network(batch.inputs), batch.labels) }
        let model = network as? any AuxiliaryClassificationModel
        let (scores, auxiliary) = model?.scores(batch.inputs) ?? (network(batch.inputs), [])
        let weights = classWeights?.to(scores.device).to(scores.dtype)
        var assessment = Self.assess(scores, batch.labels, weights: weights, labelSmoothing: labelSmoothing)
        for scores in auxiliary {
            let loss = scores.crossEntropy(batch.labels, weight: weights, labelSmoothing: labelSmoothing)
            assessment.loss = assessment.loss + (model?.auxiliaryWeight ?? 1) * loss
        }
        return assessment
    }

    /// The cross entropy of scores (N, classes) for labels (N), and the number of correct answers.
    static func assess(
        _ scores: Tensor, _ labels: Tensor, weights: Tensor? = nil, labelSmoothing: Double = 0
    ) -> Assessment {
        let loss = scores.crossEntropy(labels, weight: weights, labelSmoothing: labelSmoothing)
        let correct = withoutGradients { (scores.detached().argmax(axis: 1) .== labels).to(.int64).sum() }
        return Assessment(loss: loss, count: labels.elementCount, sums: ["accuracy": correct], outputs: scores)
    }

    public func isBetter(_ new: Figures, than best: Figures) -> Bool {
        (new["accuracy"] ?? .nan, -new.loss) > (best["accuracy"] ?? .nan, -best.loss)
    }
}
