import CressetData
import CressetNN

/// What is trained, and what for: a network, the loss of a batch, and the scores that people look at.
///
/// ```swift
/// struct Regression: TrainingTask {
///     let network: any Layer
///     let scoreNames = ["error"]
///     var module: any Module { network }
///
///     func assess(_ batch: Batch, in phase: Phase) -> Assessment {
///         let difference = network(batch.inputs) - batch.labels
///         return Assessment(
///             loss: difference.squared().mean(), count: batch.count, sums: ["error": difference.abs().sum()])
///     }
/// }
/// ```
///
/// The task calls the network. One with auxiliary heads, for example, adds their losses in training only.
public protocol TrainingTask {
    /// Everything with weights that takes part: what is put into training mode, averaged and saved.
    var module: any Module { get }
    /// The names of the sums that every ``Assessment`` has, in the order in which they are shown. Default: none.
    var scoreNames: [String] { get }

    /// Called before each pass over data. Default: sets the module's mode.
    ///
    /// - Parameter phase: The pass that begins.
    func prepare(for phase: Phase)

    /// The loss of a batch, and its scores. Called with gradients recorded in training, without them in validation.
    ///
    /// - Parameters:
    ///   - batch: The batch, on the device of the module's parameters.
    ///   - phase: The pass that the batch belongs to.
    /// - Throws: Any error; it ends the run.
    func assess(_ batch: Batch, in phase: Phase) throws -> Assessment

    /// The shape of a sum that every ``Assessment`` has. Default: that of a scalar.
    ///
    /// - Parameter name: One of ``scoreNames``.
    func shape(ofSum name: String) -> Shape

    /// The score that a sum over all samples of a pass gives. Default: the sum, a scalar, divided by the number of samples.
    ///
    /// A score that is no mean over samples keeps a sum of another shape, such as a count for each class.
    ///
    /// - Parameters:
    ///   - name: One of ``scoreNames``.
    ///   - sum: The elements of the sum, in row-major order.
    ///   - count: The number of samples, at least 1.
    func score(_ name: String, from sum: [Double], count: Int) -> Double

    /// Whether an epoch is better than the best one so far. Default: a lower loss is better.
    ///
    /// - Parameters:
    ///   - new: The epoch's figures for the validation data; for the training data if there are no others.
    ///   - best: Those of the best epoch so far.
    func isBetter(_ new: Figures, than best: Figures) -> Bool
}

extension TrainingTask {
    public var scoreNames: [String] { [] }

    public func shape(ofSum name: String) -> Shape { [] }

    public func score(_ name: String, from sum: [Double], count: Int) -> Double { (sum.first ?? .nan) / Double(count) }

    public func prepare(for phase: Phase) { module.train(phase == .training) }

    public func isBetter(_ new: Figures, than best: Figures) -> Bool { new.loss < best.loss }

    /// Where the module's first parameter is.
    var device: Device { module.parameters.first?.device ?? .current }
}

/// A kind of pass over data.
public enum Phase: String, Sendable, Hashable, Codable, CaseIterable {
    /// The weights change.
    case training = "train"
    /// The weights are only judged.
    case validation = "val"
}

/// What a task says of a batch.
public struct Assessment: Sendable {
    /// The number that training lowers: a scalar, the mean over the batch's samples.
    public var loss: Tensor
    /// The number of samples.
    public var count: Int
    /// Other measures by name, as sums over the samples: scalars, unless the task says otherwise. For the accuracy, the
    /// number of correct answers.
    public var sums: [String: Tensor]
    /// What the network says of each sample, along the first axis, for observers that keep it.
    public var outputs: Tensor?

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - loss: The mean loss of the samples, a scalar.
    ///   - count: The number of samples.
    ///   - sums: Other measures, as sums over the samples.
    ///   - outputs: What the network says of each sample; nil if nobody needs it.
    public init(loss: Tensor, count: Int, sums: [String: Tensor] = [:], outputs: Tensor? = nil) {
        self.loss = loss
        self.count = count
        self.sums = sums
        self.outputs = outputs
    }

    /// The same without its history.
    func detached() -> Assessment {
        Assessment(
            loss: loss.detached(), count: count, sums: sums.mapValues { $0.detached() }, outputs: outputs?.detached())
    }
}
