/// Ends the program with `message` unless `holds`: for conditions that callers of the kernels have ensured. A release
/// build would drop the message of `precondition`.
@inline(__always)
func mustHold(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds { fatalError(message()) }
}
