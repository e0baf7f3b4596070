import CCUDA
import CressetBackend

/// A number on its way to the host, while the program and the device go on.
package final class PendingRead: @unchecked Sendable {
    private let backend: CUDABackend
    private let staging: UnsafeMutableRawPointer
    private let event: cr_event

    fileprivate init(_ x: Operand, _ backend: CUDABackend) {
        self.backend = backend
        backend.activate()
        staging = backend.pinned.allocate(4)
        check(
            backend.driver.cuMemcpyDtoHAsync_v2(staging, UInt64(UInt(bitPattern: x.pointer)), 4, backend.stream),
            "cuMemcpyDtoHAsync_v2")
        event = backend.driver.event(behind: backend.stream)
    }

    deinit { backend.pinned.free(staging, 4, after: event) }

    /// The number, once the device has come to the point where it was asked for; nil before.
    package var value: Float? {
        backend.activate()
        return backend.driver.hasPassed(event) ? staging.load(as: Float.self) : nil
    }

    /// Waits until the device has come to that point.
    package func wait() -> Float {
        backend.activate()
        check(backend.driver.cuEventSynchronize(event), "cuEventSynchronize")
        return staging.load(as: Float.self)
    }
}

extension CUDABackend {
    /// Begins to read a float32 number as it is after all work submitted so far.
    package func beginReading(_ x: Operand) -> PendingRead { PendingRead(x, self) }
}
