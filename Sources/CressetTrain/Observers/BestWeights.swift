import CressetNN

/// Keeps the weights of the best epoch in memory; after the run the network has them.
///
/// A run that was interrupted or failed leaves the network as it is; ``state`` has the best weights then, too.
public final class BestWeights: TrainingObserver {
    /// The best weights so far; nil before the end of the first epoch.
    public private(set) var state: StateDict?

    public init() {}

    public func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        switch event {
        case .improved: state = loop.task.module.stateDict()
        case .runEnded(.finished), .runEnded(.stopped): if let state { try loop.task.module.load(state) }
        default: break
        }
    }
}
