import CCUDA
import CressetBackend

/// Copies from pinned memory in a separate stream, so that the next batch is uploaded while the GPU works on this one.
///
/// A tensor's own memory cannot be written by another stream: earlier work in the compute stream may still use the
/// memory it was given. So the bytes are copied into one of a few blocks that nothing else uses, and from there moved
/// in the compute stream's order, which takes a fraction of the upload time. Events enforce that order in both streams.
final class UploadRing: @unchecked Sendable {
    /// Smaller copies use the compute stream; larger ones would hold too much memory.
    static let sizes = 1 << 18...1 << 28

    private struct Place {
        var block: Allocator.Block?
        var capacity = 0
        /// After the last move out of the block.
        var isFree: cr_event?
        /// After the last copy into it.
        var isFilled: cr_event?
    }

    private struct State {
        var stream: cr_stream?
        var places = [Place](repeating: Place(), count: 3)
        var next = 0
    }

    private let state = Locked(State())

    /// Copies `bytes` to `out`, row-major; `source` owns them and is not changed before they have been read.
    func upload(_ bytes: UnsafeRawBufferPointer, of source: Storage, to out: Operand, on backend: CUDABackend) {
        let driver = backend.driver
        state.withLock { state in
            let stream = state.stream ?? driver.makeStream()
            state.stream = stream
            let i = state.next
            state.next = (i + 1) % state.places.count
            prepare(&state.places[i], bytes.count, backend)
            let place = state.places[i]
            let address = place.block!.pointee.address
            check(driver.cuStreamWaitEvent(stream, place.isFree, 0), "cuStreamWaitEvent")
            check(driver.cuMemcpyHtoDAsync_v2(address, bytes.baseAddress!, bytes.count, stream), "cuMemcpyHtoDAsync_v2")
            check(driver.cuEventRecord(place.isFilled, stream), "cuEventRecord")
            check(driver.cuStreamWaitEvent(backend.stream, place.isFilled, 0), "cuStreamWaitEvent")
            check(
                driver.cuMemcpyDtoDAsync_v2(
                    UInt64(UInt(bitPattern: out.pointer)), address, bytes.count, backend.stream),
                "cuMemcpyDtoDAsync_v2")
            check(driver.cuEventRecord(place.isFree, backend.stream), "cuEventRecord")
            backend.keep(source, for: stream)
        }
    }

    /// Makes sure that a place has room. A new block may still be used by earlier work of the compute stream.
    private func prepare(_ place: inout Place, _ byteCount: Int, _ backend: CUDABackend) {
        if place.isFree == nil {
            place.isFree = backend.driver.makeEvent()
            place.isFilled = backend.driver.makeEvent()
        }
        if place.capacity >= byteCount { return }
        // The move out of it was submitted to the compute stream, and so will be all future uses of the block.
        if let block = place.block { backend.memory.free(block) }
        place.block = backend.memory.allocate(byteCount, for: .uploads, inCapture: false)
        guard let block = place.block else { backend.outOfMemory(byteCount, for: .uploads) }
        place.capacity = block.pointee.size
        check(backend.driver.cuEventRecord(place.isFree, backend.stream), "cuEventRecord")
    }
}
