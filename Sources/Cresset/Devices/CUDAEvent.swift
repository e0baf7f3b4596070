import CressetCUDA
import Synchronization

extension CUDA {
    /// A point in a GPU's work, to measure how long the GPU takes, or to wait for a part of the work alone.
    ///
    /// ```swift
    /// let start = CUDA.Event(on: .cuda(0))
    /// start.record()
    /// let scores = model(images)
    /// let end = CUDA.Event(on: .cuda(0))
    /// end.record()
    /// print(start.elapsedTime(to: end), "ms")
    /// ```
    ///
    /// The time is the GPU's own: it does not include what the program does beside it. An event cannot be part of a
    /// recorded step.
    ///
    /// *Source*: `torch.cuda.Event(enable_timing=True)`.
    public final class Event: Sendable {
        /// The GPU whose work it marks.
        public let device: Device
        private let marked = Mutex<TimedEvent?>(nil)
        private var point: TimedEvent? { marked.withLock { $0 } }

        /// An event that has not been recorded yet. Traps if `device` is not a GPU.
        ///
        /// - Parameter device: The GPU.
        public init(on device: Device) {
            guard device.cudaIndex != nil else { fail("CUDA.Event", "\(device) is not a GPU") }
            self.device = device
        }

        /// Marks the point after all work submitted to the GPU so far; a point marked earlier is forgotten.
        public func record() {
            guard let ordinal = device.cudaIndex else { return }
            let point = TimedEvent(on: CUDABackend.device(ordinal))
            marked.withLock { $0 = point }
        }

        /// Whether the GPU has done all work up to the point; true if none has been marked.
        ///
        /// *Source*: `torch.cuda.Event.query`.
        public var isDone: Bool { point?.isPassed ?? true }

        /// Waits until the GPU has done all work up to the point. Later work may still be going on.
        public func synchronize() { point?.wait() }

        /// The time in milliseconds from this point to that of `end`; waits for both. Negative if `end` is the earlier.
        ///
        /// Traps if one has not been recorded, or if they are on different GPUs.
        ///
        /// - Parameter end: The event at the end of the time.
        public func elapsedTime(to end: Event) -> Double {
            guard let point, let last = end.point else {
                fail("CUDA.Event", "an event has not been recorded", hint: "call record() on both")
            }
            if device != end.device { fail("CUDA.Event", "events on \(device) and \(end.device) share no clock") }
            return point.milliseconds(to: last)
        }
    }
}
