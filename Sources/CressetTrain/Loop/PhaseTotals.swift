import Cresset

/// The means of a pass over data.
public struct Figures: Sendable, Equatable, Codable {
    /// The number of samples.
    public let count: Int
    /// The mean loss of the samples; NaN if there are none.
    public let loss: Double
    /// The means of the task's other measures, by name.
    public let scores: [String: Double]

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - count: The number of samples.
    ///   - loss: Their mean loss.
    ///   - scores: The means of other measures, by name.
    public init(count: Int, loss: Double, scores: [String: Double] = [:]) {
        self.count = count
        self.loss = loss
        self.scores = scores
    }

    /// The mean with a name; nil if there is none.
    ///
    /// - Parameter name: `loss`, or one of the task's scores.
    public subscript(name: String) -> Double? { name == "loss" ? loss : scores[name] }
}

/// The running sums of one pass over the data.
///
/// They add up on the device of the network; a GPU is waited for only when ``figures`` are read.
public final class PhaseTotals {
    /// The number of samples so far.
    public private(set) var count = 0
    private let task: any TrainingTask
    private(set) var sums: [Tensor] = []
    /// The figures, if they were read since the last batch.
    private(set) var latest: Figures?

    /// Sums that begin at 0, or go on from earlier ones.
    init(_ task: any TrainingTask, sums: [Tensor] = [], count: Int = 0) {
        self.task = task
        self.sums = sums
        self.count = count
    }

    func add(_ assessment: Assessment) {
        withoutGradients {
            let loss = assessment.loss.to(.float64) * Double(assessment.count)
            let new =
                [loss]
                + task.scoreNames.map { name in
                    guard let sum = assessment.sums[name] else {
                        fatalError("TrainingLoop: the task has a score \"\(name)\", but gives no sum for it")
                    }
                    return sum
                }
            sums = sums.isEmpty ? new : zip(sums, new).map { $0 + $1 }
        }
        count += assessment.count
        latest = nil
    }

    /// The means so far. Waits for the device.
    public var figures: Figures {
        if let latest { return latest }
        let values = elements
        let scores = zip(task.scoreNames, values.dropFirst()).map { name, sum in
            (name, count > 0 ? task.score(name, from: sum, count: count) : .nan)
        }
        let loss = values.first?.first ?? .nan
        let read = Figures(
            count: count, loss: count > 0 ? loss / Double(count) : .nan,
            scores: Dictionary(scores, uniquingKeysWith: { $1 }))
        latest = read
        return read
    }

    /// The elements of each sum. Scalars are read together, so that a GPU is waited for once.
    private var elements: [[Double]] {
        var scalars = Tensor.items(sums.filter { $0.rank == 0 })[...]
        return sums.map { $0.rank == 0 ? [scalars.removeFirst()] : $0.to(.cpu).scalars(as: Double.self) }
    }
}
