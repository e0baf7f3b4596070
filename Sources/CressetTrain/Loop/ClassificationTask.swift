import CressetData
import CressetNN

/// Telling classes apart: the cross entropy of a network's scores, and how many of them are right.
///
/// The network maps inputs (N, …) to scores (N, classes); labels are class numbers, int64 (N), or, of samples that were
/// mixed, probabilities (N, classes), whose likeliest class is the right one. In training, the losses of auxiliary heads
/// are added (`AuxiliaryClassificationModel`).
public struct ClassificationTask: TrainingTask {
    public let network: any Layer
    /// The share, 0 to 1, of each target that is spread evenly over all classes, in training only.
    public var labelSmoothing: Double
    /// The weight of each class in the loss, in training only; nil for equal weights.
    public var classWeights: Tensor?
    /// The type of the network's products; its scores are float32 either way.
    public var precision: Precision
    /// The figure by which an epoch is better than others: `loss`, if it is lower, or a score, if it is higher, or the same
    /// and the loss is lower.
    public var metric = "accuracy"
    /// The number of samples of each class in each phase. With it, there are the scores `balanced_accuracy`, the mean of
    /// the classes' accuracies, of classes that have samples, and `f1`, the mean of the classes' F1, of classes that have
    /// samples or were named ("macro" F1).
    public var classCounts: [Phase: [Int]] = [:] {
        didSet { balances = classCounts.mapValues(Self.balance) }
    }
    /// The phases whose batches hold a `FeatureModel`'s features instead of its inputs.
    package var featurePhases: Set<Phase> = []
    /// What a right answer counts for each class, so that the mean over all samples is the balanced accuracy.
    private var balances: [Phase: Tensor] = [:]

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - network: The network.
    ///   - labelSmoothing: The share, 0 to 1, of each target that is spread evenly over all classes in training.
    ///   - classWeights: The weight of each class in the training loss, of shape (classes); nil for equal weights.
    ///   - precision: The type of the network's products.
    public init(
        _ network: any Layer, labelSmoothing: Double = 0, classWeights: Tensor? = nil,
        precision: Precision = .float32
    ) {
        self.network = network
        self.labelSmoothing = labelSmoothing
        self.classWeights = classWeights
        self.precision = precision
    }

    public var module: any Module { network }
    public var scoreNames: [String] { ["accuracy"] + (classCounts.isEmpty ? [] : ["balanced_accuracy", "f1"]) }

    public func shape(ofSum name: String) -> Shape { name == "f1" ? [2, classCounts.values.first?.count ?? 0] : [] }

    /// Of `f1`, the sum is the number of right answers for each class, then the number of its samples and of those that
    /// were taken for it together.
    public func score(_ name: String, from sum: [Double], count: Int) -> Double {
        guard name == "f1" else { return (sum.first ?? .nan) / Double(count) }
        let right = sum.prefix(sum.count / 2), involved = sum.dropFirst(right.count)
        let scores = zip(right, involved).compactMap { $1 > 0 ? 2 * $0 / $1 : nil }
        return scores.reduce(0, +) / Double(scores.count)
    }

    public func assess(_ batch: Batch, in phase: Phase) -> Assessment {
        let balance = classCounts.isEmpty ? nil : balances[phase]
        let model = phase == .training ? network as? any AuxiliaryClassificationModel : nil
        let body = featurePhases.contains(phase) ? network as? any FeatureModel : nil
        let (scores, auxiliary) = precision.scores(on: batch.inputs.device) {
            if let body { return (body.scores(ofFeatures: batch.inputs), []) }
            return model?.scores(batch.inputs) ?? (network(batch.inputs), [])
        }
        guard phase == .training else { return Self.assess(scores, batch.labels, balance: balance) }
        let weights = classWeights?.to(scores.device).to(scores.dtype)
        var assessment = Self.assess(
            scores, batch.labels, weights: weights, labelSmoothing: labelSmoothing, balance: balance)
        for scores in auxiliary {
            let loss = scores.crossEntropy(batch.labels, weight: weights, labelSmoothing: labelSmoothing)
            assessment.loss = assessment.loss + (model?.auxiliaryWeight ?? 1) * loss
        }
        return assessment
    }

    /// The cross entropy of scores (N, classes) for labels, and the number of correct answers; with `balance`, also as each
    /// class counts.
    static func assess(
        _ scores: Tensor, _ labels: Tensor, weights: Tensor? = nil, labelSmoothing: Double = 0, balance: Tensor? = nil
    ) -> Assessment {
        let loss = scores.crossEntropy(labels, weight: weights, labelSmoothing: labelSmoothing)
        return withoutGradients {
            let labels = labels.rank == 2 ? labels.argmax(axis: 1) : labels
            let predictions = scores.detached().argmax(axis: 1), right = predictions .== labels
            var sums = ["accuracy": right.to(.int64).sum()]
            if let balance {
                let worth = balance.to(labels.device).indexSelect(axis: 0, indices: labels)
                sums["balanced_accuracy"] = (right.to(.float64) * worth).sum()
                let own = labels.oneHot(classes: balance.elementCount)
                let named = predictions.oneHot(classes: balance.elementCount)
                sums["f1"] = Tensor.stacked([(own * named).sum(axes: [0]), (own + named).sum(axes: [0])])
            }
            return Assessment(loss: loss, count: labels.elementCount, sums: sums, outputs: scores)
        }
    }

    private static func balance(_ counts: [Int]) -> Tensor {
        let present = counts.count { $0 > 0 }
        let worth = counts.map { $0 > 0 ? Double(counts.reduce(0, +)) / Double($0 * present) : 0 }
        return Tensor(worth, shape: [counts.count])
    }

    public func isBetter(_ new: Figures, than best: Figures) -> Bool {
        if metric == "loss" { return new.loss < best.loss }
        return (new[metric] ?? .nan, -new.loss) > (best[metric] ?? .nan, -best.loss)
    }
}
