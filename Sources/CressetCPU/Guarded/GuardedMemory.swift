import CressetBackend
import Glibc
import Synchronization

/// Memory in one range of addresses that is protected, as a whole, whenever no requirement is running.
final class GuardedMemory: Sendable {
    private struct State: @unchecked Sendable {
        let start: UnsafeMutableRawPointer
        /// How far the range has been given out.
        var end = 0
        /// Freed blocks by their size in bytes.
        var free: [Int: [UnsafeMutableRawPointer]] = [:]
        /// How many requirements are running.
        var depth = 0
        /// How often each requirement has run, by its name.
        var requests: [String: Int] = [:]
    }

    /// Addresses only: pages are occupied when they are first touched.
    private static let size = 1 << 36
    private static let page = 4096

    private let state: Mutex<State>

    init() {
        let start = mmap(nil, Self.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let start, start != MAP_FAILED else { fatalError("no range of addresses could be reserved") }
        state = Mutex(State(start: start))
    }

    /// Whole pages, so that nothing else lies in them.
    func allocate(_ byteCount: Int) -> Storage {
        mustHold(byteCount >= 0 && byteCount <= Self.size, "guarded memory: \(byteCount) bytes")
        let size = max(Self.page, (byteCount + Self.page - 1) & -Self.page)
        let pointer = state.withLock { state -> UnsafeMutableRawPointer in
            if let pointer = state.free[size]?.popLast() { return pointer }
            mustHold(state.end + size <= Self.size, "guarded memory is used up")
            let pointer = state.start + state.end
            state.end += size
            if state.depth > 0 { protect(state, PROT_READ | PROT_WRITE) }
            return pointer
        }
        return Storage(pointer: pointer, byteCount: byteCount) { [self] pointer, _ in
            madvise(pointer, size, MADV_DONTNEED)
            state.withLock { $0.free[size, default: []].append(pointer) }
        }
    }

    /// Runs `body` with access to the memory.
    func open<R>(_ requirement: StaticString, _ body: () throws -> R) rethrows -> R {
        state.withLock { state in
            if state.depth == 0 { protect(state, PROT_READ | PROT_WRITE) }
            state.depth += 1
            state.requests["\(requirement)", default: 0] += 1
        }
        defer {
            state.withLock { state in
                state.depth -= 1
                if state.depth == 0 { protect(state, PROT_NONE) }
            }
        }
        return try body()
    }

    /// How often each requirement has had access so far, by its name.
    var requests: [String: Int] { state.withLock { $0.requests } }

    private func protect(_ state: State, _ access: Int32) {
        mustHold(mprotect(state.start, state.end, access) == 0, "mprotect failed with \(errno)")
    }
}
