import CCUDA

/// A point in the device's work that knows its time.
package final class TimedEvent: @unchecked Sendable {
    private let backend: CUDABackend
    private let event: cr_event

    /// The point after all work submitted to the device so far.
    package init(on backend: CUDABackend) {
        self.backend = backend
        backend.refuseInCapture("an event")
        var event: cr_event?
        check(backend.driver.cuEventCreate(&event, 0), "cuEventCreate")
        self.event = event!
        check(backend.driver.cuEventRecord(event, backend.stream), "cuEventRecord")
    }

    deinit { _ = backend.driver.cuEventDestroy_v2(event) }

    /// Whether the device has come to that point.
    package var isPassed: Bool {
        backend.activate()
        return backend.driver.hasPassed(event)
    }

    /// Waits until the device has come to that point.
    package func wait() {
        backend.activate()
        check(backend.driver.cuEventSynchronize(event), "cuEventSynchronize")
    }

    /// Milliseconds from this point to a later one of the same device; waits for both.
    package func milliseconds(to end: TimedEvent) -> Double {
        wait()
        end.wait()
        var time: Float = 0
        check(backend.driver.cuEventElapsedTime(&time, event, end.event), "cuEventElapsedTime")
        return Double(time)
    }
}
