/// Ends a run after a number of epochs in a row that were not the best so far.
public final class Patience: TrainingObserver {
    public let epochs: Int
    private let firstEpoch: Int

    /// An observer that waits so long.
    ///
    /// Traps if `epochs` is below 1.
    ///
    /// - Parameters:
    ///   - epochs: The number of epochs without improvement after which the run ends.
    ///   - firstEpoch: The first epoch, from 1, that counts as one of them.
    public init(_ epochs: Int, from firstEpoch: Int = 1) {
        if epochs < 1 { fatalError("Patience: needs 1 epoch or more, got \(epochs)") }
        self.epochs = epochs
        self.firstEpoch = firstEpoch
    }

    public func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
        guard case .epochEnded(let epoch) = event else { return }
        let last = max(loop.best?.epoch ?? 0, firstEpoch - 1, 0)
        if epoch.epoch - last >= epochs {
            loop.stop("no improvement in \(epochs.counted("epoch"))")
        }
    }
}
