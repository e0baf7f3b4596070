import Synchronization

/// A progress bar that several threads may update.
public final class ProgressLine: Sendable {
    private let bar: Mutex<ProgressBar>

    public init(_ bar: sending ProgressBar) { self.bar = Mutex(bar) }

    public func update(to done: Int) { bar.withLock { $0.update(to: done) } }

    public func clear() { bar.withLock { $0.clear() } }
}
