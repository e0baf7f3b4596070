extension Tensor {
    /// The elements in row-major order, converted to `T`.
    public func scalars<T: TensorScalar>(as type: T.Type = T.self) -> [T] {
        T.requireLayout()
        return detached().to(T.dtype).withUnsafeBytes { bytes in
            [T](unsafeUninitializedCapacity: elementCount) { buffer, count in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                count = elementCount
            }
        }
    }

    /// The single element of a tensor that holds one.
    ///
    /// Traps when there are more, or none.
    public func item() -> Double {
        guard elementCount == 1 else {
            fail("item", "a tensor of shape \(shape) holds \(elementCount) elements, not one")
        }
        let value: [Double] = scalars()
        return value[0]
    }

    /// Lends the elements' bytes, in row-major order.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let x = detached().to(Device.cpu).contiguous()
        return try withExtendedLifetime(x) {
            try body(UnsafeRawBufferPointer(start: x.body.pointer, count: elementCount * dtype.itemSize))
        }
    }

    /// Lends the memory for writing, in row-major order, after making it this tensor's own.
    ///
    /// The result is no longer connected to the tape.
    public mutating func withUnsafeMutableBytes<R>(_ change: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R
    {
        self = detached().contiguous()
        makeUnique()
        body.storage.contentsChanged()
        return try change(
            UnsafeMutableRawBufferPointer(start: body.pointer, count: elementCount * dtype.itemSize))
    }

    /// Copies the memory unless nobody else refers to it and every element has a place of its own, which the elements of
    /// a broadcast and of overlapping windows have not.
    @usableFromInline mutating func makeUnique() {
        if isKnownUniquelyReferenced(&body) && body.edge == nil && isKnownUniquelyReferenced(&body.storage)
            && strides == denseStrides
        {
            return
        }
        let copy = Tensor.uninitialized(shape, strides: denseStrides, dtype: dtype, device: device)
        backend.copy(operand, to: copy.operand)
        self = copy
    }

    /// The same elements in row-major order; itself where they are already.
    public func contiguous() -> Tensor { ordered(as: shape.rowMajorStrides, isContiguous) }

    /// The same elements stored as (N, spatial…, C); itself where they are already.
    public func channelsLast() -> Tensor { ordered(as: shape.channelsLastStrides, isChannelsLast) }

    private func ordered(as strides: Shape, _ isSo: Bool) -> Tensor {
        if isSo { return self }
        let out = Tensor.uninitialized(shape, strides: strides, dtype: dtype, device: device)
        backend.copy(operand, to: out.operand)
        return out.recorded("contiguous", self) { $0 }
    }

    /// The elements converted to `dtype`; itself where they have it.
    ///
    /// Fractions are cut off on the way to integers, and anything but zero is true. The gradient comes back converted.
    public func to(_ dtype: DType) -> Tensor {
        if dtype == self.dtype { return self }
        let out = Tensor.uninitialized(shape, strides: denseStrides, dtype: dtype, device: device)
        backend.copy(operand, to: out.operand)
        let original = self.dtype
        return dtype.isFloatingPoint ? out.recorded("to", self) { $0.to(original) } : out
    }

    /// The elements on `device`; itself where they are there.
    public func to(_ device: Device) -> Tensor {
        switch (self.device, device) {
        case (.cpu, .cpu): self
        }
    }

    /// The same elements without their history: gradients stop here.
    public func detached() -> Tensor {
        body.edge == nil ? self : window(shape: shape, strides: strides)
    }
}

extension Tensor {
    /// Tells one state of a tensor's memory from every other, as long as the value is kept.
    package struct Contents: Equatable, Sendable {
        private let packed: PackedWeights
        private let pointer: Int

        fileprivate init(_ body: TensorBody) {
            packed = body.storage.packedWeights
            pointer = Int(bitPattern: body.pointer)
        }

        package static func == (a: Contents, b: Contents) -> Bool {
            a.packed === b.packed && a.pointer == b.pointer
        }
    }

    /// The present contents. They differ from those before any change, because a change drops what was derived.
    package var contents: Contents { Contents(body) }
}
