/// What a kernel knows about a tensor: where its first element is, and how its axes are laid out.
///
/// It keeps the memory it points to alive for as long as it exists itself: the tensor it came from is often a
/// temporary, a converted or reordered copy, which Swift may release before the kernel runs.
@frozen
package struct Operand {
    package var pointer: UnsafeMutableRawPointer
    package var dtype: DType
    package var shape: Shape
    /// Elements (not bytes) from one index to the next, axis by axis.
    package var strides: Shape
    /// The memory's owner; nil if the caller keeps the memory alive.
    package var storage: Storage?

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - pointer: The first element.
    ///   - dtype: The type of the elements.
    ///   - shape: The lengths of the axes.
    ///   - strides: The distance, in elements, to the next element along each axis.
    ///   - storage: The memory that contains it.
    @inlinable package init(
        pointer: UnsafeMutableRawPointer, dtype: DType, shape: Shape, strides: Shape, storage: Storage? = nil
    ) {
        self.pointer = pointer
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        self.storage = storage
    }

    @inlinable package var elementCount: Int { shape.elementCount }

    /// Whether the elements are in row-major order without gaps. Axes of length 1 may have any stride.
    @inlinable package var isContiguous: Bool { strides.agrees(with: shape.rowMajorStrides, over: shape) }

    /// Whether the elements are stored as (N, spatial…, C) without gaps.
    @inlinable package var isChannelsLast: Bool {
        shape.count >= 3 && strides.agrees(with: shape.channelsLastStrides, over: shape)
    }

    /// Whether both have the same shape, and their elements the same order in memory.
    ///
    /// - Parameter other: The other operand.
    @inlinable package func hasOrder(of other: Operand) -> Bool {
        shape == other.shape && strides.agrees(with: other.strides, over: shape)
    }
}
