import Synchronization

/// A progress bar that several threads may update.
package final class ProgressLine: Sendable {
    private let bar: Mutex<ProgressBar>

    /// Creates one with these options.
    ///
    /// - Parameter bar: The bar.
    package init(_ bar: sending ProgressBar) { self.bar = Mutex(bar) }

    /// Records how many steps are done.
    ///
    /// - Parameter done: The steps that are behind us.
    package func update(to done: Int) { bar.withLock { $0.update(to: done) } }

    package func clear() { bar.withLock { $0.clear() } }
}
