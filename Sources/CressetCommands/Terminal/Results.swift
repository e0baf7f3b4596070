import Cresset
import CressetTrain
import FoundationEssentials
import Glibc

/// The destination of a command's results: they all arrive, or the command fails. Lines of progress may be lost.
package enum Results {
    /// Writes a line to standard output.
    ///
    /// *Throws* ``Failure`` if that is impossible; a silent one if the reader of a pipe has gone.
    ///
    /// - Parameter line: The text without the line break.
    package static func writeLine(_ line: String) throws(Failure) { try write(line + "\n") }

    /// A value as JSON, with its keys in alphabetical order.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - isPretty: Whether it takes several lines instead of one.
    package static func json(_ value: some Encodable, isPretty: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Writes `text` to standard output.
    package static func write(_ text: String) throws(Failure) {
        let code = writeAll(text, to: STDOUT_FILENO)
        if code == 0 { return }
        if code == EPIPE { throw Failure("standard output: nobody reads it", kind: .brokenPipe) }
        throw Failure(
            "standard output: the results cannot be written: \(systemMessage(code))",
            hint: "check where the output goes", kind: .inputOutput)
    }
}

/// Writes all of `text`, unbuffered: it is preserved even if the process is killed next.
///
/// Returns 0, or the system's error number.
func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            guard errno == EAGAIN else { return errno }
            // Somebody has made it non-blocking; it is full now.
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&wait, 1, -1)
            continue
        }
        bytes = bytes.dropFirst(count)
    }
    return 0
}
