import CKernels
import CressetBackend

extension CPUBackend {
    /// Memory for `byteCount` bytes, aligned to 64, with undefined contents.
    ///
    /// Traps if the machine does not have enough.
    package func allocate(byteCount: Int) -> Storage {
        Storage(pointer: Self.allocateBytes(byteCount), byteCount: byteCount) { pointer, byteCount in
            cresset_free(pointer, byteCount)
        }
    }

    static func allocateBytes(_ byteCount: Int) -> UnsafeMutableRawPointer {
        guard byteCount >= 0, let pointer = cresset_allocate(byteCount) else { outOfMemory(byteCount) }
        return pointer
    }

    /// Memory for the duration of one call, such as a primitive's scratchpad.
    @inline(__always)
    static func withTemporary<R>(byteCount: Int, _ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
        let pointer = allocateBytes(byteCount)
        defer { cresset_free(pointer, byteCount) }
        return try body(pointer)
    }

    private static func outOfMemory(_ byteCount: Int) -> Never {
        if byteCount < 0 { fatalError("a tensor cannot have \(byteCount) bytes: a length of its shape is negative") }
        let inUse = cresset_memory_read_statistics().in_use
        OutOfMemory.end(
            "cannot allocate \(byteCount) bytes of memory: \(inUse) are in use",
            hint: "a smaller batch or smaller pictures need less")
    }

    /// The memory used by tensors.
    package var memoryStatistics: MemoryStatistics {
        let statistics = cresset_memory_read_statistics()
        return MemoryStatistics(
            inUse: Int(statistics.in_use), peak: Int(statistics.peak), reserved: Int(statistics.reserved),
            allocationCount: Int(statistics.allocations))
    }

    /// Restarts the measurement of the peak in ``memoryStatistics``.
    package func resetPeakMemory() { cresset_memory_reset_peak() }

    /// Returns free memory held by the pools to the system.
    package func trimMemory() { cresset_memory_trim() }

    // MARK: Access from the host

    package func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage?, to out: Operand) {
        UnsafeMutableRawBufferPointer(start: out.pointer, count: bytes.count).copyMemory(from: bytes)
    }

    package func download(_ x: Operand, into bytes: UnsafeMutableRawBufferPointer) {
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: x.pointer, count: bytes.count))
    }

    /// Nothing is ever pending: calls return when they are done.
    package func synchronize() {}
}
