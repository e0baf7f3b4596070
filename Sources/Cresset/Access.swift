extension Tensor {
    /// The elements in row-major order, converted to `T`.
    ///
    /// - Parameter type: The type of the numbers; integers are cut off towards zero.
    public func scalars<T: TensorScalar>(as type: T.Type = T.self) -> [T] {
        T.requireLayout()
        // Converted here: what is read has most often the fewer bytes before.
        return detached().to(Device.cpu).to(T.dtype).withUnsafeBytes { bytes in
            [T](unsafeUninitializedCapacity: elementCount) { buffer, count in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                count = elementCount
            }
        }
    }

    /// The single element of a tensor that holds one. Integers beyond 2⁵³ are rounded: ``item(as:)`` keeps them.
    ///
    /// Traps when there are more, or none.
    public func item() -> Double {
        let value = item(as: Double.self)
        // A NaN of the processor's own making has a sign, which would be printed.
        return value.isNaN ? .nan : value
    }

    /// The single element of a tensor that holds one, converted to `T`: `count.item(as: Int.self)` is exact.
    ///
    /// Traps when there are more, or none.
    public func item<T: TensorScalar>(as type: T.Type) -> T {
        guard elementCount == 1 else {
            fail("item", "a tensor of shape \(shape) holds \(elementCount) elements, not one")
        }
        return scalars(as: type)[0]
    }

    /// Lends the elements' bytes, in row-major order.
    ///
    /// Those of a tensor on a GPU are copied from there, when everything asked of it before is done.
    ///
    /// - Parameter body: Called with the bytes, which are valid during the call only.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let x = detached().contiguous().to(Device.cpu)
        return try withExtendedLifetime(x) { try body(UnsafeRawBufferPointer(x.hostBytes)) }
    }

    /// Lends the memory for writing, in row-major order, after making it this tensor's own.
    ///
    /// Of a tensor on a GPU a copy is lent, which takes its place afterwards. The result is no longer connected to the tape.
    ///
    /// - Parameter change: Called with the bytes, which are valid during the call only.
    public mutating func withUnsafeMutableBytes<R>(_ change: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R
    {
        let home = device
        self = detached().contiguous().to(Device.cpu)
        makeUnique()
        body.storage.contentsChanged()
        defer { self = to(home) }
        return try change(hostBytes)
    }

    /// The memory of a tensor on the CPU that lies without gaps, valid while the tensor lives.
    ///
    /// Nowhere else does a tensor's address become a pointer that is followed: addresses of GPUs mean nothing here.
    var hostBytes: UnsafeMutableRawBufferPointer {
        guard case .cpu = device else { fail("Tensor", "the memory of \(device) was to be read as the host's") }
        return UnsafeMutableRawBufferPointer(start: body.pointer, count: elementCount * dtype.itemSize)
    }

    /// Copies the memory unless nobody else refers to it and every element has a place of its own, which the elements of
    /// a broadcast and of overlapping windows have not.
    @usableFromInline mutating func makeUnique() {
        if isKnownUniquelyReferenced(&body) && body.edge == nil && isKnownUniquelyReferenced(&body.storage)
            && strides == denseStrides
        {
            return
        }
        self = copied(strides: denseStrides)
    }

    /// The same elements in row-major order; itself where they are already.
    public func contiguous() -> Tensor { ordered(as: shape.rowMajorStrides, isContiguous) }

    /// The same elements stored as (N, spatial…, C); itself where they are already.
    public func channelsLast() -> Tensor { ordered(as: shape.channelsLastStrides, isChannelsLast) }

    private func ordered(as strides: Shape, _ isSo: Bool) -> Tensor {
        if isSo { return self }
        return copied(strides: strides).recorded("contiguous", self) { $0 }
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

    /// The elements on `device`, in the order they have; itself where they are there. The gradient comes back.
    ///
    /// To a GPU from pinned memory (``pinned()``) nobody waits for the copy; from other memory, until it was read. To the
    /// CPU it is waited for, with everything that was asked of the GPU before.
    public func to(_ device: Device) -> Tensor {
        let home = self.device
        if device == home { return self }
        return moved(to: device).recorded("to", self) { $0.to(home) }
    }

    private func moved(to device: Device) -> Tensor {
        let order = denseStrides
        let isDense = isContiguous || isChannelsLast || strides == order
        let x = isDense ? self : copied(strides: order)
        switch (self.device, device) {
        case (.cpu, _):
            let out = Tensor.uninitialized(shape, strides: order, dtype: dtype, device: device)
            withExtendedLifetime(x) {
                device.backend.upload(UnsafeRawBufferPointer(x.hostBytes), of: x.body.storage, to: out.flatOperand)
            }
            return out
        case (_, .cpu):
            let out = Tensor.uninitialized(shape, strides: order, dtype: dtype, device: device)
            backend.download(x.flatOperand, into: out.hostBytes)
            return out
        case (.cuda, .cuda): return x.moved(to: .cpu).moved(to: device)
        }
    }

    /// The memory of a tensor without gaps as one axis.
    private var flatOperand: Operand {
        Operand(pointer: body.pointer, dtype: dtype, shape: [elementCount], strides: [1], storage: body.storage)
    }

    private func copied(strides: Shape) -> Tensor {
        let out = Tensor.uninitialized(shape, strides: strides, dtype: dtype, device: device)
        backend.copy(operand, to: out.operand)
        return out
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
