import Synchronization

private let nextIdentity = Atomic<UInt64>(0)

/// A block of memory of one device, shared by the tensors that view it.
///
/// The backend that allocated it frees it when the last owner lets go.
public final class Storage: @unchecked Sendable {
    public let pointer: UnsafeMutableRawPointer
    public let byteCount: Int
    private let release: @Sendable (UnsafeMutableRawPointer, Int) -> Void
    /// A number that no other contents ever had, or 0 until a backend asks for one with ``identify()``. Whoever changes
    /// the contents sets it to 0, so that what a backend derived from them (blocked weights) is not used again.
    public var identity: UInt64 = 0

    public init(
        pointer: UnsafeMutableRawPointer, byteCount: Int,
        release: @escaping @Sendable (UnsafeMutableRawPointer, Int) -> Void
    ) {
        self.pointer = pointer
        self.byteCount = byteCount
        self.release = release
    }

    /// The identity of the present contents.
    public func identify() -> UInt64 {
        if identity == 0 { identity = nextIdentity.wrappingAdd(1, ordering: .relaxed).newValue }
        return identity
    }

    deinit { release(pointer, byteCount) }
}

/// What a kernel is told of a tensor: where its first element is, and how its axes are laid out.
///
/// It owns nothing. Whoever passes it keeps the storage alive for the call.
@frozen
public struct Operand {
    public var pointer: UnsafeMutableRawPointer
    public var dtype: DType
    public var shape: Shape
    /// Elements (not bytes) from one index to the next, axis by axis.
    public var strides: Shape

    @inlinable public init(pointer: UnsafeMutableRawPointer, dtype: DType, shape: Shape, strides: Shape) {
        self.pointer = pointer
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
    }

    @inlinable public var elementCount: Int { shape.elementCount }

    /// Whether the elements lie in row-major order without gaps. Axes of length 1 may have any stride.
    @inlinable public var isContiguous: Bool { hasOrder(of: shape.rowMajorStrides) }

    /// Whether the elements lie as (N, spatial…, C) without gaps.
    @inlinable public var isChannelsLast: Bool { shape.count >= 3 && hasOrder(of: shape.channelsLastStrides) }

    @inlinable func hasOrder(of expected: Shape) -> Bool {
        for i in 0..<shape.count where shape[i] != 1 && strides[i] != expected[i] {
            if shape.elementCount == 0 { return true }
            return false
        }
        return true
    }
}
