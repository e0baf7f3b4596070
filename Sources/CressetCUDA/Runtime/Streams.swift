import CCUDA

extension cresset_cuda_driver {
    /// A stream that does not wait for the default stream, which nobody uses.
    func makeStream() -> cr_stream {
        var stream: cr_stream?
        check(cuStreamCreateWithPriority(&stream, 1, 0), "cuStreamCreateWithPriority")
        return stream!
    }

    /// An event that keeps no time, which is cheaper.
    func makeEvent() -> cr_event {
        var event: cr_event?
        check(cuEventCreate(&event, 2), "cuEventCreate")
        return event!
    }

    /// A new event behind all that was asked of `stream` so far.
    func event(behind stream: cr_stream) -> cr_event {
        let event = makeEvent()
        check(cuEventRecord(event, stream), "cuEventRecord")
        return event
    }
}
