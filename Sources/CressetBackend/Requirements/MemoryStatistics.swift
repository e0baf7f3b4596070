/// What a device's memory is used for, in bytes.
public struct MemoryStatistics: Sendable, Hashable {
    /// Bytes of live tensors, and of results that operators keep for gradients.
    public var inUse: Int
    /// The peak number of bytes in use.
    public var peak: Int
    /// Bytes reserved from the system, used and free.
    public var reserved: Int
    /// Allocations so far.
    public var allocationCount: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - inUse: The number of bytes that tensors hold.
    ///   - peak: The maximum number of bytes that tensors held at once.
    ///   - reserved: The number of bytes allocated from the system.
    ///   - allocationCount: How often memory was requested.
    public init(inUse: Int, peak: Int, reserved: Int, allocationCount: Int) {
        self.inUse = inUse
        self.peak = peak
        self.reserved = reserved
        self.allocationCount = allocationCount
    }
}
