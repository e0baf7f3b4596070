import Synchronization

/// What was computed from the contents of a storage and is worth keeping for as long as they do not change: a weight in
/// the layout that a kernel prefers, or in another type.
///
/// One of these belongs to one version of the contents: a write to the storage drops it
/// (``Storage/contentsChanged()``), and what is still being computed from the old contents is lost with it.
package final class DerivedValues: Sendable {
    /// The values of one kind, by the type of ``Kept``.
    private let kinds = Mutex<[ObjectIdentifier: AnyKept]>([:])

    /// The most values of one kind.
    private static var capacity: Int { 4 }

    package init() {}

    /// The value under `key`, computed on first use. Keys of different types, and values of different types, never meet.
    ///
    /// - Parameters:
    ///   - key: What is derived, and from which part of the contents.
    ///   - make: Computes the value if there is none.
    package func value<Key: Hashable & Sendable, Value: Sendable>(for key: Key, make: () -> Value) -> Value {
        let kind = ObjectIdentifier(Kept<Key, Value>.self)
        if let value = kinds.withLock({ ($0[kind] as! Kept<Key, Value>?)?.values[key] }) { return value }
        let value = make()
        kinds.withLock {
            let kept = $0[kind] as! Kept<Key, Value>? ?? Kept()
            // Layouts depend on the input's shape: pictures of ever-changing sizes must not fill the memory.
            if kept.values.count >= Self.capacity { kept.values.removeAll() }
            kept.values[key] = value
            $0[kind] = kept
        }
        return value
    }
}

private class AnyKept: @unchecked Sendable {}

/// The values of one kind; guarded by the lock of their owner.
private final class Kept<Key: Hashable & Sendable, Value: Sendable>: AnyKept, @unchecked Sendable {
    var values: [Key: Value] = [:]
}

/// A tensor's place in its storage: the part of a key that says what a value is derived from.
package struct StorageView: Sendable, Hashable {
    /// The bytes before the first element.
    package var offset: Int
    package var dtype: DType
    package var shape, strides: Shape

    /// The view of `storage` that `operand` is.
    ///
    /// - Parameters:
    ///   - operand: The tensor.
    ///   - storage: The memory that contains it.
    package init(_ operand: Operand, in storage: Storage) {
        offset = operand.pointer - storage.pointer
        dtype = operand.dtype
        shape = operand.shape
        strides = operand.strides
    }
}
