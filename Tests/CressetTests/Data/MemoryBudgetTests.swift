import CressetData
import Synchronization
import Testing

@Suite struct MemoryBudgetTests {
    /// What several threads hold, and the maximum that they held at once.
    private final class Ledger: Sendable {
        private let held = Mutex((now: 0, most: 0, count: 0, isLargeAlone: true))

        func hold(_ bytes: Int, limit: Int) {
            held.withLock { held in
                held.now += bytes
                held.count += 1
                if bytes > limit {
                    held.isLargeAlone = held.isLargeAlone && held.now == bytes
                } else {
                    held.most = max(held.most, held.now)
                }
            }
            held.withLock { $0.now -= bytes }
        }

        var result: (now: Int, most: Int, count: Int, isLargeAlone: Bool) { held.withLock { $0 } }
    }

    /// However many threads there are, together they hold no more than the budget, or one item that is larger.
    @Test func whatIsHeldAtOnceIsBounded() async {
        let budget = MemoryBudget(byteCount: 100)
        let ledger = Ledger()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<60 {
                let bytes = index % 10 == 0 ? 1000 : 10 + index
                group.addTask { budget.spending(bytes) { ledger.hold(bytes, limit: 100) } }
            }
        }
        #expect(ledger.result == (0, ledger.result.most, 60, true))
        #expect(ledger.result.most <= 100)
    }

    @Test func comesBackAfterAnError() {
        let budget = MemoryBudget(byteCount: 10)
        for _ in 0..<3 {
            #expect(throws: CancellationError.self) { try budget.spending(10) { throw CancellationError() } }
        }
        #expect(budget.spending(10) { 7 } == 7)
    }
}
