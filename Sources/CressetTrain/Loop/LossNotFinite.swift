import Cresset

/// The loss became infinite or NaN: training cannot go on.
public struct LossNotFinite: ExplainedError, Sendable, Hashable {
    public let loss: Double
    public let phase: Phase
    /// The number of the epoch, from 1.
    public let epoch: Int
    /// The number of the batch within its pass, from 1. On a GPU, where losses are read now and then, the first batch
    /// after which it was noticed.
    public let batch: Int
    /// The learning rate of the optimizer's first group.
    public let learningRate: Double
    /// Whether an epoch before had a best result.
    public let hasBest: Bool

    /// What happened, and where.
    public var problem: String {
        let place = "epoch \(epoch), batch \(batch)"
        let loss = loss.isNaN ? "NaN" : "\(loss)"
        if phase == .validation {
            return "the validation loss is not a finite number (\(loss) in \(place)), though the training loss was one"
        }
        if isFirst {
            return "the training loss is not a finite number (\(loss) in \(place)) before any step was taken"
        }
        return "the training loss is not a finite number (\(loss) in \(place), learning rate \(learningRate))"
    }

    /// Whether no step had been taken.
    public var isFirst: Bool { phase == .training && epoch == 1 && batch == 1 }

    /// What to do about it.
    public var hint: String {
        let kept = hasBest ? "; the best weights so far are kept" : ""
        if phase == .validation {
            return "training has spoiled the weights or the running statistics: try a lower "
                + "\(OptionName.learningRate) or a larger \(OptionName.batchSize)" + kept
        }
        if isFirst {
            return "the weights that training starts from do not suit the data: start from others"
                + (OptionName.areFlags ? " with \(OptionName.weights)" : "")
        }
        return "try a lower \(OptionName.learningRate), a lower \(OptionName.momentum), a larger "
            + "\(OptionName.batchSize), or other starting weights" + kept
    }

    public var explanation: Explanation { Explanation(problem, hint: hint) }
}
