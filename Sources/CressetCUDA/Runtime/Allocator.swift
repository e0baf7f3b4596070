import CCUDA
import CressetBackend
import Glibc

/// A piece of a segment of device memory: in use, or free and linked into its pool's lists.
struct MemoryBlock {
    var address: UInt64
    var size: Int
    var isFree = false
    /// Neighbours in the segment.
    var before: UnsafeMutablePointer<MemoryBlock>?
    var after: UnsafeMutablePointer<MemoryBlock>?
    /// Neighbours in the list of free blocks of about this size.
    var freeBefore: UnsafeMutablePointer<MemoryBlock>?
    var freeAfter: UnsafeMutablePointer<MemoryBlock>?
    let pool: Int
    var use = MemoryUse.kernels
}

/// Memory of one device, cached: freed blocks go back to pools, and pools to the driver only when memory runs out.
///
/// All work on a device is in the order of one stream, so a block may be handed out again as soon as it is freed: its
/// next use is later in that stream. Pools keep small blocks from fragmenting large segments; a captured graph has its
/// own pool, since its addresses must not change.
final class Allocator: @unchecked Sendable {
    typealias Block = UnsafeMutablePointer<MemoryBlock>

    /// Sizes and alignments are multiples of it.
    static let granule = 512
    private static let smallLimit = 1 << 20
    private static let binCount = 64 * 8

    private struct Pool {
        var bins = [Block?](repeating: nil, count: Allocator.binCount)
        var segments: [Block] = []
        var isSmall: Bool
        /// Whether a graph uses it: memory that is free now is written to when the graph runs again.
        var isKept = false
    }

    private struct State {
        var pools = [Pool(isSmall: true), Pool(isSmall: false)]
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
        let size = max((byteCount + Self.granule - 1) & ~(Self.granule - 1), Self.granule)
        return state.withLock { state -> Block? in
            let isSmall = size <= Self.smallLimit
            var pool = isSmall ? 0 : 1
            if let capture = state.capture {
                mustHold(
                    pthread_equal(capture.thread, pthread_self()) != 0,
                    "a thread used a GPU while another was recording a step on it"
                        + "\n  hint: let one wait for the other, or turn recording off (TrainStep's records: false)")
                if isShared { pool = isSmall ? capture.pools.0 : capture.pools.1 }
            }
            guard let block = take(size, from: &state.pools[pool]) ?? grow(size, pool, &state) else { return nil }
            split(block, to: size, in: &state.pools[pool])
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
            put(block, into: &state.pools[block.pointee.pool])
        }
    }

    // MARK: Graphs

    /// Separate pools for what this thread allocates until ``endCapture()``.
    func beginCapture() -> (Int, Int) {
        state.withLock { state in
            mustHold(state.capture == nil, "two steps cannot be recorded on one GPU at the same time")
            if state.spare.isEmpty {
                state.spare.append((state.pools.count, state.pools.count + 1))
                state.pools += [Pool(isSmall: true), Pool(isSmall: false)]
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

    // MARK: Blocks

    /// Eight lists for each power of two.
    private static func bin(_ size: Int) -> Int {
        let power = Int.bitWidth - 1 - size.leadingZeroBitCount
        return power * 8 + (size >> (power - 3)) & 7
    }

    private func take(_ size: Int, from pool: inout Pool) -> Block? {
        let first = Self.bin(size)
        // In the list of its own size a block may be too small: take the best fit. In later lists all fit.
        var best: Block?
        var candidate = pool.bins[first]
        while let block = candidate {
            if block.pointee.size >= size && block.pointee.size < best?.pointee.size ?? .max { best = block }
            if best?.pointee.size == size { break }
            candidate = block.pointee.freeAfter
        }
        var bin = first + 1
        while best == nil && bin < Self.binCount {
            best = pool.bins[bin]
            bin += 1
        }
        guard let best else { return nil }
        unlink(best, from: &pool)
        best.pointee.isFree = false
        return best
    }

    private func split(_ block: Block, to size: Int, in pool: inout Pool) {
        let rest = block.pointee.size - size
        // The remainder of a large block must be worth keeping.
        if rest < (pool.isSmall ? Self.granule : Self.smallLimit) { return }
        let tail = Block.allocate(capacity: 1)
        tail.initialize(
            to: MemoryBlock(
                address: block.pointee.address + UInt64(size), size: rest, before: block, after: block.pointee.after,
                pool: block.pointee.pool))
        block.pointee.after?.pointee.before = tail
        block.pointee.after = tail
        block.pointee.size = size
        tail.pointee.isFree = true
        link(tail, into: &pool)
    }

    private func put(_ freed: Block, into pool: inout Pool) {
        var block = freed
        if let after = block.pointee.after, after.pointee.isFree {
            unlink(after, from: &pool)
            absorb(after, into: block)
        }
        if let before = block.pointee.before, before.pointee.isFree {
            unlink(before, from: &pool)
            absorb(block, into: before)
            block = before
        }
        block.pointee.isFree = true
        link(block, into: &pool)
    }

    private func absorb(_ block: Block, into before: Block) {
        before.pointee.size += block.pointee.size
        before.pointee.after = block.pointee.after
        block.pointee.after?.pointee.before = before
        block.deinitialize(count: 1)
        block.deallocate()
    }

    private func link(_ block: Block, into pool: inout Pool) {
        let bin = Self.bin(block.pointee.size)
        block.pointee.freeBefore = nil
        block.pointee.freeAfter = pool.bins[bin]
        pool.bins[bin]?.pointee.freeBefore = block
        pool.bins[bin] = block
    }

    private func unlink(_ block: Block, from pool: inout Pool) {
        if let before = block.pointee.freeBefore {
            before.pointee.freeAfter = block.pointee.freeAfter
        } else {
            pool.bins[Self.bin(block.pointee.size)] = block.pointee.freeAfter
        }
        block.pointee.freeAfter?.pointee.freeBefore = block.pointee.freeBefore
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
                unlink(segment, from: &state.pools[pool])
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
