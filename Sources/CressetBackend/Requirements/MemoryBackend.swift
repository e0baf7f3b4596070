/// Memory of a device, its door to the host, and copies within it; part of ``Backend``.
package protocol MemoryBackend: Sendable {
    /// Memory for `byteCount` bytes, aligned to 64, with undefined contents.
    func allocate(byteCount: Int) -> Storage
    /// Memory for the elements of a tensor, likewise; the shape and type name it where memory is exhausted.
    ///
    /// - Parameters:
    ///   - shape: The tensor's shape.
    ///   - dtype: The type of its elements.
    func allocate(_ shape: Shape, _ dtype: DType) -> Storage
    /// Copies host bytes to `out`, which is row-major. `source` is the memory that contains the bytes, if a tensor owns
    /// it: it may be read after the call, but before any later request to the backend.
    ///
    /// - Parameters:
    ///   - bytes: The bytes in host memory.
    ///   - source: The bytes in host memory.
    ///   - out: The destination of the result.
    func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage?, to out: Operand)
    /// Copies `x`, which is row-major, to the host, once all earlier requests are done.
    ///
    /// - Parameters:
    ///   - x: The operand.
    ///   - bytes: The bytes in host memory.
    func download(_ x: Operand, into bytes: UnsafeMutableRawBufferPointer)
    /// Waits until all requests so far are done.
    func synchronize()
    /// Sets every element to `value`, converted to the operand's dtype.
    ///
    /// - Parameters:
    ///   - out: The destination of the result.
    ///   - value: The number.
    func fill(_ out: Operand, with value: Scalar)
    /// Copies element by element, converting between any two dtypes; shapes are equal.
    ///
    /// - Parameters:
    ///   - source: Where the values come from.
    ///   - out: The destination of the result.
    func copy(_ source: Operand, to out: Operand)
}

extension MemoryBackend {
    package func allocate(_ shape: Shape, _ dtype: DType) -> Storage {
        allocate(byteCount: shape.elementCount * dtype.itemSize)
    }
}
