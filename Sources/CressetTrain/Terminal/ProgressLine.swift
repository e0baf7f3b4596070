import Synchronization

/// A progress bar that several threads may update.
public final class ProgressLine: Sendable {
    private let bar: Mutex<ProgressBar>

    /// Creates one with these options.
    ///
    /// - Parameter bar: The bar.
    public init(_ bar: sending ProgressBar) { self.bar = Mutex(bar) }

    /// Records how many steps are done.
    ///
    /// - Parameter done: The steps that are behind us.
    public func update(to done: Int) { bar.withLock { $0.update(to: done) } }

    public func clear() { bar.withLock { $0.clear() } }
}
