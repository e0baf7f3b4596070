import Synchronization

/// A block of memory of one device, shared by the tensors that view it.
///
/// The backend that allocated it frees it when the last owner releases it.
package final class Storage: @unchecked Sendable {
    package let pointer: UnsafeMutableRawPointer
    package let byteCount: Int
    /// Whether this is host memory that a GPU reads directly, possibly after the call that requested it has returned.
    package let isPinned: Bool
    private let release: @Sendable (UnsafeMutableRawPointer, Int) -> Void
    private let derived = Mutex<DerivedValues?>(nil)

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - pointer: The memory.
    ///   - byteCount: Its length, in bytes.
    ///   - isPinned: Whether it is host memory that a GPU may copy from directly.
    ///   - release: Called when it is no longer needed.
    package init(
        pointer: UnsafeMutableRawPointer, byteCount: Int, isPinned: Bool = false,
        release: @escaping @Sendable (UnsafeMutableRawPointer, Int) -> Void
    ) {
        self.pointer = pointer
        self.byteCount = byteCount
        self.isPinned = isPinned
        self.release = release
    }

    /// What was computed from the present contents, kept until ``contentsChanged()``. Another object means other
    /// contents.
    package var derivedValues: DerivedValues {
        derived.withLock { derived in
            if let derived { return derived }
            let new = DerivedValues()
            derived = new
            return new
        }
    }

    /// Must be called after writing to memory that others may have read.
    package func contentsChanged() { derived.withLock { $0 = nil } }

    deinit { release(pointer, byteCount) }
}
