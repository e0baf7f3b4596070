import CCUDA

extension cresset_cuda_driver {
    /// A stream that does not synchronise with the default stream, which is never used.
    func makeStream() -> cr_stream {
        var stream: cr_stream?
        check(cuStreamCreateWithPriority(&stream, 1, 0), "cuStreamCreateWithPriority")
        return stream!
    }

    /// An event without timing, which is cheaper.
    func makeEvent() -> cr_event {
        var event: cr_event?
        check(cuEventCreate(&event, 2), "cuEventCreate")
        return event!
    }

    /// Whether the device has come to the event. Traps if earlier work has failed: then it never will.
    func hasPassed(_ event: cr_event) -> Bool {
        let status = cuEventQuery(event)
        // 600 is CUDA_ERROR_NOT_READY.
        if status != 600 { check(status, "cuEventQuery") }
        return status == 0
    }

    /// A new event after all work submitted to `stream` so far.
    func event(behind stream: cr_stream) -> cr_event {
        let event = makeEvent()
        check(cuEventRecord(event, stream), "cuEventRecord")
        return event
    }
}
