import CCUDA
import CressetBackend

/// Host memory that a copy has yet to read is kept alive, and kept from being changed in place, until it has been read.
final class CopySources: @unchecked Sendable {
    private let sources = Locked<[(event: cr_event, source: Storage)]>([])
    private let driver: cresset_cuda_driver

    init(_ driver: cresset_cuda_driver) { self.driver = driver }

    func keep(_ source: Storage, until event: cr_event) {
        sources.withLock { $0.append((event, source)) }
        release()
    }

    /// Releases what has been read.
    func release() {
        let done = sources.withLock { sources -> [(event: cr_event, source: Storage)] in
            let done = sources.filter { driver.cuEventQuery($0.event) == 0 }
            if !done.isEmpty { sources.removeAll { entry in done.contains { $0.event == entry.event } } }
            return done
        }
        for entry in done { check(driver.cuEventDestroy_v2(entry.event), "cuEventDestroy_v2") }
    }
}

extension CUDABackend {
    /// Keeps `source` until the work submitted to `stream` so far is done.
    func keep(_ source: Storage, for stream: cr_stream) {
        copySources.keep(source, until: driver.event(behind: stream))
    }

    func finishCopies() { copySources.release() }

    /// Whether work is currently recorded into a graph instead of being executed.
    package var isCapturing: Bool {
        activate()
        var status: Int32 = 0
        return driver.cuStreamIsCapturing(rawStream, &status) == 0 && status != 0
    }
}
