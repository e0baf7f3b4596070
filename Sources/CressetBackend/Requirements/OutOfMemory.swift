#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What happens if a machine has less memory than requested.
///
/// Operators do not throw, so the program ends: by a trap that says how much was wanted, or as the program itself has
/// arranged before.
package enum OutOfMemory {
    /// Called instead of the trap, on the thread that requested memory; must end the program.
    ///
    /// To be set once, before there are tensors. The first argument says how much of what was wanted, on one line; the
    /// second is what to do about it.
    package nonisolated(unsafe) static var handler: ((String, String) -> Never)?

    /// Ends the program.
    package static func end(_ message: String, hint: String) -> Never {
        if let handler { handler(message, hint) }
        // Otherwise the output so far would be lost if it goes to a pipe.
        fflush(nil)
        // Distinguishes this trap from programming errors.
        errno = ENOMEM
        fatalError("\(message)\n  hint: \(hint)")
    }
}
