import Synchronization

/// A progress bar that several threads may update.
public final class ProgressLine: Sendable {
    private let bar: Mutex<ProgressBar>

    /// Makes one with these options.
    ///
    /// - Parameter bar: The bar.
    public init(_ bar: sending ProgressBar) { self.bar = Mutex(bar) }

    /// Notes how many steps are behind us.
    ///
    /// - Parameter done: The steps that are behind us.
    public func update(to done: Int) { bar.withLock { $0.update(to: done) } }

    public func clear() { bar.withLock { $0.clear() } }
}
