import Glibc

/// An array of numbers with any number of axes, on a device, that remembers how it was computed.
///
/// A tensor is a value: nothing else can change the one you hold. Copies and views share memory, and an
/// assignment into a tensor copies first if the memory is shared. Operators on tensors that descend from a
/// parameter are recorded, so that `gradients(seed:retainsGraph:createsGraph:)` can walk back.
///
/// ```swift
/// let x = Tensor([1, 2, 3, 4], shape: [2, 2])
/// let y = (x.matmul(x.transposed(0, 1)) + 1).relu().mean()
/// ```
public struct Tensor: Sendable {
    @usableFromInline var body: TensorBody

    @inlinable init(body: TensorBody) { self.body = body }
}

/// What a tensor refers to: a view of a storage, and the tape node that created it.
@usableFromInline
final class TensorBody: @unchecked Sendable {
    // Written at creation, and afterwards only through a tensor that holds the last reference: there is nothing for the
    // runtime to check at every access.
    @exclusivity(unchecked) var storage: Storage
    @usableFromInline let pointer: UnsafeMutableRawPointer
    @usableFromInline let shape: Shape
    @usableFromInline let strides: Shape
    @usableFromInline let dtype: DType
    @usableFromInline let device: Device
    @exclusivity(unchecked) @usableFromInline var edge: Edge?

    init(
        storage: Storage, pointer: UnsafeMutableRawPointer, shape: Shape, strides: Shape, dtype: DType, device: Device,
        edge: Edge? = nil
    ) {
        self.storage = storage
        self.pointer = pointer
        self.shape = shape
        self.strides = strides
        self.dtype = dtype
        self.device = device
        self.edge = edge
    }
}

extension Tensor {
    /// The lengths of the axes.
    @inlinable public var shape: Shape { body.shape }
    /// The type of the elements.
    @inlinable public var dtype: DType { body.dtype }
    /// Where the elements are.
    @inlinable public var device: Device { body.device }
    /// The number of axes: 0 for a scalar.
    @inlinable public var rank: Int { body.shape.count }
    /// The number of elements.
    @inlinable public var elementCount: Int { body.shape.elementCount }
    /// Elements from one index to the next, axis by axis; an implementation detail that affects speed, never results.
    @inlinable public var strides: Shape { body.strides }

    var backend: any Backend { body.device.backend }
    var operand: Operand {
        Operand(
            pointer: body.pointer, dtype: body.dtype, shape: body.shape, strides: body.strides,
            storage: body.storage)
    }

    /// Whether the elements are in row-major order without gaps.
    public var isContiguous: Bool { operand.isContiguous }
    /// Whether a tensor with axes (N, C, spatial…) is stored as (N, spatial…, C) without gaps.
    public var isChannelsLast: Bool { operand.isChannelsLast }

    /// Memory with undefined contents, laid out by `strides` (row-major if nil).
    @usableFromInline static func uninitialized(
        _ shape: Shape, strides: Shape? = nil, dtype: DType, device: Device
    ) -> Tensor {
        let storage = device.backend.allocate(shape, dtype)
        return Tensor(
            body: TensorBody(
                storage: storage, pointer: storage.pointer, shape: shape, strides: strides ?? shape.rowMajorStrides,
                dtype: dtype, device: device))
    }

    /// The same memory viewed with another shape and strides, not recorded.
    @usableFromInline func window(shape: Shape, strides: Shape, offset: Int = 0) -> Tensor {
        Tensor(
            body: TensorBody(
                storage: body.storage, pointer: body.pointer + offset * dtype.itemSize, shape: shape, strides: strides,
                dtype: dtype, device: device))
    }

    /// The axis counted from the front: -1 is the last.
    ///
    /// Traps if there is no such axis; `operation` is named in the message.
    @usableFromInline func axis(_ axis: Int, _ operation: StaticString) -> Int {
        let count = Swift.max(rank, 1)
        guard axis >= -count && axis < count else {
            fail(
                ShapeError(
                    "\(operation)", "axis \(axis) does not exist in a tensor of shape \(shape)",
                    hint: "axes run from 0 to \(count - 1), or from -\(count) to -1 counted from the last"))
        }
        return axis < 0 ? axis + count : axis
    }

    /// The axes counted from the front, in ascending order; all of them if nil.
    @usableFromInline func axes(_ axes: [Int]?, _ operation: StaticString) -> [Int] {
        guard let axes else { return Array(0..<rank) }
        if rank == 0 { return [] }
        let found = axes.map { axis($0, operation) }.sorted()
        for (a, b) in zip(found, found.dropFirst()) where a == b {
            fail(ShapeError("\(operation)", "axis \(a) is named twice in \(axes)"))
        }
        return found
    }
}

/// The single place where a shape error ends the program. A release build would drop the message of `precondition`.
@usableFromInline func fail(_ error: ShapeError, file: StaticString = #file, line: UInt = #line) -> Never {
    // Output printed so far would be lost if it goes to a pipe.
    fflush(nil)
    fatalError(error.description, file: file, line: line)
}

@usableFromInline func fail(
    _ operation: String, _ problem: String, hint: String? = nil, file: StaticString = #file, line: UInt = #line
) -> Never {
    fail(ShapeError(operation, problem, hint: hint), file: file, line: line)
}

/// The value of a shape rule, or the trap for its error.
@usableFromInline func required<T>(_ rule: () throws(ShapeError) -> T) -> T {
    do { return try rule() } catch { fail(error) }
}
