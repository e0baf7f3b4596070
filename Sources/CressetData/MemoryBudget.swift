#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory that threads share for a while: whoever needs much waits until others are done.
///
/// Threads are served in the order in which they come. What is larger than the whole budget is served, too, but alone.
package final class MemoryBudget: @unchecked Sendable {
    /// What all threads of the process together decode pictures in: 1 GiB, or a quarter of the machine's memory where
    /// that is less.
    package static let pictures = MemoryBudget(byteCount: min(1 << 30, physicalByteCount / 4))

    package let byteCount: Int
    private let monitor = Monitor()
    // Guarded by the monitor.
    private var spent = 0
    private var isFree: Bool { spent == 0 }
    private var nextTicket = 0
    private var nextServed = 0

    package init(byteCount: Int) { self.byteCount = byteCount }

    /// Calls `body` once there are `count` bytes to spend, which come back afterwards.
    package func spending<R>(_ count: Int, _ body: () throws -> R) rethrows -> R {
        monitor.locked {
            let ticket = nextTicket
            nextTicket += 1
            while ticket != nextServed || !(isFree || count <= byteCount - spent) { monitor.wait() }
            nextServed += 1
            spent += count
            monitor.wakeAll()
        }
        defer {
            monitor.locked {
                spent -= count
                monitor.wakeAll()
            }
        }
        return try body()
    }

    private static var physicalByteCount: Int {
        let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        return pages > 0 && size > 0 ? pages * size : .max
    }
}
