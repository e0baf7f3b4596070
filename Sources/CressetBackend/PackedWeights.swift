import Synchronization

/// Copies of one weight in the layouts that kernels like best, kept for as long as the weight does not change.
///
/// Whoever owns the weight owns this beside it, hands it to the operators that read the weight, and drops it (or makes a
/// new one) when the weight changes. Operators given none pack the weight anew each time, which is right in training,
/// where each weight is used once between two changes.
public final class PackedWeights: Sendable {
    private let copies = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])

    private static var capacity: Int { 4 }

    public init() {}

    /// The copy that belongs to `plan`, made on first use. It must keep `plan` alive, or the key would be given again.
    public func copy<Copy: AnyObject & Sendable>(for plan: AnyObject & Sendable, make: () -> Copy) -> Copy {
        let key = ObjectIdentifier(plan)
        if let copy = copies.withLock({ $0[key] }) as? Copy { return copy }
        let copy = make()
        copies.withLock {
            // A plan is made for one input shape: pictures of ever new sizes must not fill the memory.
            if $0.count >= Self.capacity { $0.removeAll() }
            $0[key] = copy
        }
        return copy
    }

    /// Forgets all copies: the weight has changed.
    public func removeAll() { copies.withLock { $0.removeAll() } }
}
