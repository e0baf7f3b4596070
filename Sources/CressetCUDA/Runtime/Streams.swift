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

    /// A new event after all work submitted to `stream` so far.
    func event(behind stream: cr_stream) -> cr_event {
        let event = makeEvent()
        check(cuEventRecord(event, stream), "cuEventRecord")
        return event
    }
}
