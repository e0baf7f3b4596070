import CressetCUDA

extension Tensor {
    /// The elements in row-major order, converted to `T`.
    ///
    /// - Parameter type: The type of the numbers; converting to integers truncates towards zero.
    public func scalars<T: TensorScalar>(as type: T.Type = T.self) -> [T] {
        T.requireLayout()
        // Converted on the device: in most cases there are then fewer bytes to copy.
        return detached().to(Device.cpu).to(T.dtype).withUnsafeBytes { bytes in
            [T](unsafeUninitializedCapacity: elementCount) { buffer, count in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                count = elementCount
            }
        }
    }

    /// The only element of a one-element tensor. Integers beyond 2⁵³ are rounded: ``item(as:)`` keeps them exact.
    ///
    /// Traps if there are more, or none.
    public func item() -> Double {
        let value = item(as: Double.self)
        // A NaN produced by the processor has a sign, which would be printed.
        return value.isNaN ? .nan : value
    }

    /// The only element of a one-element tensor, converted to `T`: `count.item(as: Int.self)` is exact.
    ///
    /// Traps if there are more, or none.
    ///
    /// - Parameter type: The type to convert the element to.
    public func item<T: TensorScalar>(as type: T.Type) -> T {
        guard elementCount == 1 else {
            fail("item", "a tensor of shape \(shape) holds \(elementCount) elements, not one")
        }
        return scalars(as: type)[0]
    }

    /// Lends the elements' bytes, in row-major order.
    ///
    /// For a tensor on a GPU they are copied from there, once all earlier work on it is done.
    ///
    /// - Parameter body: Called with the bytes, which are valid only during the call.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let x = detached().contiguous().to(Device.cpu)
        return try withExtendedLifetime(x) { try body(UnsafeRawBufferPointer(x.hostBytes)) }
    }

    /// Lends the memory for writing, in row-major order, after making it uniquely owned.
    ///
    /// For a tensor on a GPU a copy is lent, which replaces it afterwards. The result is no longer connected to the
    /// tape.
    ///
    /// - Parameter change: Called with the bytes, which are valid only during the call.
    public mutating func withUnsafeMutableBytes<R>(_ change: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R
    {
        let home = device
        self = detached().contiguous().to(Device.cpu)
        makeUnique()
        body.storage.contentsChanged()
        defer { self = to(home) }
        return try change(hostBytes)
    }

    /// The memory of a contiguous tensor on the CPU, valid while the tensor lives.
    ///
    /// This is the only place where a tensor's address becomes a pointer that is dereferenced: addresses of GPUs mean
    /// nothing here.
    var hostBytes: UnsafeMutableRawBufferPointer {
        guard device == .cpu else { fail("Tensor", "the memory of \(device) cannot be read as host memory") }
        RecordingBackend.active?.noteHostAccess(to: body.pointer)
        return UnsafeMutableRawBufferPointer(start: body.pointer, count: elementCount * dtype.itemSize)
    }

    /// Whether nothing else holds its memory.
    mutating func ownsMemory() -> Bool {
        isKnownUniquelyReferenced(&body) && isKnownUniquelyReferenced(&body.storage)
    }

    /// Copies the memory unless nothing else refers to it and every element has its own location, which is not the case
    /// for broadcasts and overlapping windows.
    @usableFromInline mutating func makeUnique() {
        if ownsMemory() && body.edge == nil && strides == denseStrides { return }
        self = copied(strides: denseStrides)
    }

    /// The same elements in row-major order; the tensor itself if they already are.
    public func contiguous() -> Tensor { ordered(as: shape.rowMajorStrides, isContiguous) }

    /// The same elements stored as (N, spatial…, C); the tensor itself if they already are.
    public func channelsLast() -> Tensor { ordered(as: shape.channelsLastStrides, isChannelsLast) }

    private func ordered(as strides: Shape, _ isSo: Bool) -> Tensor {
        if isSo { return self }
        return copied(strides: strides).recorded("contiguous", self) { $0 }
    }

    /// The elements converted to `dtype`; the tensor itself if it already has that dtype.
    ///
    /// Converting to integers truncates fractions, and converting to bool makes everything but zero true. The gradient
    /// is converted back.
    public func to(_ dtype: DType) -> Tensor {
        if dtype == self.dtype { return self }
        let out = Tensor.uninitialized(shape, strides: denseStrides, dtype: dtype, device: device)
        backend.copy(operand, to: out.operand)
        let original = self.dtype
        return dtype.isFloatingPoint ? out.recorded("to", self) { $0.to(original) } : out
    }

    /// The elements on `device`, in the same layout; the tensor itself if it is already there. The gradient is copied
    /// back.
    ///
    /// A copy to a GPU from pinned memory (``pinned()``) is asynchronous; from other memory the call waits until it has
    /// been read. A copy to the CPU waits for all earlier work on the GPU. A copy from one GPU to another is asynchronous
    /// if they can reach each other's memory, and otherwise goes through the host.
    public func to(_ device: Device) -> Tensor {
        let home = self.device
        if device == home { return self }
        return moved(to: device).recorded("to", self) { $0.to(home) }
    }

    private func moved(to device: Device) -> Tensor {
        let order = denseStrides
        let isDense = isContiguous || isChannelsLast || strides == order
        let x = isDense ? self : copied(strides: order)
        switch (self.device.kind, device.kind) {
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
        case (.cuda(let source), .cuda(let target)):
            let (source, target) = (CUDABackend.device(source), CUDABackend.device(target))
            if !source.canReach(target) { return x.moved(to: .cpu).moved(to: device) }
            let out = Tensor.uninitialized(shape, strides: order, dtype: dtype, device: device)
            source.copy(x.flatOperand, to: out.flatOperand, on: target)
            return out
        default: return x.moved(to: .cpu).moved(to: device)
        }
    }

    /// The memory of a contiguous tensor as one axis.
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
    /// Identifies one state of a tensor's memory, as long as this value is kept.
    package struct Contents: Equatable, Sendable {
        private let derived: DerivedValues
        private let pointer: Int

        fileprivate init(_ body: TensorBody) {
            derived = body.storage.derivedValues
            pointer = Int(bitPattern: body.pointer)
        }

        package static func == (a: Contents, b: Contents) -> Bool {
            a.derived === b.derived && a.pointer == b.pointer
        }
    }

    /// The current contents. They differ after any change, because a change drops what was derived from them.
    package var contents: Contents { Contents(body) }
}
