import Cresset
import CressetTrain
import FoundationEssentials
import Glibc

/// The lines that are printed about a run, each behind its time: `log.txt` in its folder.
///
/// A line that cannot be written there is left out: a run is worth more than its log.
struct RunLog: Sendable {
    private let path: FilePath

    /// The log of the run in `folder`; a run that goes on adds to it.
    init(_ folder: RunFolder) { path = folder.logPath }

    func write(_ line: String) {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
        let descriptor = path.withPlatformString { open($0, flags, 0o666) }
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = writeAll("\(Date.now.formatted(.iso8601)) \(line)\n", to: descriptor)
    }
}
