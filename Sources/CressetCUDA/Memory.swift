import CCUDA
import CressetBackend
import Glibc

extension CUDABackend {
    package func allocate(byteCount: Int) -> Storage { allocate(byteCount, for: .kernels) }

    package func allocate(_ shape: Shape, _ dtype: DType) -> Storage {
        allocate(shape.elementCount * dtype.itemSize, for: .tensor(shape, dtype))
    }

    /// Memory for `use`; `inCapture`: whether it may be in the memory of a graph that is being captured.
    func allocate(_ byteCount: Int, for use: MemoryUse, inCapture: Bool = true) -> Storage {
        if byteCount < 0 { fatalError("a tensor cannot have \(byteCount) bytes: a length of its shape is negative") }
        activate()
        guard let block = memory.allocate(byteCount, for: use, inCapture: inCapture) else {
            outOfMemory(byteCount, for: use)
        }
        let address = UInt(block.pointee.address)
        let handle = UInt(bitPattern: block)
        return Storage(pointer: UnsafeMutableRawPointer(bitPattern: address)!, byteCount: byteCount) { [memory] _, _ in
            memory.free(Allocator.Block(bitPattern: handle)!)
        }
    }

    /// Bytes in use and cached.
    package var memoryStatistics: MemoryStatistics {
        let statistics = memory.statistics
        return MemoryStatistics(
            inUse: statistics.inUse, peak: statistics.peak, reserved: statistics.reserved,
            allocationCount: statistics.allocations)
    }

    package func resetPeakMemory() { memory.resetPeak() }

    /// Returns free memory to the driver, for other programs.
    package func trimMemory() {
        activate()
        memory.trim()
    }

    // MARK: Access from the host

    package func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage?, to out: Operand) {
        if bytes.isEmpty { return }
        refuseInCapture("a copy from the host")
        activate()
        if let source, source.isPinned, UploadRing.sizes.contains(bytes.count) {
            uploads.upload(bytes, of: source, to: out, on: self)
            return
        }
        check(
            driver.cuMemcpyHtoDAsync_v2(
                UInt64(UInt(bitPattern: out.pointer)), bytes.baseAddress!, bytes.count, stream),
            "cuMemcpyHtoDAsync_v2")
        // The driver has read pageable memory when it returns; pinned memory is read in stream order.
        if let source, source.isPinned { keep(source, for: stream) }
    }

    package func download(_ x: Operand, into bytes: UnsafeMutableRawBufferPointer) {
        if bytes.isEmpty { return }
        refuseInCapture("reading a tensor's elements")
        activate()
        // Via pinned memory if that is cheap; the driver has its own way for large pieces.
        if bytes.count <= 1 << 20 {
            let staging = pinned.allocate(bytes.count)
            check(
                driver.cuMemcpyDtoHAsync_v2(staging, UInt64(UInt(bitPattern: x.pointer)), bytes.count, stream),
                "cuMemcpyDtoHAsync_v2")
            synchronize()
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: staging, count: bytes.count))
            pinned.free(staging, bytes.count)
        } else {
            check(
                driver.cuMemcpyDtoHAsync_v2(
                    bytes.baseAddress!, UInt64(UInt(bitPattern: x.pointer)), bytes.count, stream),
                "cuMemcpyDtoHAsync_v2")
            synchronize()
        }
    }

    package func synchronize() {
        refuseInCapture("waiting for the device")
        check(driver.cuStreamSynchronize(stream), "cuStreamSynchronize")
        faults.check()
        finishCopies()
    }

    /// Host memory whose copies to and from this device run at full speed.
    package func allocatePinned(byteCount: Int) -> Storage {
        activate()
        let pointer = pinned.allocate(max(byteCount, 1))
        return Storage(pointer: pointer, byteCount: byteCount, isPinned: true) { [self] pointer, byteCount in
            pinned.free(pointer, max(byteCount, 1))
        }
    }

    /// A captured graph contains only device work.
    func refuseInCapture(_ what: String) {
        if isCapturing {
            fflush(nil)
            fatalError(
                "\(what) cannot be part of a captured step\n  hint: keep it outside, or do without TrainStep's graph")
        }
    }
}
