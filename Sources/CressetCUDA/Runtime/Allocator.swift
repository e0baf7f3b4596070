import CCUDA
import CressetBackend
import Glibc

/// Memory of one device, cached: freed blocks go back to pools, and pools to the driver only when memory runs out.
///
/// All work on a device is in the order of one stream, so a block may be handed out again as soon as it is freed: its
/// next use is later in that stream. Pools keep small blocks from fragmenting large segments; a captured graph has its
/// own pool, since its addresses must not change.
final class Allocator: @unchecked Sendable {
    typealias Block = MemoryPool.Block

    private struct State {
        var pools = [MemoryPool(isSmall: true), MemoryPool(isSmall: false)]
        var inUse = 0
        var peak = 0
        var reserved = 0
        var allocations = 0
        /// Pools for everything one thread allocates while it captures a graph.
        var capture: (thread: pthread_t, pools: (Int, Int))?
        /// Pools of graphs that no longer exist, for future graphs.
        var spare: [(Int, Int)] = []
    }

    private let state = Locked(State())
    private let driver: cresset_cuda_driver

    init(_ driver: cresset_cuda_driver) { self.driver = driver }

    /// A block of at least `byteCount` bytes; nil if the device has no more.
    ///
    /// - Parameters:
    ///   - use: What it is for.
    ///   - isShared: Whether it may be in the memory of a graph while one is being captured. Memory written before the
    ///     graph runs must not be: earlier work of the graph may have used the same place.
    func allocate(_ byteCount: Int, for use: MemoryUse, inCapture isShared: Bool = true) -> Block? {
        let granule = MemoryPool.granule
        let size = max((byteCount + granule - 1) & ~(granule - 1), granule)
        return state.withLock { state -> Block? in
            let isSmall = size <= MemoryPool.smallLimit
            var pool = isSmall ? 0 : 1
            if let capture = state.capture {
                mustHold(
                    pthread_equal(capture.thread, pthread_self()) != 0,
                    "a thread used a GPU while another was recording a step on it"
                        + "\n  hint: let one wait for the other, or turn recording off (TrainStep's records: false)")
                if isShared { pool = isSmall ? capture.pools.0 : capture.pools.1 }
            }
            guard let block = state.pools[pool].take(size) ?? grow(size, pool, &state) else { return nil }
            state.pools[pool].split(block, to: size)
            block.pointee.use = use
            state.inUse += block.pointee.size
            state.peak = max(state.peak, state.inUse)
            state.allocations += 1
            return block
        }
    }

    func free(_ block: Block) {
        state.withLock { state in
            state.inUse -= block.pointee.size
            state.pools[block.pointee.pool].put(block)
        }
    }

    // MARK: Graphs

    /// Separate pools for what this thread allocates until ``endCapture()``.
    func beginCapture() -> (Int, Int) {
        state.withLock { state in
            mustHold(state.capture == nil, "two steps cannot be recorded on one GPU at the same time")
            if state.spare.isEmpty {
                state.spare.append((state.pools.count, state.pools.count + 1))
                state.pools += [MemoryPool(isSmall: true), MemoryPool(isSmall: false)]
            }
            let pools = state.spare.removeLast()
            state.pools[pools.0].isKept = true
            state.pools[pools.1].isKept = true
            state.capture = (pthread_self(), pools)
            return pools
        }
    }

    func endCapture() { state.withLock { $0.capture = nil } }

    /// Returns the pools of a graph that no longer exists to the driver; blocks still in use keep theirs.
    func release(_ pools: (Int, Int)) {
        state.withLock { state in
            for pool in [pools.0, pools.1] {
                state.pools[pool].isKept = false
                trim(&state, pool)
            }
            state.spare.append(pools)
        }
    }

    // MARK: Statistics

    var statistics: (inUse: Int, peak: Int, reserved: Int, allocations: Int) {
        state.withLock { ($0.inUse, $0.peak, $0.reserved, $0.allocations) }
    }

    /// The bytes of a graph's pools, used and free.
    func reserved(_ pools: (Int, Int)) -> Int {
        state.withLock { state in
            (state.pools[pools.0].segments + state.pools[pools.1].segments).reduce(0) { total, first in
                var (size, block) = (total, Block?.some(first))
                while let b = block {
                    size += b.pointee.size
                    block = b.pointee.after
                }
                return size
            }
        }
    }

    func resetPeak() { state.withLock { $0.peak = $0.inUse } }

    /// Returns free segments to the driver.
    func trim() { state.withLock { trimAll(&$0) } }

    /// Calls `body` with every block, and whether it belongs to a recorded graph.
    func forEachBlock(_ body: (MemoryBlock, Bool) -> Void) {
        state.withLock { state in
            for pool in state.pools {
                for segment in pool.segments {
                    var block: Block? = segment
                    while let b = block {
                        body(b.pointee, pool.isKept)
                        block = b.pointee.after
                    }
                }
            }
        }
    }

    // MARK: Segments

    private func grow(_ size: Int, _ pool: Int, _ state: inout State) -> Block? {
        let wanted = state.pools[pool].isSmall ? 2 << 20 : size <= 10 << 20 ? 20 << 20 : Self.whole(size)
        var address: UInt64 = 0
        var relaxed: Int32 = 2
        // While a graph is being captured the driver would refuse to allocate on this thread.
        _ = driver.cuThreadExchangeStreamCaptureMode(&relaxed)
        defer { _ = driver.cuThreadExchangeStreamCaptureMode(&relaxed) }
        var segment = wanted
        if !allocateSegment(segment, &address) {
            trimAll(&state)
            if !allocateSegment(segment, &address) {
                segment = Self.whole(size)
                if !allocateSegment(segment, &address) { return nil }
            }
        }
        let block = Block.allocate(capacity: 1)
        block.initialize(to: MemoryBlock(address: address, size: segment, pool: pool))
        state.pools[pool].segments.append(block)
        state.reserved += segment
        return block
    }

    /// The size of a segment for one block.
    private static func whole(_ size: Int) -> Int { (size + (2 << 20) - 1) & ~((2 << 20) - 1) }

    /// False if the device has no more memory.
    private func allocateSegment(_ size: Int, _ address: inout UInt64) -> Bool {
        let status = driver.cuMemAlloc_v2(&address, size)
        // 2 is CUDA_ERROR_OUT_OF_MEMORY; other errors come from earlier work.
        if status != 0 && status != 2 { failed(status, "cuMemAlloc_v2", "\(size) bytes") }
        return status == 0
    }

    /// While a graph is being captured nothing is freed: the driver would wait for work that is only being recorded.
    private func trimAll(_ state: inout State) {
        if state.capture != nil { return }
        for pool in state.pools.indices { trim(&state, pool) }
    }

    private func trim(_ state: inout State, _ pool: Int) {
        if state.pools[pool].isKept { return }
        var kept: [Block] = []
        for segment in state.pools[pool].segments {
            if segment.pointee.isFree && segment.pointee.after == nil {
                state.pools[pool].unlink(segment)
                state.reserved -= segment.pointee.size
                // Waits for any work that may still use it.
                check(driver.cuMemFree_v2(segment.pointee.address), "cuMemFree_v2")
                segment.deinitialize(count: 1)
                segment.deallocate()
            } else {
                kept.append(segment)
            }
        }
        state.pools[pool].segments = kept
    }
}
