#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory that threads share for a while: a thread that needs a lot waits until others have finished.
///
/// Threads are served in the order in which they arrive. A request larger than the whole budget is served too, but
/// alone.
package final class MemoryBudget: @unchecked Sendable {
    /// The memory in which all threads of the process together decode pictures: 1 GiB, or a quarter of the machine's
    /// memory if that is less.
    package static let pictures = MemoryBudget(byteCount: min(1 << 30, physicalByteCount / 4))

    package let byteCount: Int
    private let monitor = Monitor()
    // Guarded by the monitor.
    private var spent = 0
    private var isFree: Bool { spent == 0 }
    private var nextTicket = 0
    private var nextServed = 0

    package init(byteCount: Int) { self.byteCount = byteCount }

    /// Calls `body` once `count` bytes are available, and returns them afterwards.
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
