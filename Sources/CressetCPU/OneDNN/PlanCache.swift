import CKernels
import Synchronization

/// Everything a plan depends on, as a row of integers.
///
/// The hash is updated as the row grows: looking up a plan takes less than a tenth of a microsecond.
struct PlanKey: Hashable {
    private var values: InlineArray<72, Int>
    private var count = 0
    private var digest: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Every key begins with the team's size: primitives are compiled for it.
    @inline(__always)
    init() {
        values = InlineArray(repeating: 0)
        append(Int(cresset_thread_count()))
    }

    @inline(__always)
    mutating func append(_ value: Int) {
        values[count] = value
        count += 1
        digest = (digest ^ UInt64(truncatingIfNeeded: value)) &* 0xFF51_AFD7_ED55_8CCD
        digest ^= digest >> 32
    }

    static func == (a: PlanKey, b: PlanKey) -> Bool {
        guard a.digest == b.digest, a.count == b.count else { return false }
        for i in 0..<a.count where a.values[i] != b.values[i] { return false }
        return true
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// Compiled plans by key.
final class PlanCache<Plan: AnyObject & Sendable>: Sendable {
    /// When this many plans have been made, all are dropped. Ever-changing shapes must not fill the memory; oneDNN
    /// caches the code compiled most recently, so that recreating a plan is cheap.
    private static var capacity: Int { 1024 }

    private let plans = Mutex<[PlanKey: Plan]>([:])

    func plan(for key: PlanKey, make: () -> Plan) -> Plan {
        if let plan = plans.withLock({ $0[key] }) { return plan }
        // Compiling takes milliseconds: other threads need not wait for it. Two that make the same plan waste only
        // time.
        let plan = make()
        plans.withLock {
            if $0.count >= Self.capacity { $0.removeAll() }
            $0[key] = plan
        }
        return plan
    }
}
