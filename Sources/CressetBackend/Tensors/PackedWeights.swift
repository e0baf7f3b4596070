import Synchronization

/// Copies of one weight in the layouts that kernels prefer, kept for as long as the weight does not change.
///
/// The owner of the weight owns this object too, passes it to the operators that read the weight, and drops it (or
/// creates a new one) when the weight changes. Operators that are given none pack the weight each time, which is right
/// in training, where each weight is used once between two changes.
package final class PackedWeights: Sendable {
    private let copies = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])

    private static var capacity: Int { 4 }

    package init() {}

    /// The copy that belongs to `plan`, made on first use. It must keep `plan` alive, or the key could be reused.
    ///
    /// - Parameters:
    ///   - plan: The plan for which the copy is made.
    ///   - make: Creates the copy if there is none.
    package func copy<Copy: AnyObject & Sendable>(for plan: AnyObject & Sendable, make: () -> Copy) -> Copy {
        let key = ObjectIdentifier(plan)
        if let copy = copies.withLock({ $0[key] }) as? Copy { return copy }
        let copy = make()
        copies.withLock {
            // A plan is made for one input shape: pictures of ever-changing sizes must not fill the memory.
            if $0.count >= Self.capacity { $0.removeAll() }
            $0[key] = copy
        }
        return copy
    }

    /// Drops all copies: the weight has changed.
    package func removeAll() { copies.withLock { $0.removeAll() } }
}
