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

/// Blocks of one kind: the segments they are cut from, and lists of the free ones.
struct MemoryPool {
    typealias Block = UnsafeMutablePointer<MemoryBlock>

    /// Sizes and alignments are multiples of it.
    static let granule = 512
    static let smallLimit = 1 << 20
    private static let binCount = 64 * 8

    private var bins = [Block?](repeating: nil, count: MemoryPool.binCount)
    var segments: [Block] = []
    let isSmall: Bool
    /// Whether a graph uses it: memory that is free now is written to when the graph runs again.
    var isKept = false

    init(isSmall: Bool) { self.isSmall = isSmall }

    /// Eight lists for each power of two.
    private static func bin(_ size: Int) -> Int {
        let power = Int.bitWidth - 1 - size.leadingZeroBitCount
        return power * 8 + (size >> (power - 3)) & 7
    }

    /// A free block of at least `size` bytes, no longer in the lists.
    mutating func take(_ size: Int) -> Block? {
        let first = Self.bin(size)
        // In the list of its own size a block may be too small: take the best fit. In later lists all fit.
        var best: Block?
        var candidate = bins[first]
        while let block = candidate {
            if block.pointee.size >= size && block.pointee.size < best?.pointee.size ?? .max { best = block }
            if best?.pointee.size == size { break }
            candidate = block.pointee.freeAfter
        }
        var bin = first + 1
        while best == nil && bin < Self.binCount {
            best = bins[bin]
            bin += 1
        }
        guard let best else { return nil }
        unlink(best)
        best.pointee.isFree = false
        return best
    }

    /// Makes `block` shorter; the rest is free.
    mutating func split(_ block: Block, to size: Int) {
        let rest = block.pointee.size - size
        // The remainder of a large block must be worth keeping.
        if rest < (isSmall ? Self.granule : Self.smallLimit) { return }
        let tail = Block.allocate(capacity: 1)
        tail.initialize(
            to: MemoryBlock(
                address: block.pointee.address + UInt64(size), size: rest, before: block, after: block.pointee.after,
                pool: block.pointee.pool))
        block.pointee.after?.pointee.before = tail
        block.pointee.after = tail
        block.pointee.size = size
        tail.pointee.isFree = true
        link(tail)
    }

    /// Takes back a block, merged with its free neighbours.
    mutating func put(_ freed: Block) {
        var block = freed
        if let after = block.pointee.after, after.pointee.isFree {
            unlink(after)
            absorb(after, into: block)
        }
        if let before = block.pointee.before, before.pointee.isFree {
            unlink(before)
            absorb(block, into: before)
            block = before
        }
        block.pointee.isFree = true
        link(block)
    }

    private func absorb(_ block: Block, into before: Block) {
        before.pointee.size += block.pointee.size
        before.pointee.after = block.pointee.after
        block.pointee.after?.pointee.before = before
        block.deinitialize(count: 1)
        block.deallocate()
    }

    private mutating func link(_ block: Block) {
        let bin = Self.bin(block.pointee.size)
        block.pointee.freeBefore = nil
        block.pointee.freeAfter = bins[bin]
        bins[bin]?.pointee.freeBefore = block
        bins[bin] = block
    }

    /// Removes a free block from its list.
    mutating func unlink(_ block: Block) {
        if let before = block.pointee.freeBefore {
            before.pointee.freeAfter = block.pointee.freeAfter
        } else {
            bins[Self.bin(block.pointee.size)] = block.pointee.freeAfter
        }
        block.pointee.freeAfter?.pointee.freeBefore = block.pointee.freeBefore
    }
}
