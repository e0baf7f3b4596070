import CressetData

/// What happens in a run, in the order in which observers are told.
public enum TrainingEvent {
    /// Before anything else.
    case runBegan
    /// With the number of the epoch, from 1.
    case epochBegan(Int)
    case phaseBegan(Phase, epoch: Int, batchCount: Int)
    /// After the step, in training.
    case batchEnded(BatchResult)
    /// Samples that could not be used, or look damaged: each is reported once, after the pass that met it.
    case samplesFailed([SampleProblem])
    case phaseEnded(PhaseResult)
    /// ``TrainingLoop/state`` can be saved: an epoch has been judged, which observers are told next, or the run ends within
    /// one.
    case checkpoint
    /// The epoch is better than all before it, as the task sees it. The network has the weights to keep: the averaged
    /// ones, if the recipe averages.
    case improved(EpochResult)
    case epochEnded(EpochResult)
    /// The run came to an end of its own.
    case runEnded(Ending)
    /// The run ends by an error, which the loop throws afterwards; errors thrown by observers of this event are lost.
    case runFailed(any Error)
}

/// Follows a run: prints, records, saves, or asks it to stop.
///
/// ```swift
/// final class EarlyEnd: TrainingObserver {
///     private var count = 0
///     func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
///         guard case .epochEnded(let epoch) = event else { return }
///         count = epoch.isBest ? 0 : count + 1
///         if count == 3 { loop.stop("three epochs without improvement") }
///     }
/// }
/// ```
///
/// There will be further events: a `switch` needs a `default`.
public protocol TrainingObserver: AnyObject {
    /// Called on the loop's own thread, for one observer after another, in the order of ``TrainingLoop/observers``.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - loop: The loop in which it happened.
    /// - Throws: Any error; it ends the run, and the observers that follow are not told of this event.
    func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws
}

/// A batch that is done.
public struct BatchResult {
    public let phase: Phase
    /// The number of the epoch, from 1.
    public let epoch: Int
    /// The number of the batch within its pass, from 0.
    public let number: Int
    /// The number of batches in the pass.
    public let batchCount: Int
    public let batch: Batch
    /// What the task said of the batch, without history.
    public let assessment: Assessment
    /// The sums of the pass so far. Reading their figures waits for a GPU: do so only as often as people look.
    public let totals: PhaseTotals
}

/// A pass over data that is done.
public struct PhaseResult: Sendable, Codable {
    public let phase: Phase
    /// The number of the epoch, from 1.
    public let epoch: Int
    public let figures: Figures
    /// How long it took.
    public let seconds: Double
}

/// An epoch that is done.
public struct EpochResult: Sendable, Codable {
    /// The number of the epoch, from 1.
    public let epoch: Int
    /// The learning rate of the optimizer's first group when the epoch began.
    public let learningRate: Double
    public let training: PhaseResult
    /// Nil if there are no validation data.
    public let validation: PhaseResult?
    /// Whether no epoch before was as good.
    public let isBest: Bool

    /// The figures by which the epoch is judged: for the validation data if there are any, else for the training data.
    public var figures: Figures { (validation ?? training).figures }
}

/// How a run ended.
public enum Ending: Sendable, Hashable {
    /// After the last epoch.
    case finished
    /// Early, because an observer had seen enough.
    case stopped(String)
    /// In the middle, because an observer was told to end it: the run could go on.
    case interrupted(String)

    var isInterruption: Bool { if case .interrupted = self { true } else { false } }
}
