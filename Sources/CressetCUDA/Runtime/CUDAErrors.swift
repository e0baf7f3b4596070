import CCUDA
import Glibc

/// Ends the program if a call to NVIDIA's libraries failed: a GPU that reported an error is unusable in this process.
@inline(__always)
func check(_ status: Int32, _ call: StaticString, _ context: @autoclosure () -> String = "") {
    if status != 0 { failed(status, call, context()) }
}

@inline(never)
func failed(_ status: Int32, _ call: StaticString, _ context: String) -> Never {
    fflush(nil)
    var text = "CUDA error \(status)"
    if case .success(let libraries) = CUDALibraries.shared, "\(call)".hasPrefix("cu"), !"\(call)".hasPrefix("cublas") {
        var name: UnsafePointer<CChar>?
        var words: UnsafePointer<CChar>?
        if libraries.driver.cuGetErrorName(status, &name) == 0, libraries.driver.cuGetErrorString(status, &words) == 0,
            let name, let words
        {
            text = "\(String(cString: name)) (\(status)): \(String(cString: words))"
        }
    }
    let asynchronous = [700, 716, 719].contains(status)
    fatalError(
        "\(call)\(context.isEmpty ? "" : " for \(context)"): \(text)"
            + (asynchronous
                ? "\n  hint: a kernel launched before this call failed; CRESSET_SYNC=1 shows which one" : ""))
}

@inline(__always)
func mustHold(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds { fatalError(message()) }
}
