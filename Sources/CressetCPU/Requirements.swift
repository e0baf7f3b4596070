/// Ends the program with `message` unless `holds`: for what callers of the kernels have seen to. A release build drops the
/// text of `precondition`.
@inline(__always)
func mustHold(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds { fatalError(message()) }
}
